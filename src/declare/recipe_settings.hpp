// SPDX-License-Identifier: GPL-3.0-or-later
// What of the declaration decides what a test of a recipe finds, besides its files, its images and
// the environment: the keys of [recipes.NAME]. Two verdicts can so be told apart by them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::declare {

// Key -> the first digits of the digest of its value. A key with its default is absent, so that a
// later cc-ci may know more keys. `source`, `branch` and `images` are not in it: a verdict has the
// commit and the ids of the images.
using SettingDigests = std::map<std::string, std::string>;

// `recipe` may be one that has no table. The settings of its dependencies count too: "env of db".
SettingDigests setting_digests(const std::string& recipe, const Declaration& declaration);

// The keys with another value, by name.
std::vector<std::string> changed_settings(const SettingDigests& before,
                                          const SettingDigests& after);

// Gives the recipes of `declaration` the settings that they have in `other`. Where their files and
// images come from stays as it is.
void take_settings(const Declaration& other, Declaration& declaration);

}  // namespace ccci::declare
