// SPDX-License-Identifier: GPL-3.0-or-later
// Lets a locked Playwright find Debian's chromium. Playwright looks for a browser by the revision
// in its own browsers.json, and by a name that differs between its versions:
//
//   usr/lib/cc-ci/browsers/
//     chromium-1255/INSTALLATION_COMPLETE
//     chromium-1255/chrome-linux64/chrome -> /usr/lib/chromium/chromium
//     chromium_headless_shell-1255/chrome-headless-shell-linux64/chrome-headless-shell -> …
//   usr/lib/cc-ci/playwright      starts Playwright's driver; `install` changes nothing
//
// Rejected: /usr/bin/chromium as the program, because that script changes the arguments. Rejected:
// a directory that a job may write into, because `playwright install` deletes there what it does
// not know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "environment/tree.hpp"

namespace ccci::environment {

// Increase it whenever what add_browsers() adds changes: the environment's address depends on it.
inline constexpr int browsers_version = 1;

inline constexpr const char* browsers_directory = "usr/lib/cc-ci/browsers";
inline constexpr const char* playwright_file = "usr/lib/cc-ci/playwright";

// Adds the links for every Playwright of the parts, and the variables by which Playwright finds
// them. A variable that the declaration sets stays.
void add_browsers(Tree& tree, const std::vector<Part>& parts,
                  std::map<std::string, std::string>& variables);

}  // namespace ccci::environment
