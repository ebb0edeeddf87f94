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
      Row{.code = "image.no-skopeo",
          .exit = Exit::usage,
          .message = "--push: expected skopeo in the environment, found none",
          .hint = "add \"skopeo\" to packages in [runtime]"},
      Row{.code = "image.offline",
          .exit = Exit::usage,
          .message = "--push: needs the network, and --offline forbids it",
          .hint = "leave out --offline"},
      Row{.code = "image.no-credentials",
          .message = "--push: the variable REGISTRY_AUTH_FILE names '{path}', which cannot be "
                     "read: {cause}",
          .hint = "correct the variable, or unset it to use the file of docker login"},
      Row{.code = "image.no-registry",
          .exit = Exit::usage,
          .message = "image '{image}': expected a registry in its tag, found '{tag}'",
          .hint = "write it as \"registry.example.org/{tag}\" in tags"},
      Row{.code = "image.colon",
          .exit = Exit::usage,
          .message = "'{file}': expected a path without ':' to push from",
          .hint = "give --out another file"},
      Row{.code = "image.push",
          .message = "{tag}: the image cannot be pushed: {problem}",
          .hint = "if the registry asks for a password: docker login"},
      Row{.code = "image.other-digest",
          .message = "{tag}: expected {expected} in the registry, found {found}",
          .hint = "the registry or something before it changes images: ask its administrator"},
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
