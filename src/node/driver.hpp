// SPDX-License-Identifier: GPL-3.0-or-later
// The program that runs npm inside the resolver's root. It is written in JavaScript, because the
// root has nothing else.
#pragma once

#include <string_view>

namespace ccci::node {

// Reads request.json in its directory and writes answer.json:
//   {"tree": npm's record of what it installed, or null,
//    "files": {"node_modules/x": {"file": "…", "sha256": "…", "size": N}},
//    "error": {"code": "E404", "summary": "…", "detail": "…"}, "output": "…",
//    "near": "a name that exists", "versions": ["…"]}
std::string_view driver_program();

}  // namespace ccci::node
