// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/switch_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ccci::activate {

namespace {

constexpr std::array job_names{std::pair{Jobs::wait, std::string_view("wait")},
                               std::pair{Jobs::refuse, std::string_view("refuse")},
                               std::pair{Jobs::kill, std::string_view("kill")}};

}  // namespace

std::string_view name(Jobs jobs) {
  return std::find_if(job_names.begin(), job_names.end(),
                      [&](const auto& one) { return one.first == jobs; })
      ->second;
}

std::optional<Jobs> jobs_named(std::string_view name) {
  for (const auto& [jobs, known] : job_names)
    if (known == name) return jobs;
  return std::nullopt;
}

}  // namespace ccci::activate
