// SPDX-License-Identifier: GPL-3.0-or-later
// doctor's findings as JSON and as a table.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "command/invocation.hpp"
#include "doctor/checkup.hpp"

namespace ccci::view {

using command::Invocation;

bool is_sick(const std::vector<doctor::Symptom>& symptoms);
base::Json to_json(const std::vector<doctor::Symptom>& symptoms);
// The findings in an answer of `cc-ci receive --doctor`. Nothing if it is none.
std::optional<std::vector<doctor::Symptom>> symptoms_in(const std::string& answer);
void print_symptoms(Invocation& invocation, const std::vector<doctor::Symptom>& symptoms);

}  // namespace ccci::view
