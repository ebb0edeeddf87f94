// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> configure_wording() {
  static constexpr std::array rows{
      Row{.code = "configure.results",
          .exit = Exit::operation,
          .message = "{path}: what a maintainer script made cannot be kept: {cause}"},
      Row{.code = "configure.slow",
          .exit = Exit::operation,
          .message = "the maintainer scripts of {packages} did not end within an hour",
          .hint = "build again when this machine has less work",
          .notes = {"they were still working; nothing was kept of them", "{output}"}},
  };
  return rows;
}

}  // namespace ccci::wording
