// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> seal_wording() {
  static constexpr std::array rows{
      Row{.code = "seal.denied",
          .exit = Exit::operation,
          .message = "programs of packages cannot be sealed off: {step} is denied: {cause}",
          .hint = "'cc-ci doctor' shows what this host allows",
          .notes = {"cc-ci runs them only without access to this host",
                    "needed for the maintainer scripts of {packages}"}},
  };
  return rows;
}

}  // namespace ccci::wording
