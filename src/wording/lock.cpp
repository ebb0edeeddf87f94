// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> lock_wording() {
  static constexpr std::array rows{
      Row{.code = "lock.syntax",
          .exit = Exit::usage,
          .message = "{path}: expected '{expected}', found '{found}'",
          .hint = "git checkout -- {path}; if there is no other copy: rm {path} && cc-ci lock"},
      Row{.code = "lock.other-file",
          .exit = Exit::usage,
          .message = "{path}: expected a lock that cc-ci wrote, found another file",
          .hint = "cc-ci diff HEAD cc-ci.lock"},
      Row{.code = "lock.line-endings",
          .exit = Exit::usage,
          .message = "{path}: lines end with a carriage return, which cc-ci never writes",
          .hint = "echo '{path} -text' >>.gitattributes && rm {path} && git checkout -- {path}"},
      Row{.code = "lock.damaged",
          .exit = Exit::usage,
          .message =
              "{path}: was changed after cc-ci wrote it: expected digest {expected}, found {found}",
          .hint = "git checkout -- {path}; if there is no other copy: rm {path} && cc-ci lock"},
      Row{.code = "lock.merge-conflict",
          .exit = Exit::usage,
          .message = "{path}: contains the conflict markers of a merge",
          .hint = "git checkout --ours -- {path} && cc-ci lock"},
      Row{.code = "lock.newer-format",
          .exit = Exit::usage,
          .message = "{path}: expected format 1, found format {format}",
          .hint = "install a newer cc-ci"},
      Row{.code = "lock.architecture",
          .exit = Exit::usage,
          .message = "{path}: is for architecture '{found}', this machine has '{expected}'",
          .hint = "cc-ci lock"},
      Row{.code = "lock.too-large",
          .exit = Exit::usage,
          .message = "{path}: is larger than the limit of {limit} bytes"},
      Row{.code = "lock.no-playwright",
          .exit = Exit::usage,
          .message = "browser '{name}': the environment has no Playwright, and nothing else looks "
                     "for browsers there",
          .hint = "[packages.playwright] pypi = \"playwright\", and 'playwright' in [runtime] "
                  "python; for the command {name} alone, declare it under tools"},
      Row{.code = "lock.name-taken",
          .exit = Exit::usage,
          .message = "archive '{name}': another package needs the Debian package of this name",
          .hint = "choose another name for the archive under [packages]"},
      Row{.code = "lock.descent",
          .message =
              "{count} packages go down: the lock had them from {from}, and they are now from {to}",
          .hint = "if apt here has no entry for {from}, add it to /etc/apt, then: git checkout "
                  "cc-ci.lock && cc-ci lock --update",
          .notes = {"fixes that only {from} has are lost for all hosts"}},
      Row{.code = "lock.lost",
          .message = "{count} moved although nothing asks for it: {packages}",
          .hint = "a machine that has built this lock keeps the archives: update there, or accept "
                  "these versions",
          .notes = {"no index here has the locked versions, the state has not kept their archives, "
                    "and no mirror of the lock supplied them"}},
  };
  return rows;
}

}  // namespace ccci::wording
