// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/decision.hpp"

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

// Why it is to be tested; empty if nothing demands it.
std::string demand(const Candidate& candidate, const recipe::Release& newest, const Rules& rules) {
  if (!candidate.last) return "first run";
  const history::Record& last = *candidate.last;
  const bool new_version = last.version != newest.version.text;
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
  if (!last.commit.empty() && last.commit != newest.commit)
    return "release " + newest.version.text + " was moved to another commit";
  if (rules.environment.empty()) return "the environment is not built on this machine";
  if (last.environment != rules.environment) return "environment changed";
  if (!candidate.canonical || candidate.canonical->version != newest.version.text)
    return "not promoted";
  if (in_the_future(last.started, rules.now)) return "its last run has a date in the future";
  if (older_than(last.started, rules.max_age, rules.now))
    return "older than " + days(rules.max_age);
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
  if (!decision.run) {
    decision.reason = "no new version since " + candidate.canonical->version + " of " +
                      day_of(candidate.canonical->date);
  }
  return decision;
}

}  // namespace ccci::sweep
