// SPDX-License-Identifier: GPL-3.0-or-later
// The evidence for a verdict: the outputs as files, and their digests in the record.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "gate/cold.hpp"

namespace ccci::gate {

// "NN-CHECK": the first part of the file names of a check. NN counts from 1.
std::string evidence_stem(std::size_t number, const std::string& check);

// Writes ROOT/DIRECTORY/NN-CHECK.out and .err. Follows no link below ROOT. If the check compares
// with another command, also writes .same.out and .same.err. The files are durable when it returns.
base::Result<void> write_evidence(const std::filesystem::path& root,
                                  const std::filesystem::path& directory,
                                  const Verification& verification);

// The part of a verdict's payload that reports what was seen: "verdict", "refusal", "state",
// "checks", "reproduction".
base::Json findings(const Verification& verification, const Claimed& claimed, const Gate* gate,
                    const std::string& url);

}  // namespace ccci::gate
