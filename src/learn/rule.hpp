// SPDX-License-Identifier: GPL-3.0-or-later
// The rules that the findings need besides the lists: what comes from the Python package index or
// from the npm registry.
#pragma once

#include <string>
#include <vector>

#include "learn/findings.hpp"

namespace ccci::learn {

struct Rule {
  enum class Kind { pypi, npm, npm_module };  // npm_module: without commands

  Kind kind = Kind::pypi;
  std::string name;     // of the tool or module
  std::string package;  // its name in the index or registry

  bool operator==(const Rule&) const = default;
};

// Names that a declaration does not allow are left out.
std::vector<Rule> rules_of(const Findings& findings);

// "[packages.prettier]\nnpm = \"prettier\"\n".
std::string text_of(const Rule& rule);

// As TOML. Escapes names, because a file in /usr/local/bin can have any name.
std::string quoted_value(const std::string& text);
// "packages.NAME", for a header.
std::string rule_key(const std::string& name);
bool is_plain(const std::string& name);

}  // namespace ccci::learn
