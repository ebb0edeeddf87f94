// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> doctor_wording() {
  static constexpr std::array rows{
      Row{.code = "doctor.unfit",
          .message = "{what}: {found}; nothing was changed",
          .hint = "{remedy}"},
  };
  return rows;
}

}  // namespace ccci::wording
