// SPDX-License-Identifier: GPL-3.0-or-later
// The program that every path executes as its job. It is written in POSIX sh, because only that is
// available on a host, in a unit and in a runner's step. It records what the job sees outside the
// environment, runs the given test, and then records what the entrypoint shows inside.
#pragma once

#include <string_view>

namespace ccci::witness {

// `sh DIRECTORY/probe [COMMAND…]`, where DIRECTORY is a request (request_queue.hpp). The first call
// before the expiry takes the request. Every other call executes COMMAND in place. So the real job
// still runs if a unit has left-over settings of a witness.
std::string_view probe_text();

}  // namespace ccci::witness
