// SPDX-License-Identifier: GPL-3.0-or-later
// What a check of a passed gate printed: from the evidence in the repository, which counts for
// nothing but the digest that the verdict signed. Later gates compare with it what runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gate/audit.hpp"
#include "gate/status.hpp"

namespace ccci::gate {

// Of the newest PASS for the gate's current claim. `root` is the repository's work tree, `entries`
// have been audited. [gate.not-passed], [gate.no-check], [gate.evidence]
base::Result<std::string> exhibit(const std::filesystem::path& root, const GateStatus& gate,
                                  const std::vector<Entry>& entries, const std::string& check);

}  // namespace ccci::gate
