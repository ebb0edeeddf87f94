// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the man pages from the option tables and from the table of keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/commands.hpp"

namespace ccci::cli {

struct ManPage {
  std::string file;  // "cc-ci-store-verify.1"
  std::string text;  // roff, man(7) macros
};

ManPage man_page(const Commands& table);   // cc-ci.1
ManPage man_page(const Command& command);  // cc-ci-NAME.1
ManPage declaration_page();                // cc-ci.toml.5, from the table of keys
std::vector<ManPage> man_pages(const Commands& table);

// Escapes the text so that roff prints it unchanged.
std::string roff(std::string_view text);

}  // namespace ccci::cli
