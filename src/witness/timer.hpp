// SPDX-License-Identifier: GPL-3.0-or-later
// Fires a timer: installs the drop-ins, restarts the timer, checks whether it has fired, and
// removes the drop-ins.
#pragma once

#include "witness/exercise.hpp"

namespace ccci::witness {

// The drop-ins are installed as long as this object lives.
class Fire {
 public:
  // `name` is the name of the timer, `probe` the program for its service. [witness.exec], [base.*],
  // [activate.systemctl]
  static base::Result<Fire> set(Bench& bench, const std::string& name, const std::string& probe);
  Fire(Fire&& other) noexcept;
  Fire& operator=(Fire&&) = delete;
  ~Fire();

  // Whether the timer has fired since it was set.
  base::Result<bool> fired() const;
  // Removes the drop-ins. The destructor does the same but ignores errors.
  base::Result<void> end();

 private:
  Fire(Bench& bench, std::string name) : bench_(&bench), name_(std::move(name)) {}
  base::Result<std::string> last_trigger() const;

  Bench* bench_;  // null: ended
  std::string name_;
  std::string before_;
};

// Removes what a killed witness left below `runtime_units`, and restarts its timers so that they
// have a next time again. [activate.systemctl]
base::Result<void> clear_fires(activate::Systemd& systemd,
                               const std::filesystem::path& runtime_units);

}  // namespace ccci::witness
