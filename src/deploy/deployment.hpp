// SPDX-License-Identifier: GPL-3.0-or-later
// One host from here: deliver, start its switch, look at it over new connections, confirm, and read
// from the host itself what it came to.
//
// The switch runs there as a unit of its own. It goes back by itself unless it is confirmed, so a
// host that cannot be reached any more after its switch becomes reachable again.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "deploy/confirmation.hpp"
#include "deploy/remote.hpp"
#include "deploy/sender.hpp"

namespace ccci::deploy {

// unknown: the host could not be asked what became of its switch; unless it was confirmed, it goes
// back by itself.
enum class End { switched, current, planned, rolled_back, failed, unknown };
std::string_view end_name(End end);

struct Row {
  std::string host;
  End end = End::failed;
  std::optional<std::uint64_t> before;  // generations; nothing: never heard
  std::optional<std::uint64_t> after;
  Delivered delivered;
  double seconds = 0;
  std::optional<base::Error> error;

  bool good() const { return end != End::rolled_back && end != End::failed && end != End::unknown; }
};
base::Json to_json(const Row& row);  // without its error

struct Options {
  bool dry = false;
  std::chrono::seconds deadline{60};  // for health, and then again for the confirmation
  std::string commit;                 // of the project; empty: unknown
  bool dirty = false;
};

struct Timing {
  base::Clock& clock;
  Pause pause;
  std::function<bool()> interrupted = [] { return false; };  // leave the host as it is, and soon
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
  // What the host says of the switch.
  struct Seen {
    SwitchState state;
    Active active;
  };

  base::Result<void> deliver();
  base::Error undelivered(base::Error error, const base::Outcome& outcome) const;
  void activate();
  bool is_current();
  base::Result<bool> start();
  void follow(bool started);
  bool settle(const Seen& seen);  // false: it goes on
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
  Row row_;
  std::string last_;    // why the host could not be asked
  bool heard_ = false;  // that its switch has begun
  bool told_ = false;   // to stay as it is
};

}  // namespace ccci::deploy
