// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/attachment.hpp"

#include <filesystem>

#include "base/shell.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "enter/entrypoint.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view usr = "/usr/";
constexpr std::string_view local = "/usr/local/";

std::string variable(std::string_view name, std::string_view value) {
  return "Environment=" + unit_word(std::string(name) + "=" + std::string(value)) + "\n";
}

std::string bound(const std::string& from, const std::string& to) {
  const bool plain = to == "/usr";
  return "BindReadOnlyPaths=" + unit_word(from) + ":" + (plain ? to : unit_word(to)) + "\n";
}

// The variables of the environment, sorted by name, including CC_CI_ENVIRONMENT.
std::map<std::string, std::string> variables(const environment::Environment& environment) {
  std::map<std::string, std::string> all = environment.variables;
  all.insert_or_assign("CC_CI_ENVIRONMENT", environment.address.hash);
  all.try_emplace("PYTHONNOUSERSITE", "1");
  return all;
}

std::string profile(const environment::Environment& environment, const std::string& path) {
  std::string text = "# Written by cc-ci build from cc-ci.toml.\n";
  text += "PATH=" + base::shell_quoted(path) + "\nexport PATH\n";
  for (const auto& [name, value] : variables(environment)) {
    text.append(name).append("=").append(base::shell_quoted(value));
    text.append("\nexport ").append(name).append("\n");
  }
  return text;
}

// The part of the host's /usr that the service keeps: the file of its program. The file is mounted
// over an empty file that the root contains for it. Below /usr/local, systemd mounts a directory
// and creates the mount point in it, because nothing can be created in a published root.
std::string program_settings(const std::string& program) {
  if (!program.starts_with(usr)) return {};
  std::string text;
  if (program.starts_with(local)) text += "TemporaryFileSystem=/usr/local:ro\n";
  return text + bound(program, program);
}

}  // namespace

std::string runner_path(const environment::Environment& environment,
                        const std::map<std::string, EntrypointObject>& entrypoints) {
  std::vector<std::string> directories = environment.paths();
  for (const auto& [name, entrypoint] : entrypoints) {
    directories.push_back(fs::path(entrypoint.path).parent_path().native());
  }
  return base::join(directories, ":");
}

std::vector<Overlay> runner_overlays(const declare::Runner& runner,
                                     const environment::Environment& environment,
                                     const std::string& path) {
  switch (declare::runner_kind(runner.kind).overlaid) {
    case declare::Overlaid::nothing:
      return {};
    case declare::Overlaid::path_file:
      if (runner.program.empty()) return {};
      return {{"path", path + "\n", (fs::path(runner.program).parent_path() / ".path").native()}};
    case declare::Overlaid::profile:
      return {{"profile", profile(environment, path), "/etc/profile"}};
  }
  return {};
}

std::optional<UnitFile> runner_drop_in(const declare::Runner& runner,
                                       const environment::Environment& environment,
                                       const std::string& path, const std::string& overlays) {
  const std::string unit = declare::runner_unit(runner);
  if (unit.empty()) return std::nullopt;
  const declare::RunnerKind& kind = declare::runner_kind(runner.kind);
  std::string text = unit_origin;
  text += "[Unit]\nRequiresMountsFor=" + unit_word(environment.root) + "\n\n";
  text += "[Service]\n" + bound(environment.root + "/usr", "/usr");
  // systemd reads all sources on the host, so the first line shows the host's /etc.
  text += bound("/etc", enter::host_etc);
  text += bound(environment.root + "/etc", "/etc");
  for (const std::string& place : environment.places) {
    text += bound(environment.root + "/" + place, "/" + place);
  }
  for (const Overlay& overlay : runner_overlays(runner, environment, path)) {
    text += bound(overlays + "/" + overlay.name, overlay.over);
  }
  text += program_settings(runner.program);
  // The directory where the witness communicates with its jobs (witness/request_queue.hpp). It must
  // be writable under ProtectSystem=strict too.
  const fs::path store = fs::path(environment.root).parent_path().parent_path().parent_path();
  const fs::path state = store.parent_path();
  text += "ReadWritePaths=" + unit_word("-" + (state / "witness").native()) + "\n";
  text += variable("PATH", path);
  if (!kind.path_variable.empty()) text += variable(kind.path_variable, path);
  std::vector<std::string> list;
  for (const auto& [name, value] : variables(environment)) {
    text += variable(name, value);
    list.push_back(base::join(std::vector{name, value}, ":"));
  }
  if (!kind.list_variable.empty()) text += variable(kind.list_variable, base::join(list, ","));
  return UnitFile{unit + ".d/" + std::string(drop_in_name), std::move(text)};
}

std::string runner_problem(const declare::Runner& runner,
                           const environment::Environment& environment) {
  const declare::RunnerKind& kind = declare::runner_kind(runner.kind);
  if (declare::runner_unit(runner).empty()) {
    return "kind '" + runner.kind + "' has no usual unit; declare unit = \"NAME.service\"";
  }
  if (kind.overlaid == declare::Overlaid::path_file) {
    if (runner.program.empty()) {
      return "its service takes PATH from the file .path of its installation; declare program = "
             "\"DIRECTORY/runsvc.sh\"";
    }
    if (runner.program.starts_with(usr)) {
      return "its installation is below /usr, but /usr is the environment's";
    }
  }
  if (kind.list_variable.empty()) return {};
  for (const auto& [name, value] : environment.variables) {
    if (value.find(',') != std::string::npos) {
      return "variable '" + name + "' contains ',', which ends a value in " +
             std::string(kind.list_variable);
    }
  }
  return {};
}

}  // namespace ccci::host
