// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/npm_modules.hpp"

#include <set>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

constexpr std::string_view modules_name = "/node_modules";

constexpr std::string_view import_text =
    R"js(// With NODE_OPTIONS=--import=/usr/lib/cc-ci/npm/import.mjs, `import` finds what require() finds by NODE_PATH.
import { register } from 'node:module';

const hook = `
import { pathToFileURL } from 'node:url';
const places = (process.env.NODE_PATH || '').split(':').filter(Boolean)
  .map((place) => pathToFileURL(place + '/importer.js').href);
export async function resolve(name, context, next) {
  try {
    return await next(name, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^([./]|[a-z]+:)/.test(name)) throw error;
    for (const parentURL of places) {
      try {
        return await next(name, { ...context, parentURL });
      } catch (other) {
        if (other.code !== 'ERR_MODULE_NOT_FOUND') throw other;
      }
    }
    throw error;
  }
}
`;
register('data:text/javascript,' + encodeURIComponent(hook));
)js";

bool is_of_project(const Part& part) {
  return !part.generated && part.package.origin == source::Origin::npm &&
         part.package.name.starts_with("npm:./");
}

}  // namespace

void add_npm_import(Tree& tree) { tree.add_file(npm_import, std::string(import_text)); }

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
