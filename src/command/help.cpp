// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/help.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "report/width.hpp"

namespace ccci::command {

namespace {

constexpr std::size_t page = 80;
constexpr std::size_t indent = 2;

struct Entry {
  std::string left;
  std::string right;
};

// Prints two columns. A left side that is too long gets a line of its own.
std::string columns(const std::vector<Entry>& entries, std::size_t widest_left) {
  std::size_t left = 0;
  for (const Entry& entry : entries) {
    if (entry.left.size() <= widest_left) left = std::max(left, entry.left.size());
  }
  const std::size_t begin = indent + left + 2;
  std::string text;
  for (const Entry& entry : entries) {
    std::string line = std::string(indent, ' ') + entry.left;
    if (line.size() + 2 > begin) text += std::exchange(line, {}) + "\n";
    for (const std::string& part : report::wrap(entry.right, page - begin)) {
      line.resize(begin, ' ');
      text += std::exchange(line, {}) + part + "\n";
    }
  }
  return text;
}

std::string explained(const Option& option) {
  std::string text(option.help);
  if (!option.shown.empty()) text += " [default: " + std::string(option.shown) + "]";
  if (option.repeatable) text += " (repeatable)";
  return text;
}

std::string option_list(const std::vector<const Option*>& options) {
  std::vector<Entry> entries;
  for (const Option* option : options) entries.push_back({spelled(*option), explained(*option)});
  return columns(entries, 24);
}

// Makes a sentence from a phrase: "Resolve the declaration."
std::string sentence(std::string_view phrase) {
  std::string text(phrase);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

std::string paragraphs(std::string_view prose) {
  std::string text;
  while (!prose.empty()) {
    const std::size_t end = prose.find("\n\n");
    std::string part(prose.substr(0, end));
    prose.remove_prefix(end == std::string_view::npos ? prose.size() : end + 2);
    while (part.ends_with('\n')) part.pop_back();
    if (part.empty()) continue;
    text += "\n";
    if (part.starts_with(' ')) {
      text += part + "\n";
      continue;
    }
    std::ranges::replace(part, '\n', ' ');
    for (const std::string& line : report::wrap(part, page)) text += line + "\n";
  }
  return text;
}

std::string hanging(const std::string& head, const std::string& rest) {
  const std::vector<std::string> lines = report::wrap(rest, page - head.size());
  std::string text = head;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) text += std::string(head.size(), ' ');
    text += lines[i] + "\n";
  }
  return text;
}

std::string command_list(std::string_view section, const Commands& table) {
  std::vector<Entry> entries;
  for (const Command* command : table) {
    if (command->hidden || command->section != section) continue;
    entries.push_back({std::string(command->name), std::string(command->purpose)});
  }
  if (entries.empty()) return {};
  return "\n" + std::string(section) + "\n" + columns(entries, 16);
}

std::string statuses(const std::vector<ExitStatus>& own) {
  std::vector<Entry> entries;
  for (const ExitStatus& status : all_statuses(own)) {
    entries.push_back({std::string(status.status), std::string(status.meaning)});
  }
  return "\nExit status\n" + columns(entries, 16);
}

std::string introduction() {
  return hanging("usage: ", "cc-ci [OPTIONS] COMMAND [ARG...]") +
         "One declared, closed environment for all CI jobs of a host.\n";
}

}  // namespace

std::string version_line() { return "cc-ci " CCCI_VERSION; }

std::string spelled(const Option& option) {
  std::string text = option.letter != 0 ? std::string{'-', option.letter, ',', ' '} : "    ";
  text += "--" + std::string(option.name);
  if (!option.value.empty()) text += " " + std::string(option.value);
  return text;
}

std::string usage_of(const Command& command) {
  std::string text = "cc-ci " + std::string(command.name);
  if (!command.options.empty()) text += " [OPTIONS]";
  if (command.passes_rest) text += " [--]";
  for (const Operand& operand : command.operands) {
    const std::string name = std::string(operand.name) + (operand.repeatable ? "..." : "");
    text += operand.optional ? " [" + name + "]" : " " + name;
  }
  return text;
}

std::vector<ExitStatus> all_statuses(const std::vector<ExitStatus>& own) {
  std::vector<ExitStatus> all = own;
  for (const ExitStatus& status : usual_statuses()) {
    const bool replaced = std::ranges::find(own, status.status, &ExitStatus::status) != own.end();
    if (!replaced) all.push_back(status);
  }
  // A command's own status may also be a word such as "else". It sorts after the numbers.
  std::ranges::stable_sort(all, [](const ExitStatus& a, const ExitStatus& b) {
    return std::pair(a.status.size(), a.status) < std::pair(b.status.size(), b.status);
  });
  return all;
}

std::vector<OptionGroup> groups_of(const std::vector<Option>& options) {
  std::vector<OptionGroup> groups;
  for (const Option& option : options) {
    auto group = std::ranges::find(groups, option.group, &OptionGroup::title);
    if (group == groups.end()) group = groups.insert(groups.end(), {option.group, {}});
    group->options.push_back(&option);
  }
  return groups;
}

std::string short_help(const Commands& table) {
  std::string text = introduction();
  for (const std::string_view section : sections_of(table)) text += command_list(section, table);
  return text + "\nMore: cc-ci --help, cc-ci help COMMAND\n";
}

std::string full_help(const Commands& table) {
  std::string text = introduction();
  for (const std::string_view section : sections_of(table)) text += command_list(section, table);
  text += "\nOptions can be before or after the command.\n";
  for (const OptionGroup& group : groups_of(global_options())) {
    text += "\n" + std::string(group.title) + "\n" + option_list(group.options);
  }
  text += statuses({});
  return text + "\nExample: cc-ci run -- git lfs version\nMore: cc-ci help COMMAND, man cc-ci\n";
}

std::string short_help(const Command& command) {
  std::string text = hanging("usage: ", usage_of(command)) + sentence(command.purpose) + "\n";
  for (const OptionGroup& group : groups_of(command.options)) {
    text += "\n" + std::string(group.title) + "\n" + option_list(group.options);
  }
  return text;
}

std::string full_help(const Command& command) {
  std::string text = short_help(command);
  text += paragraphs(command.prose);
  text += statuses(command.statuses);
  if (!command.example.empty()) text += "\nExample: " + std::string(command.example) + "\n";
  return text + "Options for every command: cc-ci --help\n";
}

std::string family_help(std::string_view family, const Commands& table) {
  const std::string beginning = std::string(family) + " ";
  std::vector<Entry> entries;
  for (const Command* command : table) {
    if (command->hidden || !command->name.starts_with(beginning)) continue;
    entries.push_back({std::string(command->name), std::string(command->purpose)});
  }
  return "usage: cc-ci " + beginning + "COMMAND [OPTIONS]\n\n" + columns(entries, 20) +
         "\nMore: cc-ci help " + beginning + "COMMAND\n";
}

}  // namespace ccci::command
