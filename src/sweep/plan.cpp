// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/plan.hpp"

#include <algorithm>

namespace ccci::sweep {

namespace {

constexpr std::uint64_t engine_memory = 300'000'000;  // bytes

bool is_known(const std::string& name, const std::vector<history::Night>& nights) {
  return std::any_of(nights.begin(), nights.end(),
                     [&](const history::Night& night) { return night.name == name; });
}

}  // namespace

Need need_of(const std::optional<history::Record>& last) {
  Need need;
  if (last && last->peak_memory > 0) need.memory = engine_memory + last->peak_memory * 5 / 4;
  return need;
}

std::size_t Plan::to_run() const {
  return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), [&](const Job& job) {
    return job.decision.run && !done.contains(job.decision.recipe);
  }));
}

std::string new_night(const std::string& date, const std::vector<history::Night>& nights) {
  std::string name = date;
  for (int number = 2; is_known(name, nights); ++number) name = date + "." + std::to_string(number);
  return name;
}

base::Json to_json(const Plan& plan) {
  base::Json recipes = base::Json::array();
  for (const Job& job : plan.jobs) {
    const Decision& decision = job.decision;
    const auto found = plan.done.find(decision.recipe);
    const history::Record* record = found == plan.done.end() ? nullptr : &found->second;
    recipes.push_back(
        {{"name", decision.recipe},
         {"version", decision.version},
         {"decision", decision.run ? "run" : "skip"},
         {"reason", decision.reason},
         {"ref", decision.tag},
         {"commit", decision.commit},
         {"upgrade_from", decision.base},
         {"memory", job.need.memory},
         {"disk", job.need.disk},
         {"deadline", static_cast<std::uint64_t>(job.deadline.count())},
         {"verdict", record ? base::Json(history::name(record->verdict)) : nullptr},
         {"level", record ? base::Json(record->level) : nullptr},
         {"seconds", record ? base::Json(history::in_seconds(record->time)) : nullptr}});
  }
  return {{"schema", 1},
          {"sweep", plan.night},
          {"started", plan.started},
          {"environment", plan.environment},
          {"continued", plan.continued},
          {"recipes", std::move(recipes)}};
}

}  // namespace ccci::sweep
