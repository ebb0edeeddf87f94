// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/pip_projects.hpp"

#include <cctype>
#include <filesystem>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"
#include "learn/file_owner.hpp"

namespace ccci::learn {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_record = 16U << 20U;
constexpr std::size_t most_projects = 4096;  // of one directory

std::string normalised(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool separator = c == '_' || c == '.' || c == '-';
    if (separator && text.ends_with('-')) continue;
    text += separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

// "urllib3 (<3,>=1.21.1) ; python_version > '3'" -> urllib3
std::string needed_project(std::string_view requirement) {
  const std::size_t marker = requirement.find(';');
  if (marker != std::string_view::npos &&
      requirement.substr(marker).find("extra") != std::string_view::npos) {
    return {};
  }
  const std::string_view text = base::trim(requirement.substr(0, marker));
  return normalised(text.substr(0, text.find_first_of(" ([<>=!~;@")));
}

// The fields of METADATA, which end at the first empty line.
void read_metadata(std::string_view text, std::string& name, std::set<std::string>& needs) {
  constexpr std::string_view named = "Name:";
  constexpr std::string_view required = "Requires-Dist:";
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = base::trim(raw);
    if (line.empty()) break;
    if (line.starts_with(named)) name = normalised(base::trim(line.substr(named.size())));
    if (!line.starts_with(required)) continue;
    std::string need = needed_project(line.substr(required.size()));
    if (!need.empty()) needs.insert(std::move(need));
  }
}

// The modules of RECORD, a list of files.
std::set<std::string> modules_of(std::string_view record) {
  std::set<std::string> modules;
  for (std::string_view line : base::split(record, '\n')) {
    if (line.starts_with('"')) line.remove_prefix(1);
    const std::string_view path = line.substr(0, line.find_first_of(",\""));
    std::string_view module = path.substr(0, path.find('/'));
    if (module == "__pycache__") {
      module = path.substr(path.find('/') + 1);
    } else if (module == ".." || module.ends_with(".dist-info")) {
      continue;
    }
    module = module.substr(0, module.find('.'));
    if (!module.empty()) modules.emplace(module);
  }
  return modules;
}

void read_directory(const std::string& directory, PipProjects& all) {
  std::error_code error;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".dist-info" || ++count > most_projects) continue;
    const auto metadata = base::read_file(entry.path() / "METADATA", largest_record);
    const auto record = base::read_file(entry.path() / "RECORD", largest_record);
    if (!metadata || !record) continue;
    std::string name;
    std::set<std::string> needs;
    read_metadata(*metadata, name, needs);
    if (name.empty()) continue;
    for (const std::string& module : modules_of(*record))
      all.by_module.emplace(directory + "/" + module, name);
    all.needs[name].merge(needs);
    // pip writes this file (PEP 610) exactly for what it did not look for in an index.
    std::error_code ignored;
    if (fs::exists(entry.path() / "direct_url.json", ignored)) all.elsewhere.insert(name);
  }
}

}  // namespace

std::string module_directory(std::string_view path) {
  if (path.starts_with(python_directory)) return {};
  for (const std::string_view place : {"/dist-packages/", "/site-packages/"}) {
    if (const std::size_t at = path.find(place); at != std::string_view::npos)
      return std::string(path.substr(0, at + place.size() - 1));
  }
  return {};
}

std::string PipProjects::project_of(std::string_view path) const {
  const std::string module = module_of_pip(path);
  if (module.empty()) return {};
  const auto found = by_module.find(module_directory(path) + "/" + module);
  return found == by_module.end() ? std::string() : found->second;
}

std::set<std::string> PipProjects::closure(const std::set<std::string>& names) const {
  std::set<std::string> reached;
  std::vector<std::string> ahead(names.begin(), names.end());
  while (!ahead.empty()) {
    const std::string name = std::move(ahead.back());
    ahead.pop_back();
    if (!reached.insert(name).second) continue;
    const auto found = needs.find(name);
    if (found != needs.end()) ahead.insert(ahead.end(), found->second.begin(), found->second.end());
  }
  return reached;
}

PipProjects read_pip_projects(const std::set<std::string>& directories) {
  PipProjects all;
  for (const std::string& directory : directories) read_directory(directory, all);
  return all;
}

}  // namespace ccci::learn
