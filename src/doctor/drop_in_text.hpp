// SPDX-License-Identifier: GPL-3.0-or-later
// What the text of a drop-in does to settings that cc-ci's own drop-in makes.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::doctor {

// The names that Environment= sets in this text only. Values are not parsed, so that a specifier in
// one value does not hide the other names.
std::set<std::string> names_set(const std::string& text);

// The value that Environment= of this text gives the variable; empty if it is not known here.
std::string value_set(const std::string& text, std::string_view name);

// Whether the text clears the previous values of the key: `KEY=` without a value.
bool clears(const std::string& text, std::string_view key);

// Whether a setting of mounts ("SOURCE:TARGET:options …") has a target at or below /usr.
bool mounts_on_usr(const std::vector<std::string>& values);

}  // namespace ccci::doctor
