// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/npm_keys.hpp"

#include <algorithm>
#include <string>

namespace ccci::declare {

namespace {

// npm would take other forms for a directory, a repository or an address.
std::string not_an_npm_package(std::string_view name) {
  const std::size_t slash = name.find('/');
  const bool scoped = name.front() == '@';
  if (scoped != (slash != std::string_view::npos)) return "a scope is '@SCOPE/NAME'";
  if (std::count(name.begin(), name.end(), '/') > 1) return "it has more than one '/'";
  const std::string_view last = scoped ? name.substr(slash + 1) : name;
  const std::string_view scope = scoped ? name.substr(1, slash - 1) : "x";
  for (const std::string_view part : {scope, last}) {
    if (part.empty()) return "a part of it is empty";
    if (part.front() == '.' || part.front() == '_' || part.find('@') != std::string_view::npos) {
      return "a part of it begins with '.' or '_', or has an '@'";
    }
  }
  return last == "node_modules" ? "npm refuses this name" : "";
}

constexpr Form npm_name{
    "@a-zA-Z0-9",      "@a-zA-Z0-9._/~-", 1, 214, "the name of a package of the npm registry",
    not_an_npm_package};

std::string not_a_scope(std::string_view name) {
  return name.size() > 1 && name[1] != '.' && name[1] != '_' ? "" : "it is no name";
}

constexpr Form scope_of_npm{"@",        "a-zA-Z0-9._~-", 2, 214, "a scope of npm like \"@company\"",
                            not_a_scope};

// Two locks in one directory would share its node_modules.
std::string not_a_lock_of_npm(std::string_view path) {
  for (std::size_t from = 0; from != std::string_view::npos;) {
    const std::size_t slash = path.find('/', from);
    const std::string_view part = path.substr(from, slash - from);
    if (part.empty() || part == "." || part == ".." || part == "node_modules") {
      return "it has a part '" + std::string(part) + "'";
    }
    if (slash == std::string_view::npos) return part == "package-lock.json" ? "" : "its name";
    from = slash + 1;
  }
  return {};
}

constexpr Form lock_of_npm{"a-zA-Z0-9._~-",
                           "a-zA-Z0-9._~/-",
                           1,
                           200,
                           "the path of a package-lock.json below the directory of this file",
                           not_a_lock_of_npm};

constexpr Key rows_of_npm[] = {
    {.path = "sources.npm",
     .meaning = "the npm registry, for the commands that Debian does not have",
     .shown = Shown::hidden},
    {.path = "sources.npm.registry",
     .type = Type::text,
     .value = &forms::index,
     .meaning = "its address; default: the public registry",
     .example = R"("https://npm.example.org")",
     .shown = Shown::hidden},
    {.path = "sources.npm.scopes",
     .meaning = "registries for the packages of one scope",
     .shown = Shown::hidden},
    {.path = "sources.npm.scopes.*",
     .type = Type::text,
     .name = &scope_of_npm,
     .value = &forms::index,
     .meaning = "the address of the registry that has the packages of this scope",
     .example = R"("@company" = "https://npm.example.org")",
     .shown = Shown::hidden},
    {.path = "packages.*.npm",
     .type = Type::npm,
     .value = &npm_name,
     .meaning = "or the name of a package of the npm registry; it needs the tool nodejs",
     .example = R"("prettier")",
     .shown = Shown::hidden},
    {.path = "packages.*.npm.lock",
     .type = Type::text,
     .value = &lock_of_npm,
     .required = true,
     .meaning = "a package-lock.json of the project: all that it names is taken as it is there",
     .example = R"("web/package-lock.json")",
     .shown = Shown::hidden},
    {.path = "packages.*.scripts",
     .type = Type::list,
     .value = &npm_name,
     .meaning = "the packages of npm whose lifecycle scripts (postinstall) run, sealed off",
     .example = R"(["esbuild"])",
     .shown = Shown::hidden},
};

}  // namespace

std::span<const Key> npm_keys() { return rows_of_npm; }

}  // namespace ccci::declare
