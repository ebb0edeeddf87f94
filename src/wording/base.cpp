// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> base_wording() {
  static constexpr std::array rows{
      Row{.code = "base.digest-form",
          .exit = Exit::usage,
          .message = "'{text}': not a digest: expected 64 lower-case hex digits"},
      Row{.code = "base.open", .message = "{path}: cannot be opened: {cause}"},
      Row{.code = "base.read", .message = "{path}: cannot be read: {cause}"},
      Row{.code = "base.write", .message = "{path}: cannot be written: {cause}"},
      Row{.code = "base.sync", .message = "{path}: cannot be synced to disk: {cause}"},
      Row{.code = "base.rename", .message = "{path}: cannot be moved into place: {cause}"},
      Row{.code = "base.mkdir", .message = "{path}: the directory cannot be created: {cause}"},
      Row{.code = "base.remove", .message = "{path}: cannot be removed: {cause}"},
      Row{.code = "base.outside",
          .message = "{path}: leads out of the project through a symbolic link",
          .hint = "put a copy of the file into the project"},
      Row{.code = "base.not-a-file", .message = "{path}: is not a regular file"},
      Row{.code = "base.mount",
          .message = "{path}: is a mount point, so nothing was removed",
          .hint = "umount '{path}', then the same command again",
          .notes = {"what is mounted there is other data"}},
      Row{.code = "base.lock", .message = "{lock}: {cause}"},
      Row{.code = "base.lock-busy",
          .message = "{lock}: {cause} by {holder}",
          .hint = "end that process, then the same command again"},
      Row{.code = "base.too-large", .message = "{path}: is larger than the limit of {limit} bytes"},
      Row{.code = "base.exec", .message = "{command}: cannot be started: {cause}"},
  };
  return rows;
}

}  // namespace ccci::wording
