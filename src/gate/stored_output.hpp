// SPDX-License-Identifier: GPL-3.0-or-later
// The output of a check of a passed gate, from the evidence in the repository. The evidence files
// are not trusted; only the digest that the verdict signed is. Later gates compare what runs with
// this output.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/audit.hpp"
#include "gate/status.hpp"

namespace ccci::gate {

// The output from the newest PASS for the gate's current claim. `root` is the repository's work
// tree. `entries` must have been audited. [gate.not-passed], [gate.no-check], [gate.evidence]
base::Result<std::string> stored_output(const std::filesystem::path& root, const GateStatus& gate,
                                        const std::vector<Entry>& entries,
                                        const std::string& check);

}  // namespace ccci::gate
