// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/night.hpp"

#include <algorithm>

namespace ccci::sweep {

namespace {

constexpr std::size_t nights_to_know = 400;
constexpr std::size_t longest_name = 60;

// Whether the last night goes on with this call.
bool goes_on(const history::Night& night, const Request& request) {
  if (!night.ended.empty() || request.partial) return false;
  if (night.environment != request.environment) return false;
  const auto started = base::from_rfc3339(night.started);
  // A clock that was set back makes the age negative.
  return started && request.now - *started < longest_night;
}

std::optional<history::Night> chosen_night(const std::vector<history::Night>& nights,
                                           const Request& request) {
  for (const history::Night& night : nights) {
    if (!request.night.empty()) {
      if (night.name == request.night) return night;
    } else {
      return goes_on(night, request) ? std::optional(night) : std::nullopt;
    }
  }
  return std::nullopt;
}

// The decision of the earlier call, if there is one.
Decision as_planned(Decision now, const std::vector<history::PlannedRecipe>& planned, bool all) {
  for (const history::PlannedRecipe& row : planned) {
    if (row.recipe != now.recipe) continue;
    if (!row.run && all) break;
    now.run = row.run;
    now.reason = row.reason;
    break;
  }
  return now;
}

}  // namespace

base::Result<Plan> make_plan(const Enrolled& enrolled, std::map<std::string, Candidate> candidates,
                             const Request& request, const history::History* history) {
  Plan plan;
  plan.environment = request.environment;
  plan.started = base::rfc3339(request.now);
  std::map<std::string, history::Canonical> canonicals;
  std::vector<history::Night> nights;
  std::vector<history::PlannedRecipe> planned;
  if (history != nullptr) {
    CCCI_TRY(plan.known, history->latest());
    CCCI_TRY(canonicals, history->canonicals());
    CCCI_TRY(nights, history->nights(nights_to_know));
  }
  plan.night =
      request.night.empty() ? new_night(base::local_date(request.now), nights) : request.night;
  if (const auto night = chosen_night(nights, request)) {
    plan.night = night->name;
    plan.started = night->started;
    plan.continued = true;
    CCCI_TRY(planned, history->plan(night->name));
    CCCI_TRY(const std::vector<history::Record> done, history->of_night(night->name));
    for (const history::Record& record : done)
      if (record.environment == request.environment) plan.done.emplace(record.recipe, record);
  }
  const Rules rules{request.environment, request.max_age, request.all, request.now};
  for (auto& [name, candidate] : candidates) {
    if (const auto known = canonicals.find(name); known != canonicals.end())
      candidate.canonical = known->second;
    if (const auto last = plan.known.find(name); last != plan.known.end())
      candidate.last = last->second;
    Job job{as_planned(decide(candidate, rules), planned, request.all), need_of(candidate.last)};
    const auto settings = enrolled.find(name);
    if (settings != enrolled.end() && settings->second.deadline.count() > 0)
      job.deadline = settings->second.deadline;
    plan.jobs.push_back(std::move(job));
  }
  return plan;
}

base::Result<void> close_unfinished(history::History& history, const Plan& plan,
                                    base::WallTime now) {
  CCCI_TRY(const std::vector<history::Night> nights, history.nights(nights_to_know));
  for (const history::Night& night : nights) {
    if (!night.ended.empty() || night.name == plan.night) continue;
    CCCI_TRY(const auto planned, history.plan(night.name));
    CCCI_TRY(const auto done, history.of_night(night.name));
    for (const history::PlannedRecipe& row : planned) {
      const bool has_verdict = std::any_of(done.begin(), done.end(), [&](const auto& record) {
        return record.recipe == row.recipe;
      });
      if (!row.run || has_verdict) continue;
      history::Record record{
          .recipe = row.recipe, .night = night.name, .environment = night.environment};
      record.version = row.version;
      record.started = night.started;
      record.reason = "the sweep of this night was not finished";
      record.decision = row.reason;
      CCCI_CHECK(history.add(record));
    }
    CCCI_CHECK(history.end(night.name, base::rfc3339(now)));
  }
  return {};
}

base::Result<void> check_night(const std::string& name) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  const bool good = !name.empty() && name.size() <= longest_name && name.front() != '.' &&
                    name.find_first_not_of(allowed) == std::string::npos;
  if (good) return {};
  return base::unexpected(base::fail("sweep.night").with("name", name));
}

}  // namespace ccci::sweep
