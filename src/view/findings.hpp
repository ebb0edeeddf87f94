// SPDX-License-Identifier: GPL-3.0-or-later
// The findings about a traced command, as text for people and as JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "command/invocation.hpp"
#include "learn/findings.hpp"

namespace ccci::view {

using command::Invocation;

void print_findings(Invocation& invocation, const learn::Findings& findings);
base::Json to_json(const learn::Findings& findings);

// The directories of this process's PATH; those that are not absolute are left out.
std::vector<std::string> own_path();

// Reports on stderr that the command has ended but processes that it started still run.
void tell_left_behind(std::size_t processes);

}  // namespace ccci::view
