// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence about a generation that was not healthy: STATE/evidence/N-TIME/ with complaints.txt, and
// the status and the journal since the switch began for each unit with a complaint.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "activate/health.hpp"

namespace ccci::activate {

struct Evidence {
  Generation generation;
  std::vector<Complaint> complaints;
  std::string refusals;  // jobs that systemd refused
  std::chrono::system_clock::time_point since;
};

// The directory of the evidence. Empty if nothing could be written (a full disk): missing evidence
// must not stop the rollback.
std::filesystem::path keep_evidence(Systemd& systemd, const Evidence& evidence);

// The end of what a unit's journal says, each line indented: often the cause, which systemd's
// result does not name.
std::string last_words(std::string_view journal);

}  // namespace ccci::activate
