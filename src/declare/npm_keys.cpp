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
    {.path = "packages.*.npm",
     .type = Type::text,
     .value = &npm_name,
     .meaning = "or the name of a package of the npm registry; it needs the tool nodejs",
     .example = R"("prettier")",
     .shown = Shown::hidden},
};

}  // namespace

std::span<const Key> npm_keys() { return rows_of_npm; }

}  // namespace ccci::declare
