// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> base_wording() {
  // Both are left out unless the disk is full.
  static constexpr std::string_view free_space =
      "cc-ci gc, or remove other files from '{full}'; then the same command again";
  static constexpr decltype(Row::notes) full{"the file system mounted at '{full}' is full"};
  static constexpr std::array rows{
      Row{.code = "base.digest-form",
          .exit = Exit::usage,
          .message = "'{text}': not a digest: expected 64 lower-case hex digits"},
      Row{.code = "base.open",
          .message = "{path}: cannot be opened: {cause}",
          .hint = free_space,
          .notes = full},
      Row{.code = "base.read", .message = "{path}: cannot be read: {cause}"},
      Row{.code = "base.write",
          .message = "{path}: cannot be written: {cause}",
          .hint = free_space,
          .notes = full},
      Row{.code = "base.sync",
          .message = "{path}: cannot be synced to disk: {cause}",
          .hint = free_space,
          .notes = full},
      Row{.code = "base.rename",
          .message = "{path}: cannot be moved into place: {cause}",
          .hint = free_space,
          .notes = full},
      Row{.code = "base.mkdir",
          .message = "{path}: the directory cannot be created: {cause}",
          .hint = free_space,
          .notes = full},
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
