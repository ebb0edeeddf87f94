// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the compose files of a recipe and resolves them to a stack.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "recipe/folder.hpp"
#include "recipe/interpolate.hpp"
#include "recipe/stack.hpp"
#include "recipe/tree.hpp"

namespace ccci::recipe {

struct ComposeRequest {
  std::string stack;               // its name
  std::vector<std::string> files;  // paths in the recipe; later ones change earlier ones
  Variables variables;             // for `${X}`, bare `KEY` entries and COMPOSE_PROFILES
  // abra gives every service all variables of the app's env file that it does not set itself.
  Variables given_to_services;
  // false: what only a deployment needs may be missing, images and the values of ${X:?}.
  bool to_deploy = true;
};

struct ComposeFile {
  std::string name;
  Node raw;     // as written
  Node filled;  // with its variables
};

struct Composed {
  Stack stack;
  Sources sources;
  std::vector<ComposeFile> files;
  std::set<std::string> unset;  // variables without a value and without a default
  // The `name` of each secret and config before variables were filled in, by key.
  std::map<std::string, std::string> raw_secret_names;
  std::map<std::string, std::string> raw_config_names;

  // The place of a value in the last file that has it, e.g. {"services", "app", "image"}. If there
  // is no such value: the place of the longest part of the path, in the first file that has it.
  base::Position where(const std::vector<std::string>& path) const;
};

// Reports all mistakes of a file at once. [recipe.no-compose] and all errors of draft.hpp,
// tree.hpp, interpolate.hpp and folder.hpp; [recipe.undefined], [recipe.no-image],
// [recipe.conflict]
base::Result<Composed> compose(const Folder& folder, const ComposeRequest& request);

}  // namespace ccci::recipe
