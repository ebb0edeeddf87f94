// SPDX-License-Identifier: GPL-3.0-or-later
// Deploys to one host: delivers, starts the switch, checks the host over new connections, confirms,
// and reads the result from the host itself.
//
// The switch runs on the host as a systemd unit of its own. Without a confirmation it restores the
// old generation. So a host that is unreachable after its switch becomes reachable again.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "activate/switch.hpp"
#include "base/clock.hpp"
#include "base/json.hpp"
#include "deploy/confirmation.hpp"
#include "deploy/remote.hpp"
#include "deploy/sender.hpp"

namespace ccci::deploy {

// unknown: the host could not be asked for the result of its switch. If the switch was not
// confirmed, it restores the old generation.
enum class End { switched, current, planned, rolled_back, failed, unknown };
std::string_view end_name(End end);

struct Row {
  std::string host;
  End end = End::failed;
  std::optional<std::uint64_t> before;  // generation numbers; empty: the host never told it
  std::optional<std::uint64_t> after;
  Delivered delivered;
  double seconds = 0;
  std::optional<base::Error> error;

  bool good() const { return end != End::rolled_back && end != End::failed && end != End::unknown; }
};
base::Json to_json(const Row& row);  // without its error

struct Options {
  bool dry = false;
  std::chrono::seconds deadline{60};  // for the health checks, and again for the confirmation
  std::string commit;                 // the project's commit; empty: unknown
  bool dirty = false;
  std::string override_reason = {};            // why a gate that blocks was overridden
  activate::Jobs jobs = activate::Jobs::wait;  // if runners that must restart are working
  std::chrono::seconds jobs_limit{600};        // for Jobs::wait; a connection may not last an hour
};

struct Timing {
  base::Clock& clock;
  Pause pause;
  // True: stop soon and leave the host as it is.
  std::function<bool()> interrupted = [] { return false; };
};

class Deployment {
 public:
  Deployment(Remote& remote, const Parcel& parcel, Wanted wanted, Options options, Timing timing,
             Watch watch)
      : remote_(remote),
        parcel_(parcel),
        wanted_(std::move(wanted)),
        options_(std::move(options)),
        timing_(std::move(timing)),
        watch_(std::move(watch)),
        token_(Confirmation::new_token()) {}

  Row run();

 private:
  // The host's answer to a question about its switch.
  struct Seen {
    SwitchState state;
    Active active;
  };

  base::Result<void> deliver();
  void activate();
  base::Result<bool> start();
  void follow(bool started);
  bool settle(const Seen& seen);  // false: the switch has not ended yet
  void judge(const Seen& seen);
  bool is_wanted(const Active& active) const;
  void finish(End end, base::Error error);
  void lose(std::string_view cause);
  void leave();

  std::vector<std::string> words(std::vector<std::string> command) const;
  base::Result<Seen> ask(std::vector<std::string> command, std::chrono::seconds limit);
  bool answers_status();

  Remote& remote_;
  const Parcel& parcel_;
  Wanted wanted_;
  Options options_;
  Timing timing_;
  Watch watch_;
  std::string token_;
  std::string program_ = "cc-ci";  // how cc-ci is called on the host
  Row row_;
  std::string last_;    // why the last question failed
  bool heard_ = false;  // the host has reported that its switch began
  bool told_ = false;   // the host has received the confirmation
};

}  // namespace ccci::deploy
