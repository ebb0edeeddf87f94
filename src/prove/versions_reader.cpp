// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the lists of version managers: .tool-versions, mise.toml, devbox.json.
#include <algorithm>

#include "declare/document.hpp"
#include "prove/installers.hpp"
#include "prove/readers.hpp"
#include "prove/yaml.hpp"

namespace ccci::prove {

namespace {

Finding begin(std::string_view path, const Lines& lines, Place at, std::string what) {
  Finding finding;
  finding.file = path;
  finding.line = at.line;
  finding.column = at.column;
  finding.kind = Kind::version_file;
  finding.what = std::move(what);
  finding.excerpt = lines.excerpt(at.line);
  return finding;
}

void finish(Finding finding, Reading& reading) {
  if (finding.tools.empty()) return;
  finding.line = finding.tools.front().at.line;
  finding.column = finding.tools.front().at.column;
  reading.findings.push_back(std::move(finding));
}

void tool_versions(std::string_view path, const Lines& lines, Reading& reading) {
  Finding finding = begin(path, lines, {}, ".tool-versions");
  for (int n = 1; n <= static_cast<int>(lines.count()); ++n) {
    std::string_view line = lines.line(n);
    line = line.substr(0, line.find('#'));
    const std::size_t from = line.find_first_not_of(" \t\r");
    if (from == std::string_view::npos) continue;
    const std::string_view name = line.substr(from, line.find_first_of(" \t\r", from) - from);
    if (finding.tools.empty()) finding.excerpt = lines.excerpt(n);
    finding.tools.push_back({std::string(name), false, {n, static_cast<int>(from) + 1}});
  }
  finish(std::move(finding), reading);
}

// "pipx:black", "npm:prettier", "ubi:owner/name": the last part is the tool.
std::string plain_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) name = last_part(name.substr(colon + 1));
  return std::string(name.substr(0, name.find_first_of("@[", 1)));
}

void mise(std::string_view path, std::string_view text, const Lines& lines, Reading& reading) {
  const auto document = declare::read_document(text, declare::Lines(text, std::string(path)));
  if (!document) {
    const base::Error& error = document.error();
    const std::string cause(error.field("cause").empty() ? std::string_view(error.code)
                                                         : error.field("cause"));
    reading.unavailable =
        error.where.empty() ? cause : "line " + std::to_string(error.where[0].line) + ": " + cause;
    return;
  }
  const declare::Node* tools = document->find("tools");
  if (tools == nullptr) return;
  Finding finding = begin(path, lines, {}, "[tools]");
  for (const declare::Entry& entry : tools->entries) {
    const std::string name = plain_name(entry.key);
    if (!name.empty()) finding.tools.push_back({name, false, {entry.at.line, entry.at.column}});
  }
  if (!finding.tools.empty()) finding.excerpt = lines.excerpt(finding.tools.front().at.line);
  finish(std::move(finding), reading);
}

// devbox.json may contain comments. They are replaced by blanks, so that the other text keeps its
// place.
std::string without_comments(std::string_view text) {
  std::string out(text);
  bool quoted = false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quoted && out[i] == '\\') {
      ++i;
    } else if (out[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && out.compare(i, 2, "//") == 0) {
      for (; i < out.size() && out[i] != '\n'; ++i) out[i] = ' ';
    } else if (!quoted && out.compare(i, 2, "/*") == 0) {
      const std::size_t end = std::min(out.find("*/", i + 2), out.size() - 2) + 2;
      for (; i < end; ++i)
        if (out[i] != '\n') out[i] = ' ';
    }
  }
  return out;
}

void devbox(std::string_view path, std::string_view text, const Lines& lines, Reading& reading) {
  const YamlFile file = read_yaml(without_comments(text));
  reading.unavailable = file.unavailable;
  if (file.documents.empty()) return;
  const YamlNode* packages = file.documents.front().find("packages");
  if (packages == nullptr) return;
  Finding finding = begin(path, lines, packages->at, "packages");
  const bool mapping = packages->type == YamlNode::Type::mapping;
  for (std::size_t i = 0; i < packages->children.size(); ++i) {
    const std::string& name = mapping ? packages->keys[i] : packages->children[i].text;
    const Place at = mapping ? packages->key_places[i] : packages->children[i].at;
    if (!name.empty()) finding.tools.push_back({name.substr(0, name.find('@')), false, at});
  }
  if (!finding.tools.empty()) reading.findings.push_back(std::move(finding));
}

}  // namespace

Reading read_versions(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  const std::string_view name = last_part(path);
  if (name == ".tool-versions") {
    tool_versions(path, lines, reading);
  } else if (name.ends_with(".toml")) {
    mise(path, text, lines, reading);
  } else {
    devbox(path, text, lines, reading);
  }
  return reading;
}

}  // namespace ccci::prove
