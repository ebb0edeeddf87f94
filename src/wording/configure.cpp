// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> configure_wording() {
  static constexpr std::array rows{
      Row{.code = "configure.results",
          .exit = Exit::operation,
          .message = "{path}: what a maintainer script made cannot be kept: {cause}"},
  };
  return rows;
}

}  // namespace ccci::wording
