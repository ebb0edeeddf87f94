// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe as its directory says, and an app of it: the recipe with a domain and values, ready to
// deploy. This does what abra does between `abra app new` and the deployment.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "recipe/compose.hpp"
#include "recipe/env_file.hpp"
#include "recipe/folder.hpp"
#include "recipe/secrets.hpp"

namespace ccci::recipe {

struct Recipe {
  std::string name;
  std::optional<std::string> sample;       // .env.sample
  std::optional<std::string> abra_sh;      // abra.sh
  std::optional<std::string> readme;       // README.md
  std::vector<std::string> compose_files;  // compose.yml and compose.*.yml, also in subdirectories
};

// [recipe.no-compose] if the directory has no compose.yml; errors of folder.hpp
base::Result<Recipe> read_recipe(const Folder& folder);

struct AppRequest {
  std::string domain;
  // Win over the values of .env.sample. STACK_NAME sets the stack's name. The name of a secret in
  // capitals gives its value (secret_value_key).
  Variables env;
  std::string version;  // of a released version; empty: that of the compose file
  // A chaos deployment is one of a commit that is no release.
  bool chaos = false;
  std::string commit;
  bool dirty = false;  // files differ from the commit
};

struct App {
  std::string recipe;
  Variables env;
  std::vector<std::string> files;  // of COMPOSE_FILE
  Composed composed;               // with the labels that abra sets
  std::vector<SecretSpec> secrets;
  std::string version;                          // the label coop-cloud.STACK.version, may be empty
  std::optional<std::chrono::seconds> timeout;  // to wait for the deployment
  std::vector<std::string> unread_exports;      // of abra.sh
};

// All errors of compose.hpp and env_file.hpp.
base::Result<App> make_app(const Folder& folder, const Recipe& recipe, const AppRequest& request);

// The domain with `_` instead of `.`, at most 45 bytes: Docker's names have at most 64.
std::string stack_name(std::string_view domain);

// The files that COMPOSE_FILE names; compose.yml if it is empty.
std::vector<std::string> compose_files(std::string_view compose_file);

}  // namespace ccci::recipe
