// SPDX-License-Identifier: GPL-3.0-or-later
// What a job gets from cc-ci whatever starts it: mounts, variables, umask. The launcher gives it to
// the commands of an entrypoint; for a service, systemd does, by the settings below. Both read the
// same environment object and the same table of variables (enter/entrypoint_variables.hpp).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "environment/environment.hpp"

namespace ccci::host {

// One setting of a unit: mounts FROM, a path on the host, over TO in the service.
std::string bound(const std::string& from, const std::string& to);

// BindReadOnlyPaths= for the environment's /usr, /etc and its parts of /var and /opt, and for the
// host's /etc at the place where links of the environment lead.
std::string view_mounts(const environment::Environment& environment);

// The variables that every job has, sorted by name. PATH is not among them.
std::map<std::string, std::string> view_variables(const environment::Environment& environment);

// UMask=, and UnsetEnvironment= for the variables that the launcher drops. systemd takes only whole
// names there, so a rule like LD_* stands for the names that manuals know.
std::string view_settings(const environment::Environment& environment);

// Whether no job gets the variable of that name from who starts it.
bool is_dropped(std::string_view name);

// The names that UnsetEnvironment= gets, sorted; without those that the environment sets.
std::vector<std::string> unset_variables(const environment::Environment& environment);

}  // namespace ccci::host
