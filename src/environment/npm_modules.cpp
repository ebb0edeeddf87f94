// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/npm_modules.hpp"

#include <set>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

constexpr std::string_view modules_name = "/node_modules";

bool is_of_project(const Part& part) {
  return !part.generated && part.package.origin == source::Origin::npm &&
         part.package.name.starts_with("npm:./");
}

}  // namespace

void add_npm_commands(Tree& tree, const std::vector<Part>& parts) {
  for (const Part& part : parts) {
    if (!is_of_project(part)) continue;
    const std::string own = own_directory(part.package);
    const std::size_t end = own.rfind(modules_name) + modules_name.size();
    for (const auto& [name, file] : part.commands) {
      const std::string link = own.substr(0, end) + "/.bin/" + name;
      const std::string program = own + "/" + file;
      if (tree.find(program) == nullptr || tree.find(link) != nullptr) continue;
      tree.add_link(link, ".." + own.substr(end) + "/" + file);
    }
  }
}

std::string node_path(const std::vector<Part>& parts) {
  std::set<std::string> of_project;
  bool of_registry = false;
  for (const Part& part : parts) {
    if (part.generated || part.package.origin != source::Origin::npm) continue;
    if (!is_of_project(part)) {
      of_registry = true;
      continue;
    }
    const std::string own = own_directory(part.package);
    of_project.insert("/" + own.substr(0, own.find(modules_name) + modules_name.size()));
  }
  std::vector<std::string> all(of_project.begin(), of_project.end());
  if (of_registry) all.push_back("/" + std::string(npm_modules));
  return base::join(all, ":");
}

}  // namespace ccci::environment
