// SPDX-License-Identifier: GPL-3.0-or-later
// The names of tools in other distributions and formats. There is one table, and each row has its
// reason. A declaration adds names with [packages.NAME].
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ccci::prove {

struct Alias {
  std::string_view other;
  std::string_view tool;  // Debian's name, or the command's if that is the usual word
  std::string_view reason;
};

// All rows, sorted by `other`.
std::span<const Alias> aliases();

// The row for the name, or nullptr.
const Alias* alias(std::string_view other);

// One name for all names of a tool: "gnused" and "sed" give "sed", "python312" and "python3.11"
// give "python3". Any other name gives itself in lower case.
std::string canonical_tool(std::string_view name);

// The same for a Python module: "python3-pytest", "py3-pytest" and "Pytest" give "pytest".
std::string canonical_module(std::string_view name);

}  // namespace ccci::prove
