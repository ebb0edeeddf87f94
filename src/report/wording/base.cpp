// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> base_wording() {
  static constexpr std::array rows{
      Wording{.code = "base.digest-form",
              .exit = Exit::usage,
              .message = "'{text}': not a digest: expected 64 lower-case hex digits"},
      Wording{.code = "base.open", .message = "{path}: cannot be opened: {cause}"},
      Wording{.code = "base.read", .message = "{path}: cannot be read: {cause}"},
      Wording{.code = "base.write", .message = "{path}: cannot be written: {cause}"},
      Wording{.code = "base.sync", .message = "{path}: cannot be synced to disk: {cause}"},
      Wording{.code = "base.rename", .message = "{path}: cannot be moved into place: {cause}"},
      Wording{.code = "base.mkdir", .message = "{path}: the directory cannot be created: {cause}"},
      Wording{.code = "base.remove", .message = "{path}: cannot be removed: {cause}"},
      Wording{.code = "base.too-large",
              .message = "{path}: is larger than the limit of {limit} bytes"},
      Wording{.code = "base.exec", .message = "{command}: cannot be started: {cause}"},
  };
  return rows;
}

}  // namespace ccci::report
