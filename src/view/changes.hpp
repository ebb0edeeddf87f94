// SPDX-License-Identifier: GPL-3.0-or-later
// The changes between two locks, as text for people and as JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "lock/changes.hpp"
#include "report/table.hpp"

namespace ccci::view {

std::string_view movement_name(lock::Movement movement);
base::Json changes_json(const std::vector<lock::Change>& changes);
report::Table changes_table(const std::vector<lock::Change>& changes);
// "3 added, 1 up"; "nothing changed".
std::string changes_summary(const std::vector<lock::Change>& changes);

}  // namespace ccci::view
