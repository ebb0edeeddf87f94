// SPDX-License-Identifier: GPL-3.0-or-later
// Reads lists of Python modules (requirements.txt, constraints.txt, pyproject.toml) and of packages
// of npm (package.json).
#include "declare/document.hpp"
#include "prove/installers.hpp"
#include "prove/readers.hpp"
#include "prove/yaml.hpp"

namespace ccci::prove {

namespace {

// The project in "requests[socks]>=2 ; python_version < '3.12'".
std::string project_of(std::string_view requirement) {
  const std::size_t from = requirement.find_first_not_of(" \t");
  if (from == std::string_view::npos) return {};
  requirement.remove_prefix(from);
  return std::string(requirement.substr(0, requirement.find_first_of(" \t[(<>=!~;@")));
}

Finding module_list(std::string_view path, const Lines& lines, std::string what) {
  Finding finding;
  finding.file = path;
  finding.kind = Kind::requirements;
  finding.what = std::move(what);
  finding.excerpt = lines.excerpt(1);
  return finding;
}

void add(Finding& finding, const Lines& lines, std::string name, Place at) {
  if (name.empty()) return;
  if (finding.tools.empty()) {
    finding.line = at.line;
    finding.column = at.column;
    finding.excerpt = lines.excerpt(at.line);
  }
  finding.tools.push_back({std::move(name), true, at});
}

void plain_list(std::string_view path, const Lines& lines, Reading& reading) {
  Finding finding = module_list(path, lines, std::string(last_part(path)));
  for (int n = 1; n <= static_cast<int>(lines.count()); ++n) {
    const std::string_view line = lines.line(n);
    const std::size_t from = line.find_first_not_of(" \t\r\\");
    if (from == std::string_view::npos || line[from] == '#' || line[from] == '-' ||
        line[from] == '.' || line[from] == '/' || line.find("://") != std::string_view::npos) {
      continue;
    }
    add(finding, lines, project_of(line.substr(from, line.find_first_of("\r", from) - from)),
        {n, static_cast<int>(from) + 1});
  }
  if (!finding.tools.empty()) reading.findings.push_back(std::move(finding));
}

void add_array(const declare::Node* node, std::string_view path, const Lines& lines,
               const std::string& what, Reading& reading) {
  if (node == nullptr) return;
  Finding finding = module_list(path, lines, what);
  for (const declare::Node& item : node->items) {
    add(finding, lines, project_of(item.text), {item.at.line, item.at.column});
  }
  if (!finding.tools.empty()) reading.findings.push_back(std::move(finding));
}

void project_file(std::string_view path, std::string_view text, const Lines& lines,
                  Reading& reading) {
  const auto document = declare::read_document(text, declare::Lines(text, std::string(path)));
  if (!document) {
    reading.unavailable = "it is no TOML";
    return;
  }
  if (const declare::Node* project = document->find("project")) {
    add_array(project->find("dependencies"), path, lines, "[project] dependencies", reading);
    if (const declare::Node* extras = project->find("optional-dependencies")) {
      for (const declare::Entry& extra : extras->entries) {
        add_array(&extra.value, path, lines, "[project.optional-dependencies]", reading);
      }
    }
  }
  if (const declare::Node* groups = document->find("dependency-groups")) {
    for (const declare::Entry& group : groups->entries) {
      add_array(&group.value, path, lines, "[dependency-groups]", reading);
    }
  }
}

// The name of what is installed: an alias ("npm:NAME@1") names it in its value.
std::string package_of(const std::string& key, const std::string& value) {
  constexpr std::string_view alias = "npm:";
  if (!value.starts_with(alias)) return key;
  return value.substr(alias.size(), value.find('@', alias.size() + 1) - alias.size());
}

// JSON has the form of YAML, whose reader knows the place of each key.
void package_file(std::string_view path, std::string_view text, const Lines& lines,
                  Reading& reading) {
  const YamlFile file = read_yaml(text);
  reading.unavailable = file.unavailable;
  if (file.documents.empty()) return;
  const YamlNode& root = file.documents.front();
  for (const char* list : {"dependencies", "devDependencies", "optionalDependencies"}) {
    const YamlNode* packages = root.find(list);
    if (packages == nullptr || packages->type != YamlNode::Type::mapping) continue;
    Finding finding = module_list(path, lines, list);
    for (std::size_t i = 0; i < packages->keys.size(); ++i) {
      const std::string& value = packages->children[i].text;
      // A directory of the repository is no package of the registry.
      if (value.starts_with("file:") || value.starts_with("link:") ||
          value.starts_with("workspace:")) {
        continue;
      }
      const std::string name = package_of(packages->keys[i], value);
      add(finding, lines, name, packages->key_places[i]);
      if (!finding.tools.empty()) finding.tools.back().module = false;
    }
    if (!finding.tools.empty()) reading.findings.push_back(std::move(finding));
  }
}

}  // namespace

Reading read_modules(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  if (path.ends_with(".json")) {
    package_file(path, text, lines, reading);
  } else if (path.ends_with(".toml")) {
    project_file(path, text, lines, reading);
  } else {
    plain_list(path, lines, reading);
  }
  return reading;
}

}  // namespace ccci::prove
