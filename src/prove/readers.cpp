// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/readers.hpp"

#include <set>

#include "prove/installers.hpp"

namespace ccci::prove {

namespace {

bool begins_or_is(std::string_view name, std::string_view word) {
  return name == word || (name.starts_with(word) && name[word.size()] == '.');
}

bool is_image(std::string_view name) {
  return begins_or_is(name, "Dockerfile") || begins_or_is(name, "Containerfile") ||
         name.ends_with(".dockerfile") || name.ends_with(".Dockerfile");
}

bool is_yaml(std::string_view name) { return name.ends_with(".yml") || name.ends_with(".yaml"); }

bool is_workflow(std::string_view path, std::string_view name) {
  for (const std::string_view folder :
       {".github/workflows/", ".gitea/workflows/", ".forgejo/workflows/", ".github/actions/",
        ".woodpecker/", ".circleci/", ".gitlab/ci/"})
    if (path.starts_with(folder) || path.find("/" + std::string(folder)) != std::string_view::npos)
      return true;
  for (const std::string_view file :
       {".woodpecker", ".drone", ".gitlab-ci", ".travis", ".appveyor", "azure-pipelines", "action"})
    if (name == std::string(file) + ".yml" || name == std::string(file) + ".yaml") return true;
  return false;
}

bool is_unit(std::string_view path, std::string_view name) {
  for (const std::string_view kind : {".service", ".timer", ".socket", ".path", ".mount"}) {
    if (name.ends_with(kind)) return true;
    if (name.ends_with(".conf") && path.find(std::string(kind) + ".d/") != std::string_view::npos)
      return true;
  }
  return false;
}

bool is_crontab(std::string_view path, std::string_view name) {
  const std::string_view folder = path.substr(0, path.size() - name.size());
  return name == "crontab" || name.ends_with(".crontab") || name.ends_with(".cron") ||
         folder.ends_with("cron.d/") || folder.ends_with("crontabs/");
}

bool is_versions(std::string_view path, std::string_view name) {
  if (name == ".tool-versions" || name == "devbox.json") return true;
  if (!name.ends_with(".toml")) return false;
  return begins_or_is(name, "mise") || begins_or_is(name, ".mise") ||
         path.ends_with("mise/config.toml");
}

// "requirements.txt", "requirements-dev.txt", "dev-requirements.txt", "requirements/dev.txt".
bool is_modules(std::string_view path, std::string_view name) {
  if (name == "pyproject.toml") return true;
  if (name == "package.json") {
    return path.find("node_modules/") == std::string_view::npos;  // of somebody else
  }
  if (!name.ends_with(".txt")) return false;
  const std::string_view folder = path.substr(0, path.size() - name.size());
  return name.find("requirements") != std::string_view::npos || name.starts_with("constraints") ||
         folder == "requirements/" || folder.ends_with("/requirements/");
}

// Many programs have a config.toml: the reader looks for [[runners]]. Any YAML may be Ansible's.
bool is_runner(std::string_view name, std::string_view text) {
  if (name == "config.toml") return true;
  const bool begins =
      text.starts_with("runner:") || text.find("\nrunner:") != std::string_view::npos;
  return is_yaml(name) && begins && text.find("envs:") != std::string_view::npos;
}

bool is_shell(std::string_view name, std::string_view text) {
  for (const std::string_view end : {".sh", ".bash", ".zsh", ".ksh"})
    if (name.ends_with(end)) return true;
  if (holds(".envrc .bashrc .profile .bash_profile .zshrc .zshenv", name)) return true;
  if (!text.starts_with("#!")) return false;
  const std::string_view line = text.substr(2, text.find('\n') - 2);
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    if (holds("sh bash dash ash ksh zsh", last_part(line.substr(at, end - at)))) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::nix_list:
      return "nix-list";
    case Kind::nix_python:
      return "nix-python";
    case Kind::install_command:
      return "install-command";
    case Kind::setup_action:
      return "setup-action";
    case Kind::package_task:
      return "package-task";
    case Kind::version_file:
      return "version-file";
    case Kind::requirements:
      return "requirements";
    case Kind::path:
      return "path";
  }
  return "";
}

std::string_view format_of(std::string_view path, std::string_view text) {
  std::string_view name = last_part(path);
  // A template is read in the format of its output. But a template of YAML is not valid YAML.
  for (const std::string_view end : {".j2", ".in", ".tmpl", ".tpl"})
    if (name.ends_with(end) && !is_yaml(name.substr(0, name.size() - end.size())))
      name.remove_suffix(end.size());
  if (name.ends_with(".nix")) return "nix";
  if (is_image(name)) return "image";
  if (is_versions(path, name)) return "versions";
  if (is_modules(path, name)) return "modules";
  if (is_runner(name, text) && !is_workflow(path, name)) return "runner";
  if (is_yaml(name)) return is_workflow(path, name) ? "workflow" : "tasks";
  if (is_unit(path, name)) return "unit";
  if (is_shell(name, text)) return "shell";
  if (is_crontab(path, name)) return "crontab";
  return {};
}

Reading read_file(std::string_view path, std::string_view text) {
  const std::string_view format = format_of(path, text);
  if (format.empty()) return {std::string(path), {}, {}};
  if (text.size() > largest_file)
    return {std::string(path), {}, "longer than " + std::to_string(largest_file) + " bytes"};
  if (format == "nix") return read_nix(path, text);
  if (format == "image") return read_image(path, text);
  if (format == "versions") return read_versions(path, text);
  if (format == "modules") return read_modules(path, text);
  if (format == "workflow") return read_workflow(path, text);
  if (format == "tasks") return read_tasks(path, text);
  if (format == "runner") return read_runner(path, text);
  if (format == "unit") return read_unit(path, text);
  if (format == "crontab") return read_crontab(path, text);
  return read_shell(path, text);
}

std::vector<Mention> tools_in(const Reading& reading) {
  std::vector<Mention> out;
  std::set<std::string_view> seen;
  for (const Finding& finding : reading.findings)
    for (const Mention& mention : finding.tools)
      if (seen.insert(mention.name).second) out.push_back(mention);
  return out;
}

}  // namespace ccci::prove
