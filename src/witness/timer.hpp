// SPDX-License-Identifier: GPL-3.0-or-later
// The fire of a timer: drop-ins put up, the timer started anew, its answer waited for, the drop-ins
// taken away again.
#pragma once

#include "witness/exercise.hpp"

namespace ccci::witness {

// Puts the drop-ins up for as long as it lives.
class Fire {
 public:
  // `name` is the timer's, `probe` what its service is to execute. [witness.exec], [base.*],
  // [activate.systemctl]
  static base::Result<Fire> set(Bench& bench, const std::string& name, const std::string& probe);
  Fire(Fire&& other) noexcept;
  Fire& operator=(Fire&&) = delete;
  ~Fire();

  // Whether the timer has fired since it was set.
  base::Result<bool> fired() const;
  // Takes everything back. Also done when this is dropped, but then nobody hears of errors.
  base::Result<void> end();

 private:
  Fire(Bench& bench, std::string name) : bench_(&bench), name_(std::move(name)) {}
  base::Result<std::string> last_trigger() const;

  Bench* bench_;  // nothing: ended
  std::string name_;
  std::string before_;
};

// Removes what a witness that was killed left below `runtime_units`, and gives its timers their
// next time again. [activate.systemctl]
base::Result<void> clear_fires(activate::Systemd& systemd,
                               const std::filesystem::path& runtime_units);

}  // namespace ccci::witness
