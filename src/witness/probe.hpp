// SPDX-License-Identifier: GPL-3.0-or-later
// The program that every path executes as its job: POSIX sh, because that is all that a host, a
// unit and a runner's step have in common. It runs the test that it was given and then writes down
// what the job sees: first where it stands, then from inside the environment.
#pragma once

#include <string_view>

namespace ccci::witness {

// `sh DIRECTORY/probe [COMMAND…]`, where DIRECTORY is a request (desk.hpp). Whoever comes first and
// in time takes the request; any other call executes COMMAND in place, so that a real job of a unit
// that still carries a witness's settings runs and is not swallowed.
std::string_view probe_text();

}  // namespace ccci::witness
