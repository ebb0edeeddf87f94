// SPDX-License-Identifier: GPL-3.0-or-later
// The program that runs pip inside the resolver's root. It is written in Python, because the root
// has nothing else.
#pragma once

#include <string_view>

namespace ccci::python {

// Reads request.json in its directory and writes answer.json:
//   {"report": pip's report or null, "output": "…", "kept": bool, "slow": bool, "probe": null or
//    {"name": "…", "status": 404, "files": [{"file","requires","yanked"}…], "near": ["…"]}}
std::string_view driver_program();

}  // namespace ccci::python
