// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the man pages of the commands from the option tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "command/command.hpp"

namespace ccci::command {

struct ManPage {
  std::string file;  // "cc-ci-store-verify.1"
  std::string text;  // roff, man(7) macros
};

ManPage man_page(const Commands& table);   // cc-ci.1
ManPage man_page(const Command& command);  // cc-ci-NAME.1
std::vector<ManPage> man_pages(const Commands& table);

// Escapes the text so that roff prints it unchanged.
std::string roff(std::string_view text);
// Like `prose` of a command: an empty line separates paragraphs, and a paragraph that begins with a
// space is not filled.
std::string roff_paragraphs(std::string_view prose);
// The title and the section NAME. There is no date, so that the same sources always give the same
// page.
std::string page_head(const std::string& name, std::string_view purpose, char section);

}  // namespace ccci::command
