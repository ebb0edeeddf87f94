// SPDX-License-Identifier: GPL-3.0-or-later
// Replaces variables in texts as the Compose specification says:
//
//   $X  ${X}          the value, or nothing
//   ${X:-y}  ${X-y}   y if X is not set (with the colon: or empty)
//   ${X:+y}  ${X+y}   y if X is set (with the colon: and not empty), else nothing
//   ${X:?e}  ${X?e}   an error with the text e if X is not set (or empty)
//   $$                a dollar
//
// y may contain variables. Docker's own reader of stack files has no nested defaults and no `+`;
// Compose has both, and recipes use both.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "recipe/tree.hpp"

namespace ccci::recipe {

using Variables = std::map<std::string, std::string, std::less<>>;

// Why a text cannot be filled in.
struct BadTemplate {
  std::size_t offset = 0;  // of the `$`
};
struct MissingVariable {
  std::string name;
  std::string message;  // of the author, may be empty
};
using Interpolated = std::variant<std::string, BadTemplate, MissingVariable>;

// Whether ${X:?e} without a value is an error, or as ${X}.
enum class Required { must_be_set, may_be_missing };

// Adds the names that have no value and no default to `unset`.
Interpolated interpolate(std::string_view text, const Variables& variables,
                         std::set<std::string>& unset, Required required = Required::must_be_set);

// Fills in every value of the tree; keys are never filled in. Reports all mistakes of the tree.
// [recipe.template], [recipe.required], [recipe.too-large]
base::Result<void> interpolate(Node& tree, const Variables& variables, const Sources& sources,
                               std::set<std::string>& unset,
                               Required required = Required::must_be_set);

// The names of all variables in the text, also those in defaults.
std::set<std::string> variables_in(std::string_view text);

}  // namespace ccci::recipe
