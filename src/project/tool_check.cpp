// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/tool_check.hpp"

#include <algorithm>

#include "environment/command_index.hpp"
#include "environment/part.hpp"
#include "project/resolve.hpp"

namespace ccci::project {

namespace {

using environment::Part;

bool has_programs(const Part& part) {
  const auto script = part.control.find("postinst");
  if (script != part.control.end() &&
      script->second.find("update-alternatives") != std::string::npos) {
    return true;
  }
  const auto& entries = part.manifest.entries;
  return std::any_of(entries.begin(), entries.end(), [](const store::Entry& entry) {
    return entry.type != store::Entry::Type::directory &&
           std::any_of(environment::program_directories.begin(),
                       environment::program_directories.end(),
                       [&](std::string_view place) { return entry.path.starts_with(place); });
  });
}

// A package that only describes itself stands for what it depends on.
bool has_files(const Part& part) {
  const std::string own = "usr/share/" + part.package.name + "/";
  const auto& entries = part.manifest.entries;
  return std::any_of(entries.begin(), entries.end(), [&](const store::Entry& entry) {
    return entry.type != store::Entry::Type::directory &&
           !environment::describes_its_package(entry.path) && !entry.path.starts_with(own);
  });
}

// The package, and those of its source in the lock: its commands may be in one of them.
std::vector<source::Package> of_its_source(const lock::Lock& lock, const source::Package& package) {
  std::vector<source::Package> found{package};
  for (const source::Package& one : lock.packages) {
    const bool same = one.source_package == package.source_package &&
                      one.origin == package.origin && one.name != package.name;
    if (same) found.push_back(one);
  }
  return found;
}

}  // namespace

base::Result<void> check_tools(const Project& project, const Context& context, store::Store& store,
                               const lock::Lock& lock, const std::vector<std::string>& doubtful) {
  const declare::Declaration& declaration = project.declaration;
  std::vector<declare::Name> tools = declaration.tools;
  for (const auto& [name, host] : declaration.hosts) {
    tools.insert(tools.end(), host.extra_tools.begin(), host.extra_tools.end());
  }
  std::vector<base::Error> errors;
  for (const declare::Name& tool : tools) {
    const declare::PackageRule* rule = declaration.rule(tool.text);
    const auto name = declaration.debian_package(tool.text);
    const source::Package* package = name ? lock.find(*name) : nullptr;
    const bool is_doubtful = package != nullptr && !(rule != nullptr && rule->commands) &&
                             std::binary_search(doubtful.begin(), doubtful.end(), *name);
    if (!is_doubtful) continue;
    const std::vector<source::Package> wanted = of_its_source(lock, *package);
    CCCI_TRY(const store::Hold hold, store.hold());
    if (!unpacked(project, context, store, wanted, lock.releases)) continue;
    CCCI_TRY(const std::vector<Part> parts, environment::read_parts(store, wanted));
    if (!has_files(parts.front()) || std::any_of(parts.begin(), parts.end(), has_programs)) {
      continue;
    }
    errors.push_back(base::fail("environment.no-commands")
                         .with("tool", tool.text)
                         .with("package", *name)
                         .at(tool.at));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::project
