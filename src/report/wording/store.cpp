// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> store_wording() {
  static constexpr std::array rows{
      // The store itself.
      Wording{
          .code = "store.state-directory",
          .message = "state directory '{path}': cannot be used: {part}: {cause}",
          .hint = "cc-ci --state DIR (or CC_CI_STATE=DIR), with a directory that you may write"},
      Wording{.code = "store.lock", .message = "lock '{lock}' in the store: {cause}"},
      Wording{.code = "store.staging",
              .message = "{path}: a staging directory cannot be created: {cause}"},
      Wording{.code = "store.busy",
              .message = "this process uses the store itself, so it cannot remove objects now"},
      Wording{.code = "store.publish",
              .message = "object '{object}': cannot be published: {path}: {cause}",
              .notes = {"nothing of it was published; its staging directory was removed"}},
      Wording{.code = "store.pack", .message = "a manifest cannot be packed: {cause}"},
      Wording{.code = "store.no-space",
              .message = "object '{object}': no space left on the disk",
              .hint = "cc-ci gc",
              .notes = {"needed {needed}", "free {free}, {inodes} inodes",
                        "nothing of it was published; its staging directory was removed"}},
      Wording{.code = "store.unknown",
              .exit = Exit::usage,
              .message = "object '{object}': not in the store"},
      Wording{.code = "store.ambiguous",
              .exit = Exit::usage,
              .message = "object '{object}': more than one object has this prefix",
              .notes = {"{first}", "{second}"}},
      Wording{.code = "store.manifest",
              .message = "{file}: line {line} is not a manifest entry: '{text}'",
              .hint = "cc-ci store repair"},
      Wording{.code = "store.meta",
              .message = "object '{object}': its meta.json cannot be used: {cause}",
              .hint = "cc-ci store repair"},
      Wording{.code = "store.file-type",
              .message = "{path}: expected a directory, a file or a link"},
      Wording{
          .code = "store.root-name",
          .exit = Exit::usage,
          .message = "root '{root}': expected a name of letters, digits and '.', '_', '-', '+'"},
      Wording{.code = "store.unknown-root",
              .exit = Exit::usage,
              .message = "root '{root}': does not exist",
              .hint = "cc-ci store roots"},
      Wording{.code = "store.root-link",
              .message = "{path}: expected a link to an object, found '{target}'",
              .hint = "rm '{path}'"},
      Wording{.code = "store.repair",
              .message = "object '{object}': {path}: cannot be repaired: {cause}"},

      // Packages.
      Wording{.code = "store.archive-missing",
              .message = "package '{package}': {file}: cannot be read: {cause}",
              .hint = "cc-ci build (fetches it again if a mirror still has it)"},
      Wording{.code = "store.archive-corrupt",
              .message = "package '{package}': {file}: expected sha256 {expected}, found {found}",
              .hint = "cc-ci store repair, then cc-ci build"},
      Wording{.code = "store.unpack",
              .message = "package '{package}': member '{member}': cannot be unpacked: {cause}"},
      Wording{.code = "store.not-a-deb",
              .message =
                  "package '{package}': not a .deb: expected an ar archive of debian-binary, "
                  "control.tar, data.tar"},
      Wording{.code = "store.deb-version",
              .message = "package '{package}': .deb format {version}: expected 2.0"},
      Wording{.code = "store.compression",
              .message = "package '{package}': member '{member}': unknown compression: expected "
                         "none, .gz, .xz or .zst"},
      Wording{.code = "store.archive-form",
              .message = "package '{package}': {member}: cannot be unpacked: {cause}"},
      Wording{.code = "store.truncated",
              .message = "package '{package}': member '{member}': is truncated"},
      Wording{.code = "store.trailing",
              .message = "package '{package}': member '{member}': unexpected bytes follow it"},
      Wording{
          .code = "store.size",
          .message = "package '{package}': member '{member}': its declared size '{size}' is wrong"},
      Wording{.code = "store.bomb",
              .message = "package '{package}': exceeds the limit of {most} {limit}",
              .notes = {"this limit protects against archives that are made to fill the disk"}},
      Wording{.code = "store.name-absolute",
              .message = "package '{package}': member '{member}': expected a relative name"},
      Wording{
          .code = "store.name-escapes",
          .message = "package '{package}': member '{member}': its name leads out of the package"},
      Wording{.code = "store.name-too-long",
              .message = "package '{package}': member '{member}': its name is too long"},
      Wording{
          .code = "store.name-too-deep",
          .message = "package '{package}': member '{member}': is in too many nested directories"},
      Wording{.code = "store.duplicate",
              .message = "package '{package}': member '{member}': appears twice",
              .notes = {"first as '{first}'"}},
      Wording{.code = "store.below-link",
              .message = "package '{package}': member '{member}': its parent '{parent}' is a link"},
      Wording{.code = "store.below-file",
              .message = "package '{package}': member '{member}': its parent '{parent}' is a file"},
      Wording{.code = "store.hard-link",
              .message = "package '{package}': member '{member}': is a hard link to '{target}', "
                         "expected an earlier file as its target"},
      Wording{.code = "store.device",
              .message = "package '{package}': member '{member}': expected a file, a directory or "
                         "a link, found a device, FIFO or socket"},
      Wording{.code = "store.control-member",
              .message = "package '{package}': control member '{member}': expected a file with a "
                         "plain name and at most {most} MiB"},
  };
  return rows;
}

}  // namespace ccci::report
