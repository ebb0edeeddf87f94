// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/expectation.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "environment/environment.hpp"
#include "host/job_view.hpp"

namespace ccci::witness {

namespace {

// The command that reports the version of a tool: the one with the tool's name, or else the first
// whose name begins with a letter. The shell reads some other names as syntax: coreutils has '['.
std::string version_command(const environment::Exposed& exposed) {
  const auto& commands = exposed.commands;
  auto found = std::find_if(commands.begin(), commands.end(),
                            [&](const auto& one) { return one.name == exposed.tool; });
  if (found == commands.end()) {
    found = std::find_if(commands.begin(), commands.end(),
                         [](const auto& one) { return std::isalpha(one.name.front()) != 0; });
  }
  return found == commands.end() ? commands.front().name : found->name;
}

}  // namespace

base::Result<activate::Generation> active_generation(const activate::Generations& generations,
                                                     const declare::Declaration& declaration) {
  CCCI_TRY(const std::uint64_t number, generations.current());
  if (number == 0) {
    const bool one = declaration.hosts.size() == 1;
    return base::unexpected(base::fail("witness.not-active")
                                .with("host", one ? declaration.hosts.begin()->first : "HOST"));
  }
  return generations.read(number);
}

base::Result<void> require_current(const activate::Generation& active, const host::System& system) {
  const std::string declared = system.address.directory();
  if (active.system == declared) return {};
  return base::unexpected(base::fail("witness.stale")
                              .with("generation", static_cast<long long>(active.number))
                              .with("host", active.host)
                              .with("active", active.system)
                              .with("declared", declared));
}

Expected expected_of(const declare::Declaration& declaration, const host::Build& built,
                     const host::System& system) {
  Expected expected;
  expected.environment = built.environment.address.hash;
  expected.path = base::join(built.environment.paths(), ":");
  for (const environment::Exposed& exposed : built.environment.exposed) {
    for (const environment::Command& command : exposed.commands) {
      expected.commands.emplace(command.name, exposed.directory + "/" + command.name);
    }
    if (exposed.package.empty() || exposed.commands.empty()) continue;
    expected.tools[exposed.tool] = version_command(exposed);
  }
  expected.variables = declaration.variables;
  expected.host_commands = system.commands;
  const auto variables = host::view_variables(built.environment);
  const auto language = variables.find("LANG");
  if (language != variables.end()) expected.view.language = language->second;
  for (std::string& name : host::unset_variables(built.environment))
    expected.view.unset.insert(std::move(name));
  expected.view.mounts = {"/usr", "/etc"};
  for (const std::string& place : built.environment.places)
    expected.view.mounts.insert("/" + place);
  return expected;
}

Request request_of(const project::Project& project, const activate::Generation& active,
                   const host::Build& built, const Expected& expected) {
  Request request;
  request.test = project.declaration.witness;
  request.test.front() = built.entrypoints.at(request.test.front()).path;
  request.directory = active.project.empty()
                          ? std::filesystem::absolute(project.directory()).native()
                          : active.project;
  request.inside = built.inside.path;
  for (const auto& [tool, command] : expected.tools) request.tools.push_back(command);
  for (const auto& [name, file] : expected.commands) request.commands.push_back(name);
  for (const auto& [name, value] : expected.variables) request.variables.push_back(name);
  return request;
}

base::Result<std::vector<Path>> choose_paths(const declare::Declaration& declaration,
                                             const std::vector<std::string>& names,
                                             const std::vector<Path>& more) {
  std::vector<Path> all = paths(declaration);
  all.insert(all.end(), more.begin(), more.end());
  if (names.empty()) return all;
  std::vector<Path> some;
  std::vector<std::string> known;
  for (const Path& path : all) known.push_back(path.request());
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      return base::unexpected(base::fail("witness.unknown-path")
                                  .with("name", name)
                                  .with("likely", base::likely(name, known))
                                  .with("known", base::join(known, ", ")));
    }
    some.push_back(all[static_cast<std::size_t>(found - known.begin())]);
  }
  return some;
}

}  // namespace ccci::witness
