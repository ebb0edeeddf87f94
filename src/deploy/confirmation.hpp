// SPDX-License-Identifier: GPL-3.0-or-later
// How a switch that was started from elsewhere and the one who started it hear of each other,
// without a connection that a switch could cut:
//
//   /run/cc-ci/deploy/TOKEN/alive      locked while the switch runs
//                           state      how far it is, as JSON; replaced by rename
//                           confirmed  made by who confirms
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

// none: there is no such switch; died: it ended without saying how.
enum class Phase { none, switching, waiting, ended, died };
std::string_view phase_name(Phase phase);

// What it came to.
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

  // For the switch. The result is held while it runs. [deploy.token] where there was one of this
  // token before
  base::Result<base::Fd> begin() const;
  // Says that it waits, and does so. False where nobody confirmed in time, or `interrupted` said
  // so.
  base::Result<bool> wait(std::chrono::milliseconds within, const Pause& pause,
                          const std::function<bool()>& interrupted) const;
  base::Result<void> end(const Outcome& outcome) const;

  // For who started it. [deploy.token] where there is none
  base::Result<void> confirm() const;
  base::Result<SwitchState> look() const;
  // Looks until it is in none of the phases `beyond`, or for so long.
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
