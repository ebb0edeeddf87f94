// SPDX-License-Identifier: GPL-3.0-or-later
// The output of the programs of a sealed run.
#pragma once

#include <sys/types.h>

#include <string>

#include "seal/sealed_run.hpp"

namespace ccci::seal {

enum class OutputEnd {
  closed,     // every writer has closed the pipe
  timed_out,  // `time_limit` of the run
  too_slow,   // its `busy_limit`
};

// Reads from the pipe until it is closed, or until a limit of `run`. `child`: the process whose
// descendants write. `output` gets the last 256 to 512 KiB.
OutputEnd read_output(int fd, pid_t child, const SealedRun& run, std::string& output);

}  // namespace ccci::seal
