// SPDX-License-Identifier: GPL-3.0-or-later
// How a switch on a host and the sender that started it exchange their states. They use files,
// because the switch could cut a connection:
//
//   /run/cc-ci/deploy/TOKEN/alive      locked while the switch runs
//                           state      the state of the switch, as JSON; replaced by rename
//                           confirmed  created by the confirmation
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "activate/layout.hpp"
#include "base/fd.hpp"
#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::deploy {

// none: there is no such switch. died: the switch ended without recording its outcome.
enum class Phase { none, switching, waiting, ended, died };
std::string_view phase_name(Phase phase);

// The result of a switch.
struct Outcome {
  std::string word;  // "switched", "current", "rolled-back", "failed"
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  std::optional<base::Error> error;
};

struct SwitchState {
  Phase phase = Phase::none;
  Outcome outcome;  // once it has ended
};

base::Json to_json(const SwitchState& state);
base::Result<SwitchState> state_from(const base::Json& json);  // [deploy.message]

using Pause = std::function<void(std::chrono::milliseconds)>;

class Confirmation {
 public:
  static bool is_token(std::string_view text);  // 32 lower-case hex digits
  static std::string new_token();

  // [deploy.token]
  static base::Result<Confirmation> of(const activate::Layout& layout, const std::string& token);

  // Called by the switch. It keeps the returned lock while it runs. Fails with [deploy.token] if
  // the token was used before.
  base::Result<base::Fd> begin() const;
  // Records the phase `waiting` and waits. Returns false if no confirmation came in time, or if
  // `interrupted` returned true.
  base::Result<bool> wait(std::chrono::milliseconds within, const Pause& pause,
                          const std::function<bool()>& interrupted) const;
  base::Result<void> end(const Outcome& outcome) const;

  // The functions below are for the sender. confirm() fails with [deploy.token] if there is no such
  // switch.
  base::Result<void> confirm() const;
  base::Result<SwitchState> look() const;
  // Looks until the switch is in none of the phases `beyond`, or until `within` has passed.
  base::Result<SwitchState> look_beyond(std::initializer_list<Phase> beyond,
                                        std::chrono::milliseconds within, const Pause& pause) const;

 private:
  explicit Confirmation(std::filesystem::path place) : place_(std::move(place)) {}
  base::Result<void> say(const SwitchState& state) const;
  bool alive() const;
  void forget_old() const;

  std::filesystem::path place_;
};

}  // namespace ccci::deploy
