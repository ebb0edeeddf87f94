// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/decision.hpp"

#include "base/shell.hpp"
#include "base/text.hpp"
#include "recipe/version.hpp"

namespace ccci::sweep {

namespace {

std::string day_of(const std::string& rfc3339) { return rfc3339.substr(0, rfc3339.find('T')); }

std::string days(std::chrono::seconds span) {
  const auto count = std::chrono::duration_cast<std::chrono::hours>(span).count() / 24;
  return count < 1 ? base::human_seconds(static_cast<double>(span.count()))
                   : base::counted(static_cast<std::uint64_t>(count), "day");
}

bool older_than(const std::string& started, std::chrono::seconds span, base::WallTime now) {
  const auto when = base::from_rfc3339(started);
  return !when || now - *when > span;
}

// A clock was wrong, then or now. Within a day it may just have been set, or the zones differ.
bool in_the_future(const std::string& started, base::WallTime now) {
  const auto when = base::from_rfc3339(started);
  return when && *when - now > std::chrono::days(1);
}

std::string of_images(const std::vector<std::string>& all, const char* what) {
  return (all.size() == 1 ? "image " : "images ") + base::join(all, ", ") + " " + what;
}

// Whether the images of the last verdict are others now.
std::string demand_of_images(const history::Record& last, const ImagesNow& now) {
  if (!now.problem.empty()) return "its images cannot be read: " + now.problem;
  std::vector<std::string> changed;
  for (const auto& [name, id] : last.images) {
    const auto found = now.ids.find(name);
    if (found != now.ids.end() && found->second != id) changed.push_back(name);
  }
  if (!changed.empty()) return of_images(changed, "changed");
  if (!now.gone.empty())
    return of_images({now.gone.begin(), now.gone.end()}, "can be had from no archive any more");
  if (!now.not_made.empty())
    return of_images({now.not_made.begin(), now.not_made.end()},
                     "changed, or never made on this machine");
  return {};
}

std::string skipped(const Candidate& candidate) {
  return "no new version since " + candidate.canonical->version + " of " +
         day_of(candidate.canonical->date);
}

// Why it is to be tested; empty if nothing demands it.
std::string demand(const Candidate& candidate, const recipe::Release& newest, const Rules& rules) {
  if (!candidate.last) return "first run";
  const history::Record& last = *candidate.last;
  // One that could not be fetched has no version.
  const bool new_version = last.version != newest.version.text && !last.version.empty();
  const auto before = recipe::read_version(last.version);
  const recipe::Version* gone = std::get_if<recipe::Version>(&before);
  if (new_version && gone != nullptr && *gone > newest.version)
    return "release " + last.version + " is gone, the newest is " + newest.version.text;
  if (new_version) return "new version " + newest.version.text;
  switch (last.verdict) {
    case history::Verdict::fail:
      return "last red";
    case history::Verdict::flaky:
      return "last flaky";
    case history::Verdict::unverified:
      return "last unverified";
    case history::Verdict::pass:
      break;
  }
  if (!candidate.missed.empty())
    return "not run in night " + candidate.missed + ", which was not finished";
  if (!last.commit.empty() && last.commit != newest.commit)
    return "release " + newest.version.text + " was moved to another commit";
  const bool known = !rules.environment.empty();
  if (known && last.environment != rules.environment) return "environment changed";
  // One that an older cc-ci stored has none: nobody knows.
  if (last.settings) {
    const auto changed = declare::changed_settings(*last.settings, candidate.settings);
    if (!changed.empty()) return "settings changed: " + base::join(changed, ", ");
  }
  if (std::string demand = demand_of_images(last, candidate.images); !demand.empty()) return demand;
  if (!candidate.canonical || candidate.canonical->version != newest.version.text)
    return "not promoted";
  if (in_the_future(last.started, rules.now)) return "its last run has a date in the future";
  if (older_than(last.started, rules.max_age, rules.now))
    return "older than " + days(rules.max_age);
  if (!known) return rules.unknown + "; if it is the same as before: " + skipped(candidate);
  return {};
}

}  // namespace

Decision decide(const Candidate& candidate, const Rules& rules) {
  Decision decision;
  decision.recipe = candidate.name;
  if (!candidate.refs && candidate.repository) {
    decision.run = true;
    decision.reason = "cannot be fetched";
    decision.problem = candidate.problem;
    return decision;
  }
  const recipe::Releases releases =
      candidate.refs ? recipe::releases(candidate.refs->tags) : recipe::Releases{};
  if (releases.usable.empty()) {
    decision.reason = "never released";
    if (!candidate.shallow.empty())
      decision.reason += ": it is a shallow clone, and these have no older tags: git -C " +
                         base::shell_word(candidate.shallow) + " fetch --unshallow --tags";
    return decision;
  }
  const recipe::Release& newest = releases.usable.front();
  decision.version = newest.version.text;
  decision.tag = newest.tag;
  decision.commit = newest.commit;
  if (candidate.canonical && candidate.canonical->version != newest.version.text)
    decision.base = candidate.canonical->version;
  // The same word whoever asks: the job of another engine, which has --all, says why too.
  decision.reason = demand(candidate, newest, rules);
  if (decision.reason.empty() && rules.all) decision.reason = "asked for";
  decision.run = !decision.reason.empty();
  if (!decision.run) decision.reason = skipped(candidate);
  return decision;
}

std::string why_never_released(const Candidate& candidate) {
  if (!candidate.repository)
    return "its directory is no git repository, and releases are annotated tags";
  if (!candidate.refs) return {};
  const recipe::Releases found = recipe::releases(candidate.refs->tags);
  if (!found.usable.empty() || found.unusable.empty()) return {};
  const recipe::UnusableTag& tag = found.unusable.back();
  return "tag " + tag.tag + " is no release: " + std::string(recipe::reason(tag.why));
}

}  // namespace ccci::sweep
