// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/schedules.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace {

// The declaration's own check knows the forms of schedules, but not the time zones of this host.
std::string remedy(std::string_view schedule, bool never) {
  const std::string_view last = schedule.substr(schedule.rfind(' ') + 1);
  const bool zone = !never && last.find('/') != std::string_view::npos &&
                    last.find_first_of("*:") == std::string_view::npos;
  const std::string correct = "correct the schedule in cc-ci.toml";
  return zone ? correct + ", or install the time zone: apt install tzdata-legacy" : correct;
}

}  // namespace

base::Result<void> require_schedules(base::ProcessRunner& processes,
                                     const std::map<std::string, std::string>& texts) {
  std::vector<base::Error> errors;
  for (const auto& [path, text] : texts) {
    if (!path.ends_with(".timer")) continue;
    for (const std::string& schedule : host::settings({text}, "Timer", "OnCalendar")) {
      base::Command command;
      command.argv = {"systemd-analyze", "calendar", "--iterations=1", "--", schedule};
      command.time_limit = std::chrono::seconds(10);
      const auto outcome = processes.run(command);
      if (!outcome) return {};  // a host without systemd-analyze: the health check is left
      const bool never = outcome->out.find("Next elapse: never") != std::string::npos ||
                         outcome->out.find("Next elapse: (never)") != std::string::npos;
      if (outcome->status == 0 && !never) continue;
      const std::string said = base::printable(std::string(base::trim(outcome->err)));
      errors.push_back(base::fail("activate.schedule")
                           .with("timer", path)
                           .with("schedule", schedule)
                           .with("problem", never ? "it never occurs again" : said)
                           .with("remedy", remedy(schedule, never)));
    }
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::activate
