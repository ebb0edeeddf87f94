// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> doctor_wording() {
  static constexpr std::array rows{
      Row{.code = "doctor.unit-missing",
          .exit = Exit::usage,
          .message = "{unit}: expected a unit that is loaded, found '{found}'",
          .hint = "systemctl list-units --all shows the names"},
      Row{.code = "doctor.unit-command",
          .exit = Exit::usage,
          .message = "{unit}: {why}",
          .hint = "run its command by hand: cc-ci learn -- COMMAND"},
      Row{.code = "doctor.unit-user",
          .exit = Exit::usage,
          .message = "user '{user}': this machine has no such account"},
      Row{.code = "doctor.unit-runs",
          .exit = Exit::usage,
          .message = "{unit}: expected a service that does not run, found '{found}'",
          .hint = "systemctl stop {unit}, and start it again afterwards"},
      Row{.code = "doctor.unfit",
          .message = "{what}: {found}; nothing was changed",
          .hint = "{remedy}"},
  };
  return rows;
}

}  // namespace ccci::wording
