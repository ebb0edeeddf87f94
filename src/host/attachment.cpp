// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/attachment.hpp"

#include <filesystem>

#include "base/shell.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "host/job_view.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace fs = std::filesystem;

namespace {

constexpr const char* variables_file = "variables";
constexpr std::string_view usr = "/usr/";
constexpr std::string_view local = "/usr/local/";

std::string variable(std::string_view name, std::string_view value) {
  return "Environment=" + unit_word(std::string(name) + "=" + std::string(value)) + "\n";
}

std::string profile(const environment::Environment& environment, const std::string& path) {
  std::string text = "# Written by cc-ci build from cc-ci.toml.\n";
  text += "PATH=" + base::shell_quoted(path) + "\nexport PATH\n";
  for (const auto& [name, value] : view_variables(environment)) {
    text.append(name).append("=").append(base::shell_quoted(value));
    text.append("\nexport ").append(name).append("\n");
  }
  return text;
}

// The variables for engines that pass a file's instead of the daemon's. Between single quotes every
// character but the line's end stands for itself (read in Drone's exec runner, which uses
// godotenv 1.3).
std::string variable_lines(const environment::Environment& environment) {
  std::string text;
  for (const auto& [name, value] : view_variables(environment)) {
    text.append(name).append("='").append(value).append("'\n");
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
    case declare::Overlaid::variables_file:
      return {{variables_file, variable_lines(environment), {}}};
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
  text += "[Service]\n" + view_mounts(environment);
  for (const Overlay& overlay : runner_overlays(runner, environment, path)) {
    if (!overlay.over.empty()) text += bound(overlays + "/" + overlay.name, overlay.over);
  }
  text += program_settings(runner.program);
  // The directory where the witness communicates with its jobs (witness/request_queue.hpp). It must
  // be writable under ProtectSystem=strict too.
  const fs::path store = fs::path(environment.root).parent_path().parent_path().parent_path();
  const fs::path state = store.parent_path();
  text += "ReadWritePaths=" + unit_word("-" + (state / "witness").native()) + "\n";
  text += view_settings(environment);
  text += variable("PATH", path);
  if (!kind.path_variable.empty()) text += variable(kind.path_variable, path);
  for (const auto& [name, value] : view_variables(environment)) text += variable(name, value);
  if (!kind.file_variable.empty()) {
    text += variable(kind.file_variable, overlays + "/" + variables_file);
  }
  return UnitFile{unit + ".d/" + std::string(drop_in_name), std::move(text)};
}

std::string runner_problem(const declare::Runner& runner) {
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
  return {};
}

}  // namespace ccci::host
