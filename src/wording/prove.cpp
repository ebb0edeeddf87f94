// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> prove_wording() {
  static constexpr std::array rows{
      Row{.code = "prove.unknown-proof",
          .exit = Exit::usage,
          .message = "there is no proof named '{name}'",
          .hint = "did you mean '{likely}'?",
          .notes = {"the proofs: {known}"}},
      Row{.code = "prove.from",
          .exit = Exit::usage,
          .message = "'{from}': expected PATH@REVISION, a file of the repository at a git "
                     "revision, found {found}",
          .hint = "write it as \"nix/modules/sweep.nix@v1.0\""},
  };
  return rows;
}

}  // namespace ccci::wording
