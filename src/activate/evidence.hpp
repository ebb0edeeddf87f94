// SPDX-License-Identifier: GPL-3.0-or-later
// What is kept of a generation that was not healthy: STATE/evidence/N-TIME/ with complaints.txt,
// and of each unit among them its status and its journal since the switch began.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "activate/health.hpp"

namespace ccci::activate {

struct Evidence {
  Generation generation;
  std::vector<Complaint> complaints;
  std::string refusals;  // of systemd, to jobs
  std::chrono::system_clock::time_point since;
};

// The directory; empty where nothing could be kept (a full disk): losing it must not stop the way
// back.
std::filesystem::path keep_evidence(Systemd& systemd, const Evidence& evidence);

}  // namespace ccci::activate
