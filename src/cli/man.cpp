// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/man.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/help.hpp"
#include "declare/declaration.hpp"
#include "declare/keys.hpp"

namespace ccci::cli {

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

// The page has no date, so that the same sources always give the same page.
std::string head(const std::string& name, std::string_view purpose, char section = '1') {
  return ".TH \"" + roff(upper(name)) + "\" \"" + section + "\" \"\" \"" + roff(version_line()) +
         "\" \"cc\\-ci manual\"\n.SH NAME\n" + roff(name) + " \\- " + roff(purpose) + "\n";
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

std::string man_paragraphs(std::string_view prose) {
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

// "packages.NAME.sha256" from "packages.*.sha256".
std::string with_name(std::string_view path) {
  std::string text(path);
  if (const std::size_t star = text.find('*'); star != std::string::npos)
    text.replace(star, 1, "NAME");
  return text;
}

std::string_view type_name(declare::Type type) {
  switch (type) {
    case declare::Type::table:
      return "table";
    case declare::Type::text:
      return "string";
    case declare::Type::flag:
      return "true or false";
    case declare::Type::integer:
      return "integer";
    case declare::Type::list:
      return "list of strings";
    case declare::Type::texts:
      return "string or list of strings";
    case declare::Type::lines:
      return "list of commands, each a list of strings";
    case declare::Type::commands:
      return "list of names, or table of names and paths";
    case declare::Type::baseline:
      return "list of names, or table";
    case declare::Type::npm:
      return "string, or table";
  }
  return "";
}

std::string key_entry(const declare::Key& key) {
  std::string text;
  if (key.type == declare::Type::table) {
    text = ".SS [" + roff(with_name(key.path)) + "]\n" + roff(key.meaning) + "\n";
  } else {
    text = ".TP\n\\fB" + roff(with_name(key.last())) + "\\fR (" + roff(type_name(key.type)) +
           (key.required ? ", required)\n" : ")\n") + roff(key.meaning) + "\n";
  }
  if (key.choices != nullptr) {
    text += ".br\none of: " + roff(base::join(key.choices(), ", ")) + "\n";
  }
  if (key.example.empty() || key.type == declare::Type::table) return text;
  const std::string example = key.last() == "*"
                                  ? std::string(key.example)
                                  : std::string(key.last()) + " = " + std::string(key.example);
  // Filling is off: roff cannot break a digest into lines and would print a warning.
  return text + ".nf\nexample: " + roff(example) + "\n.fi\n";
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

ManPage man_page(const Command& command) {
  const std::string name = page_name(command);
  std::string text = head(name, command.purpose);
  text += ".SH SYNOPSIS\n" + roff(usage_of(command)) + "\n";
  if (!command.prose.empty()) text += ".SH DESCRIPTION\n" + man_paragraphs(command.prose);
  text += option_sections(command.options, "OPTIONS");
  text += option_sections(global_options(), "GLOBAL OPTIONS");
  text += man_statuses(command.statuses);
  if (!command.example.empty()) {
    text += ".SH EXAMPLE\n.nf\n" + roff(command.example) + "\n.fi\n";
  }
  return {name + ".1", text + ".SH SEE ALSO\n.BR cc\\-ci (1)\n"};
}

ManPage man_page(const Commands& table) {
  std::string text = head("cc-ci", "one declared, closed environment for all CI jobs of a host");
  text += ".SH SYNOPSIS\ncc\\-ci [OPTIONS] COMMAND [ARG...]\n.SH COMMANDS\n";
  std::string pages;
  for (const std::string_view section : sections()) {
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

ManPage declaration_page() {
  std::string text = head("cc-ci.toml", "the declaration of a CI environment", '5');
  text += ".SH DESCRIPTION\n" +
          man_paragraphs(
              "This file declares the environment of every job. \"cc-ci lock\" and \"cc-ci build\" "
              "read it. It is TOML 1.0, at most 1 MiB, in the top directory of a repository. Keys "
              "that are not listed below are errors. All errors are reported together.\n\n"
              "\"cc-ci init\" writes a commented example, \"cc-ci schema\" prints a JSON Schema "
              "for editors.");
  text += ".SH KEYS\n";
  for (const declare::Key& key : declare::keys()) text += key_entry(key);
  text += ".SH EXAMPLE\n.nf\n" + roff(declare::starter()) + ".fi\n";
  return {"cc-ci.toml.5", text +
                              ".SH SEE ALSO\n.BR cc\\-ci (1),\n.BR cc\\-ci\\-init (1),\n.BR "
                              "cc\\-ci\\-schema (1)\n"};
}

std::vector<ManPage> man_pages(const Commands& table) {
  std::vector<ManPage> pages{man_page(table), declaration_page()};
  for (const Command* command : table) {
    if (!command->hidden) pages.push_back(man_page(*command));
  }
  return pages;
}

}  // namespace ccci::cli
