// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/man.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "command/help.hpp"

namespace ccci::command {

namespace {

std::string upper(std::string text) {
  for (char& letter : text) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return text;
}

std::string page_name(const Command& command) {
  std::string name = "cc-ci-" + std::string(command.name);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string option_head(const Option& option) {
  std::string text = ".TP\n";
  if (option.letter != 0) text += "\\fB\\-" + std::string(1, option.letter) + "\\fR, ";
  text += "\\fB\\-\\-" + roff(option.name) + "\\fR";
  if (!option.value.empty()) text += " \\fI" + roff(option.value) + "\\fR";
  return text + "\n";
}

std::string option_sections(const std::vector<Option>& options, std::string_view heading) {
  if (options.empty()) return {};
  const std::vector<OptionGroup> groups = groups_of(options);
  std::string text = ".SH " + std::string(heading) + "\n";
  for (const OptionGroup& group : groups) {
    if (groups.size() > 1) text += ".SS " + roff(group.title) + "\n";
    for (const Option* option : group.options) {
      text += option_head(*option) + roff(option->help);
      if (!option->shown.empty()) text += " [default: " + roff(option->shown) + "]";
      if (option->repeatable) text += " (repeatable)";
      text += "\n";
    }
  }
  return text;
}

std::string man_statuses(const std::vector<ExitStatus>& own) {
  std::string text = ".SH EXIT STATUS\n";
  for (const ExitStatus& status : all_statuses(own)) {
    text += ".TP\n\\fB" + roff(status.status) + "\\fR\n" + roff(status.meaning) + "\n";
  }
  return text;
}

std::string environment_variables() {
  return ".SH ENVIRONMENT\n"
         ".TP\n\\fBCC_CI_STATE\\fR\nthe state directory; \\fB\\-\\-state\\fR overrides it\n"
         ".TP\n\\fBNO_COLOR\\fR, \\fBCLICOLOR_FORCE\\fR, \\fBTERM\\fR, \\fBCOLUMNS\\fR\n"
         "decide whether output is coloured, and how wide it is\n";
}

}  // namespace

std::string roff(std::string_view text) {
  std::string escaped;
  bool line_begins = true;
  for (const char letter : text) {
    if (line_begins && (letter == '.' || letter == '\'')) escaped += "\\&";
    line_begins = letter == '\n';
    switch (letter) {
      case '\\':
        escaped += "\\e";
        break;
      case '-':
        escaped += "\\-";
        break;
      case '\'':
        escaped += "\\(aq";
        break;
      case '`':
        escaped += "\\(ga";
        break;
      case '^':
        escaped += "\\(ha";
        break;
      case '~':
        escaped += "\\(ti";
        break;
      case '"':
        escaped += "\\(dq";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string page_head(const std::string& name, std::string_view purpose, char section) {
  return ".TH \"" + roff(upper(name)) + "\" \"" + section + "\" \"\" \"" + roff(version_line()) +
         "\" \"cc\\-ci manual\"\n.SH NAME\n" + roff(name) + " \\- " + roff(purpose) + "\n";
}

std::string roff_paragraphs(std::string_view prose) {
  std::string text;
  while (!prose.empty()) {
    const std::size_t end = prose.find("\n\n");
    const std::string_view part = prose.substr(0, end);
    prose.remove_prefix(end == std::string_view::npos ? prose.size() : end + 2);
    if (part.empty()) continue;
    if (!text.empty()) text += ".PP\n";
    if (part.starts_with(' ')) {
      text += ".nf\n" + roff(part) + "\n.fi\n";
    } else {
      text += roff(part) + "\n";
    }
  }
  return text;
}

ManPage man_page(const Command& command) {
  const std::string name = page_name(command);
  std::string text = page_head(name, command.purpose, '1');
  text += ".SH SYNOPSIS\n" + roff(usage_of(command)) + "\n";
  if (!command.prose.empty()) text += ".SH DESCRIPTION\n" + roff_paragraphs(command.prose);
  text += option_sections(command.options, "OPTIONS");
  text += option_sections(global_options(), "GLOBAL OPTIONS");
  text += man_statuses(command.statuses);
  if (!command.example.empty()) {
    text += ".SH EXAMPLE\n.nf\n" + roff(command.example) + "\n.fi\n";
  }
  return {name + ".1", text + ".SH SEE ALSO\n.BR cc\\-ci (1)\n"};
}

ManPage man_page(const Commands& table) {
  std::string text =
      page_head("cc-ci", "one declared, closed environment for all CI jobs of a host", '1');
  text += ".SH SYNOPSIS\ncc\\-ci [OPTIONS] COMMAND [ARG...]\n.SH COMMANDS\n";
  std::string pages;
  for (const std::string_view section : sections_of(table)) {
    std::string entries;
    for (const Command* command : table) {
      if (command->hidden || command->section != section) continue;
      entries += ".TP\n\\fB" + roff(command->name) + "\\fR\n" + roff(command->purpose) + "\n";
      if (!pages.empty()) pages += " ,\n";
      pages += ".BR " + roff(page_name(*command)) + " (1)";
    }
    if (!entries.empty()) text += ".SS " + roff(section) + "\n" + entries;
  }
  text += option_sections(global_options(), "OPTIONS");
  text += man_statuses({}) + environment_variables();
  return {"cc-ci.1", text + ".SH SEE ALSO\n" + pages + "\n"};
}

std::vector<ManPage> man_pages(const Commands& table) {
  std::vector<ManPage> pages{man_page(table)};
  for (const Command* command : table) {
    if (!command->hidden) pages.push_back(man_page(*command));
  }
  return pages;
}

}  // namespace ccci::command
