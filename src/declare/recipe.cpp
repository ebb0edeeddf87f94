// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/recipe.hpp"

namespace ccci::declare {

std::string engine_socket(std::string_view engine) {
  constexpr std::string_view scheme = "unix://";
  return engine.starts_with(scheme) ? std::string(engine.substr(scheme.size())) : std::string();
}

const std::vector<std::string>& recipe_tiers() {
  static const std::vector<std::string> names{"lint",   "install", "redeploy", "upgrade",
                                              "backup", "restore", "remove",   "custom"};
  return names;
}

const std::vector<std::string>& recipe_hook_points() {
  static const std::vector<std::string> names{"after-install", "before-upgrade", "after-upgrade",
                                              "before-backup", "after-restore"};
  return names;
}

const std::vector<std::string>& recipe_permissions() {
  static const std::vector<std::string> names{"engine-socket", "host-paths", "privileged", "pull"};
  return names;
}

const std::vector<std::string>& recipe_packages() {
  static const std::vector<std::string> names{"docker.io", "haproxy", "restic"};
  return names;
}

}  // namespace ccci::declare
