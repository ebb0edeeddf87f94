// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> git_wording() {
  static constexpr std::array rows{
      Row{.code = "git.remote", .message = "git cannot read the repository: {problem}"},
      Row{.code = "git.no-branch", .message = "branch '{branch}': the repository does not have it"},
  };
  return rows;
}

}  // namespace ccci::wording
