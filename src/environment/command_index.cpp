// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/command_index.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace ccci::environment {

namespace {

// The name of the command if `path` is directly in a program directory.
std::string_view command_name(std::string_view path) {
  for (const std::string_view directory : program_directories) {
    if (!path.starts_with(directory)) continue;
    const std::string_view name = path.substr(directory.size());
    if (name.find('/') == std::string_view::npos) return name;
  }
  return {};
}

bool is_in_libs(const Part& part) {
  const std::string section = part.field("Section");
  if (section != "oldlibs") return section == "libs";
  // Transitional packages are there too: pkg-config has no files but documentation, and only leads
  // on to pkgconf.
  const auto& entries = part.manifest.entries;
  return std::any_of(entries.begin(), entries.end(), [](const store::Entry& entry) {
    return entry.type != store::Entry::Type::directory && !describes_its_package(entry.path);
  });
}

}  // namespace

bool describes_its_package(std::string_view path) {
  static constexpr std::array<std::string_view, 6> places{
      "usr/share/doc/", "usr/share/doc-base/", "usr/share/lintian/",
      "usr/share/bug/", "usr/share/man/",      "usr/share/metainfo/"};
  return std::any_of(places.begin(), places.end(),
                     [&](std::string_view place) { return path.starts_with(place); });
}

bool names_word(std::string_view text, std::string_view word) {
  const auto belongs = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || (!belongs(text[at - 1]) && text[at - 1] != '/');
    if (begins && (end == text.size() || !belongs(text[end]))) return true;
  }
  return false;
}

CommandIndex::CommandIndex(const std::vector<Part>& parts, const Tree& tree,
                           const std::vector<Alternative>& alternatives)
    : parts_(parts) {
  libraries_.reserve(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    index_.emplace(parts[i].package.name, i);
    libraries_.push_back(is_in_libs(parts[i]));
  }
  for (const auto& [path, node] : tree.nodes()) {
    const std::string_view name = command_name(path);
    if (name.empty() || node.part < 0 || node.entry.type == store::Entry::Type::directory) continue;
    if (tree.is_program(path)) {
      add(parts[static_cast<std::size_t>(node.part)].package.name, name, path);
    }
  }
  for (const Part& part : parts) {
    // The dependencies of a package find each other without PATH.
    const auto& reasons = part.package.because;
    const bool declared = std::any_of(reasons.begin(), reasons.end(), [](const std::string& one) {
      return one.starts_with("tool ");
    });
    if (!declared) continue;
    for (const auto& [name, file] : part.commands) {
      const std::string path = own_directory(part.package) + "/" + file;
      if (tree.is_program(path)) add(part.package.name, name, path);
    }
  }
  for (const Alternative& alternative : alternatives) {
    const std::string_view name = command_name(alternative.link);
    if (!name.empty() && tree.is_program(alternative.link)) {
      add(alternative.package, name, alternative.link);
    }
  }
}

void CommandIndex::add(const std::string& package, std::string_view name, const std::string& path) {
  commands_[package].try_emplace(std::string(name),
                                 Command{std::string(name), "/" + path, package, {}});
}

const Part* CommandIndex::part(const std::string& package) const {
  const auto found = index_.find(package);
  return found == index_.end() ? nullptr : &parts_[found->second];
}

const Commands& CommandIndex::commands_of(const std::string& package) const {
  static const Commands none;
  const auto found = commands_.find(package);
  return found == commands_.end() ? none : found->second;
}

// Whether a way through this package's dependencies leads to programs that it starts.
bool CommandIndex::leads_on(const Part& part, const Part& first, Reach how) const {
  switch (how) {
    case Reach::same_source:
      return part.package.source_package == first.package.source_package;
    case Reach::all:
      return true;
    case Reach::programs:
      return &part == &first || !part.package.essential;
  }
  return true;
}

bool CommandIndex::is_library(const Part& part) const {
  return libraries_[static_cast<std::size_t>(&part - &parts_[0])];
}

bool CommandIndex::starts(const Part& library, const Part& other) const {
  if (is_library(other)) return true;
  const Commands& commands = commands_of(other.package.name);
  if (commands.empty()) return false;
  return std::none_of(library.control.begin(), library.control.end(), [&](const auto& file) {
    const std::string& text = file.second;
    if (file.first == "control" || file.first == "triggers") return false;
    if (text.find(other.package.name) != std::string::npos) return true;
    return std::any_of(commands.begin(), commands.end(),
                       [&](const auto& command) { return names_word(text, command.first); });
  });
}

std::vector<std::string> CommandIndex::reach(const std::string& package, Reach how) const {
  std::vector<std::string> order{package};
  std::set<std::string> seen{package};
  const Part* first = part(package);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Part* at = part(order[i]);
    if (at == nullptr || !leads_on(*at, *first, how)) continue;
    for (const std::string& next : at->package.depends) {
      const Part* below = part(next);
      if (below == nullptr) continue;
      if (how == Reach::same_source && !leads_on(*below, *first, how)) continue;
      const bool by_library = how == Reach::programs && at != first && is_library(*at);
      if (by_library && !starts(*at, *below)) continue;
      if (seen.insert(next).second) order.push_back(next);
    }
  }
  return order;
}

}  // namespace ccci::environment
