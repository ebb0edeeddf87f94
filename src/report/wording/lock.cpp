// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> lock_wording() {
  static constexpr std::array rows{
      Wording{.code = "lock.syntax",
              .exit = Exit::usage,
              .message = "{path}: expected '{expected}', found '{found}'",
              .hint = "git checkout -- {path}; without another copy: rm {path} && cc-ci lock"},
      Wording{
          .code = "lock.line-endings",
          .exit = Exit::usage,
          .message = "{path}: lines end with a carriage return, which cc-ci never writes",
          .hint = "echo '{path} -text' >>.gitattributes && rm {path} && git checkout -- {path}"},
      Wording{.code = "lock.damaged",
              .exit = Exit::usage,
              .message = "{path}: is not as cc-ci wrote it: digest {expected}, content {found}",
              .hint = "git checkout -- {path}; without another copy: rm {path} && cc-ci lock"},
      Wording{.code = "lock.merge-conflict",
              .exit = Exit::usage,
              .message = "{path}: holds the conflict markers of a merge",
              .hint = "git checkout --ours -- {path} && cc-ci lock"},
      Wording{.code = "lock.newer-format",
              .exit = Exit::usage,
              .message = "{path}: is in format {format}, this cc-ci reads format 1",
              .hint = "install a newer cc-ci"},
      Wording{.code = "lock.too-large",
              .exit = Exit::usage,
              .message = "{path}: is larger than the {limit} bytes that a lock may have"},
      Wording{.code = "lock.name-taken",
              .exit = Exit::usage,
              .message = "archive '{name}': a Debian package of that name is needed by others",
              .hint = "another name for it under [packages]"},
  };
  return rows;
}

}  // namespace ccci::report
