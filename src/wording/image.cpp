// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> image_wording() {
  static constexpr std::array rows{
      Row{.code = "image.none",
          .exit = Exit::usage,
          .message = "{path}: declares no image",
          .hint = "add a table [images.NAME]"},
      Row{.code = "image.unknown",
          .exit = Exit::usage,
          .message = "image '{name}': is not declared",
          .hint = "did you mean '{likely}'?",
          .notes = {"declared are: {known}"}},
      Row{.code = "image.one-file",
          .exit = Exit::usage,
          .message = "'{file}': expected a directory for several images, found another path",
          .hint = "give --out a directory that exists"},
      Row{.code = "image.user",
          .exit = Exit::usage,
          .message =
              "user '{user}' with number {id}: the packages of the image have '{other}' with "
              "number {other_id}",
          .hint = "choose another name or number, or do not declare the user"},
      Row{.code = "image.no-user",
          .exit = Exit::usage,
          .message = "user '{user}': the image has no such user",
          .hint = "declare it under 'users' of the image"},
      Row{.code = "image.path",
          .exit = Exit::usage,
          .message = "'{path}': cannot be made in the image: {why}"},
      Row{.code = "image.changed", .message = "'{path}': changed while it was read"},
  };
  return rows;
}

}  // namespace ccci::wording
