// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/environment.hpp"

namespace ccci::environment {

std::vector<std::string> Environment::paths() const {
  std::vector<std::string> directories;
  directories.reserve(exposed.size());
  for (const Exposed& directory : exposed) directories.push_back(directory.directory);
  return directories;
}

}  // namespace ccci::environment
