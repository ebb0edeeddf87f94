// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/night.hpp"

#include <algorithm>

namespace ccci::sweep {

namespace {

constexpr std::size_t nights_to_know = 400;
constexpr std::size_t longest_name = 60;
constexpr std::size_t most_tags = 20;  // of one recipe that are asked for

// How far the begin of the night is from now, in either direction: clocks are set back too.
bool is_old(const history::Night& night, base::WallTime now) {
  const auto started = base::from_rfc3339(night.started);
  return !started || now - *started >= longest_night || *started - now >= longest_night;
}

// Of a clock that was set back, nobody knows how long ago the night began: it may be seconds.
bool is_over(const history::Night& night, base::WallTime now) {
  const auto started = base::from_rfc3339(night.started);
  return !started || now - *started >= longest_night;
}

// Whether a sweep of all recipes goes on with it. Another machine may still be at work on its own,
// and somebody who asked for some recipes goes on with them by the night's name.
bool goes_on(const history::Night& night, const Request& request) {
  return night.ended.empty() && !night.partial && !request.partial &&
         night.machine == request.machine && night.environment == request.environment &&
         !is_over(night, request.now);
}

std::optional<history::Night> chosen_night(const std::vector<history::Night>& nights,
                                           const Request& request) {
  const auto found = std::find_if(nights.begin(), nights.end(), [&](const history::Night& night) {
    return request.night.empty() ? goes_on(night, request) : night.name == request.night;
  });
  return found == nights.end() ? std::nullopt : std::optional(*found);
}

// The recipes of the night that were to be run and have no verdict.
base::Result<std::vector<history::PlannedRecipe>> open_recipes(const history::History& history,
                                                               const std::string& night) {
  CCCI_TRY(std::vector<history::PlannedRecipe> rows, history.plan(night));
  CCCI_TRY(const std::vector<history::Record> done, history.of_night(night));
  std::set<std::string> known;
  for (const history::Record& record : done) known.insert(record.recipe);
  std::erase_if(rows, [&](const auto& row) { return !row.run || known.contains(row.recipe); });
  return rows;
}

// Tags of trees and files are no releases, but only the repository can tell them from others. It is
// asked for what would be run, because a run costs more.
Decision decide_on_a_commit(Candidate& candidate, const Rules& rules, const LookAtTag& is_release) {
  Decision decision = decide(candidate, rules);
  for (std::size_t asked = 0; is_release && asked < most_tags; ++asked) {
    const bool known = candidate.last && candidate.last->verdict == history::Verdict::pass &&
                       candidate.last->commit == decision.commit;
    if (!decision.run || decision.tag.empty() || known) break;
    if (is_release(candidate.name, decision.tag)) break;
    std::erase_if(candidate.refs->tags,
                  [&](const git::Tag& tag) { return tag.name == decision.tag; });
    decision = decide(candidate, rules);
  }
  return decision;
}

// Whether the verdict is of a night after the one at this place. `nights` begins with the last one.
bool is_later(const history::Record& last, const std::vector<history::Night>& nights,
              std::size_t place) {
  return std::any_of(nights.begin(), nights.begin() + static_cast<std::ptrdiff_t>(place),
                     [&](const history::Night& night) { return night.name == last.night; });
}

// The nights that close_old() will end, by the recipes that they leave without a verdict.
base::Result<std::map<std::string, std::string>> missed_recipes(
    const history::History& history, const std::vector<history::Night>& nights,
    const std::string& chosen, base::WallTime now,
    const std::map<std::string, history::Record>& latest) {
  std::map<std::string, std::string> missed;
  for (std::size_t i = 0; i < nights.size(); ++i) {
    const history::Night& night = nights[i];
    if (!night.ended.empty() || night.name == chosen || !is_old(night, now)) continue;
    CCCI_TRY(const auto rows, open_recipes(history, night.name));
    for (const history::PlannedRecipe& row : rows) {
      const auto last = latest.find(row.recipe);
      if (last == latest.end() || !is_later(last->second, nights, i))
        missed.emplace(row.recipe, night.name);
    }
  }
  return missed;
}

base::Result<void> give_up(history::History& history, const history::Night& night,
                           const history::PlannedRecipe& row, const std::string& reason) {
  history::Record record{
      .recipe = row.recipe, .night = night.name, .environment = night.environment};
  record.version = row.version;
  record.started = night.started;
  record.reason = reason;
  record.decision = row.reason;
  record.machine = night.machine;
  CCCI_CHECK(history.add(record));
  return {};
}

// The decision of the earlier call, if there is one.
Decision as_planned(Decision now, const std::vector<history::PlannedRecipe>& planned, bool all) {
  for (const history::PlannedRecipe& row : planned) {
    if (row.recipe != now.recipe) continue;
    if (!row.run && all) break;
    now.run = row.run;
    now.reason = row.reason;
    // What was skipped was skipped in the version of that time.
    if (!row.run) now.version = row.version;
    break;
  }
  return now;
}

}  // namespace

base::Result<Plan> make_plan(const Enrolled& enrolled, std::map<std::string, Candidate> candidates,
                             const Request& request, const history::History* history,
                             const LookAtImages& images, const LookAtTag& is_release) {
  Plan plan;
  plan.environment = request.environment;
  plan.started = base::rfc3339(request.now);
  std::map<std::string, history::Canonical> canonicals;
  std::vector<history::Night> nights;
  std::vector<history::PlannedRecipe> planned;
  std::map<std::string, history::Record> latest;
  plan.partial = request.partial;
  plan.at_once = request.at_once;
  if (history != nullptr) {
    CCCI_TRY(latest, history->latest());
    CCCI_TRY(canonicals, history->canonicals());
    CCCI_TRY(nights, history->nights(nights_to_know));
  }
  plan.night =
      request.night.empty() ? new_night(base::local_date(request.now), nights) : request.night;
  if (!request.night.empty()) {
    std::set<std::string> recipes;
    for (const auto& [name, candidate] : candidates) recipes.insert(name);
    for (const auto& [name, recipe] : enrolled) recipes.insert(name);
    CCCI_CHECK(check_no_recipe(request.night, recipes, history));
  }
  if (const auto night = chosen_night(nights, request)) {
    plan.night = night->name;
    plan.started = night->started;
    plan.continued = true;
    CCCI_TRY(planned, history->plan(night->name));
    CCCI_TRY(const std::vector<history::Record> done, history->of_night(night->name));
    for (const history::Record& record : done)
      if (record.environment == request.environment) plan.done.emplace(record.recipe, record);
    CCCI_TRY(plan.known, history->before(night->name));
  } else {
    plan.known = latest;
  }
  std::map<std::string, std::string> missed;
  if (history != nullptr) {
    CCCI_TRY(missed, missed_recipes(*history, nights, plan.night, request.now, latest));
  }
  Rules rules{request.environment, request.max_age, request.all, request.now};
  if (!request.unknown.empty()) rules.unknown = request.unknown;
  for (auto& [name, candidate] : candidates) {
    if (const auto known = canonicals.find(name); known != canonicals.end())
      candidate.canonical = known->second;
    if (const auto last = latest.find(name); last != latest.end()) candidate.last = last->second;
    if (const auto night = missed.find(name); night != missed.end())
      candidate.missed = night->second;
    if (images && candidate.last && candidate.last->verdict == history::Verdict::pass)
      candidate.images = images(name, *candidate.last);
    Job job{as_planned(decide_on_a_commit(candidate, rules, is_release), planned, request.all),
            need_of(candidate.last)};
    job.settings = candidate.settings;
    const auto settings = enrolled.find(name);
    if (settings != enrolled.end() && settings->second.deadline.count() > 0)
      job.deadline = settings->second.deadline;
    plan.jobs.push_back(std::move(job));
  }
  return plan;
}

base::Result<std::vector<std::string>> close_old(history::History& history, const Plan& plan,
                                                 base::WallTime now) {
  std::vector<std::string> closed;
  CCCI_TRY(const std::vector<history::Night> nights, history.nights(nights_to_know));
  for (const history::Night& night : nights) {
    if (!night.ended.empty() || night.name == plan.night || !is_old(night, now)) continue;
    CCCI_TRY(const auto rows, open_recipes(history, night.name));
    for (const history::PlannedRecipe& row : rows)
      CCCI_CHECK(give_up(history, night, row, "the sweep of this night was not finished"));
    CCCI_CHECK(history.end(night.name, base::rfc3339(now)));
    if (!rows.empty()) closed.push_back(night.name);
  }
  return closed;
}

base::Result<bool> end_if_done(history::History& history, const Plan& plan, base::WallTime now) {
  CCCI_TRY(const auto night, history.night(plan.night));
  CCCI_TRY(const auto rows, open_recipes(history, plan.night));
  if (!night || (plan.partial && !rows.empty())) return false;
  for (const history::PlannedRecipe& row : rows)
    CCCI_CHECK(give_up(history, *night, row, "it is not enrolled any more"));
  CCCI_CHECK(history.end(plan.night, base::rfc3339(now)));
  return true;
}

base::Result<Plan> whole_night(const history::History& history, const Plan& plan) {
  Plan whole = plan;
  CCCI_TRY(const std::vector<history::PlannedRecipe> rows, history.plan(plan.night));
  CCCI_TRY(const std::vector<history::Record> records, history.of_night(plan.night));
  const auto here = [&](const std::string& recipe) {
    return std::any_of(whole.jobs.begin(), whole.jobs.end(),
                       [&](const Job& job) { return job.decision.recipe == recipe; });
  };
  for (const history::PlannedRecipe& row : rows) {
    if (here(row.recipe)) continue;
    Job job;
    job.decision = {
        .recipe = row.recipe, .run = row.run, .reason = row.reason, .version = row.version};
    whole.jobs.push_back(std::move(job));
  }
  for (const history::Record& record : records) {
    if (record.environment == plan.environment) whole.done.insert_or_assign(record.recipe, record);
  }
  std::sort(whole.jobs.begin(), whole.jobs.end(), [](const Job& one, const Job& other) {
    return one.decision.recipe < other.decision.recipe;
  });
  return whole;
}

base::Result<void> check_no_recipe(const std::string& night, const std::set<std::string>& recipes,
                                   const history::History* history) {
  bool taken = recipes.contains(night);
  if (!taken && history != nullptr) {
    CCCI_TRY(const std::vector<history::Record> known, history->of_recipe(night, 1));
    taken = !known.empty();
  }
  if (!taken) return {};
  return base::unexpected(base::fail("sweep.night-recipe").with("name", night));
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
