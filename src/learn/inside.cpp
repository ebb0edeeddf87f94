// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/inside.hpp"

#include <algorithm>

namespace ccci::learn {

namespace {

// A tool exposes the commands of its package and of the package's dependencies from the same
// source. After the tools, PATH has the commands of Essential packages and of their virtual
// dependencies.
void expose(Inside& inside, const declare::Declaration& declaration, const HostPackages& known) {
  const auto show = [&](const std::string& tool, const std::string& package) {
    inside.exposing.emplace(package, tool);
    const auto facts = known.packages.find(package);
    if (facts == known.packages.end()) return;
    for (const std::string& name : facts->second.depends) {
      const auto other = known.packages.find(name);
      if (other == known.packages.end() || other->second.source != facts->second.source) continue;
      inside.exposing.emplace(name, tool);
    }
  };
  for (const declare::Name& tool : declaration.tools) {
    show(tool.text, declaration.debian_package(tool.text).value_or(tool.text));
  }
  for (const declare::Name& module : declaration.python) {
    show(module.text, declaration.python_package(module.text).value_or(module.text));
  }
  std::set<std::string_view> asked;
  for (const auto& [name, facts] : known.packages) {
    if (!facts.essential) continue;
    inside.exposing.emplace(name, essential_tool);
    asked.insert(facts.depends.begin(), facts.depends.end());
  }
  for (const auto& [name, facts] : known.packages) {
    for (const std::string& provided : facts.provides) {
      const bool wanted = asked.contains(name) || asked.contains(provided);
      if (wanted && !known.packages.contains(provided)) inside.standing_in.insert(provided);
    }
  }
}

}  // namespace

std::string Inside::tool_of(std::string_view command, std::string_view owner) const {
  if (commands) {
    const auto found = commands->find(command);
    return found == commands->end() ? std::string{} : found->second;
  }
  const auto found = exposing.find(owner.empty() ? command : owner);
  if (found != exposing.end()) return found->second;
  return standing_in.contains(command) ? essential_tool : std::string{};
}

Inside inside_of(const environment::Environment& environment, const lock::Lock& lock) {
  Inside inside;
  inside.commands.emplace();
  for (const environment::Exposed& exposed : environment.exposed) {
    for (const environment::Command& command : exposed.commands) {
      inside.commands->emplace(command.name, exposed.tool);
    }
  }
  for (const source::Package& package : lock.closure(environment.set)) {
    inside.closure.insert(package.name);
  }
  return inside;
}

Inside inside_of(const declare::Declaration& declaration, const lock::Lock& lock) {
  Inside inside;
  HostPackages locked;
  for (const source::Package& package : lock.closure("shared")) {
    inside.closure.insert(package.name);
    locked.packages.emplace(package.name,
                            PackageFacts{package.name, package.source_package, package.depends,
                                         package.provides, package.essential});
  }
  expose(inside, declaration, locked);
  return inside;
}

Inside inside_of(const declare::Declaration& declaration, const HostPackages& host) {
  Inside inside;
  std::set<std::string> roots;
  for (const declare::Name& tool : declaration.tools) {
    roots.insert(declaration.debian_package(tool.text).value_or(tool.text));
  }
  for (const declare::Name& module : declaration.python) {
    roots.insert(declaration.python_package(module.text).value_or(module.text));
  }
  for (const declare::Name& name : declaration.library_packages) roots.insert(name.text);
  for (const declare::Name& name : declaration.browsers) roots.insert(name.text);
  for (const auto& [name, facts] : host.packages) {
    if (facts.essential) roots.insert(name);
  }
  inside.closure = host.closure(roots);
  expose(inside, declaration, host);
  return inside;
}

}  // namespace ccci::learn
