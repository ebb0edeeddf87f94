// SPDX-License-Identifier: GPL-3.0-or-later
// What jobs on this host need from packages of the host that the environment lacks: modules of the
// name service, and certificate authorities of the administrator.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/checkup.hpp"
#include "environment/environment.hpp"

namespace ccci::doctor {

// The modules in the text of nsswitch.conf(5) for accounts (passwd, group, shadow) or for hosts.
struct NameServices {
  std::set<std::string> accounts;
  std::set<std::string> hosts;
};
NameServices read_nsswitch(std::string_view text);

// Commands of declared tools that have a right in their package and not in the store (sudo, ping).
std::vector<Symptom> check_rights(const environment::Environment& environment);

// Whether the texts of a unit and its drop-ins set DynamicUser=.
bool has_dynamic_user(const std::vector<std::string>& texts);

// `root` is the environment's. `dynamic_user`: whether a declared runner has DynamicUser=, whose
// user only the module `systemd` knows. Files of the host are read below `host`.
std::vector<Symptom> check_view(const std::filesystem::path& root, bool dynamic_user,
                                const std::filesystem::path& host = "/");

}  // namespace ccci::doctor
