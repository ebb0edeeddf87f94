// SPDX-License-Identifier: GPL-3.0-or-later
// What a verdict stands on: the outputs as files, and their digests in the record.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "gate/cold.hpp"

namespace ccci::gate {

// "NN-CHECK": what the files of a check begin with; they count from 1.
std::string evidence_stem(std::size_t number, const std::string& check);

// Writes DIRECTORY/NN-CHECK.out, .err and, of a command compared with, .same.out and .same.err;
// durable on return.
base::Result<void> write_evidence(const std::filesystem::path& directory,
                                  const Verification& verification);

// The part of a verdict's payload that tells what was seen: "verdict", "refusal", "state",
// "checks", "reproduction".
base::Json findings(const Verification& verification, const Claimed& claimed, const Gate* gate,
                    const std::string& url);

}  // namespace ccci::gate
