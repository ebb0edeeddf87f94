// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/decision.hpp"

#include <gtest/gtest.h>

namespace ccci::sweep {
namespace {

const std::string one_commit(40, '1');
const std::string two_commit(40, '2');

base::WallTime at(const std::string& text) { return base::from_rfc3339(text).value(); }

Rules rules() { return {"env", std::chrono::days(30), false, at("2026-11-28T03:00:00Z")}; }

// A recipe whose newest release was green on the day before.
Candidate green() {
  Candidate candidate{.name = "gitea",
                      .refs = git::RemoteRefs{one_commit, {{"1.0.0+1", true, one_commit}}}};
  history::Record last{.recipe = "gitea", .night = "2026-11-27", .environment = "env"};
  last.version = "1.0.0+1";
  last.commit = one_commit;
  last.started = "2026-11-27T03:00:00Z";
  last.verdict = history::Verdict::pass;
  candidate.last = last;
  candidate.canonical =
      history::Canonical{"gitea", "1.0.0+1", one_commit, "env", "2026-11-27", last.started};
  return candidate;
}

void expect(const Candidate& candidate, bool run, const std::string& reason,
            const Rules& by = rules()) {
  const Decision decision = decide(candidate, by);
  EXPECT_EQ(decision.run, run) << decision.reason;
  EXPECT_EQ(decision.reason, reason);
}

TEST(DecisionTest, a_green_release_is_skipped) {
  expect(green(), false, "no new version since 1.0.0+1 of 2026-11-27");
}

TEST(DecisionTest, each_reason_to_run) {
  Candidate candidate = green();
  candidate.refs->tags.push_back({"1.1.0+1", true, two_commit});
  expect(candidate, true, "new version 1.1.0+1");
  EXPECT_EQ(decide(candidate, rules()).base, "1.0.0+1");
  EXPECT_EQ(decide(candidate, rules()).tag, "1.1.0+1");

  candidate = green();
  candidate.last->version = "1.1.0+1";
  expect(candidate, true, "release 1.1.0+1 is gone, the newest is 1.0.0+1");

  candidate = green();
  candidate.last->environment = "other";
  expect(candidate, true, "environment changed");

  candidate = green();
  candidate.settings = std::map<std::string, std::string>{{"env", "1"}};
  expect(candidate, false, "no new version since 1.0.0+1 of 2026-11-27");  // nobody knows
  candidate.last->settings = std::map<std::string, std::string>{{"checks", "1"}, {"env", "2"}};
  expect(candidate, true, "settings changed: checks, env");

  candidate = green();
  candidate.last->verdict = history::Verdict::fail;
  expect(candidate, true, "last red");
  candidate.last->version.clear();  // it could not be fetched
  expect(candidate, true, "last red");
  candidate.last->version = "1.0.0+1";
  candidate.last->verdict = history::Verdict::flaky;
  expect(candidate, true, "last flaky");
  candidate.last->verdict = history::Verdict::unverified;
  expect(candidate, true, "last unverified");

  candidate = green();
  candidate.last->started = "2026-10-01T03:00:00Z";
  expect(candidate, true, "older than 30 days");

  // A clock that was years ahead must not stop retests until then.
  candidate = green();
  candidate.last->started = "2030-01-01T03:00:00Z";
  expect(candidate, true, "its last run has a date in the future");

  candidate = green();
  candidate.refs->tags[0].commit = two_commit;
  expect(candidate, true, "release 1.0.0+1 was moved to another commit");

  candidate = green();
  candidate.canonical.reset();
  expect(candidate, true, "not promoted");

  candidate = green();
  candidate.last.reset();
  expect(candidate, true, "first run");

  Rules all = rules();
  all.all = true;
  expect(green(), true, "asked for", all);
  // The jobs of another engine have --all: their records say the same as the plan.
  candidate = green();
  candidate.last->verdict = history::Verdict::fail;
  expect(candidate, true, "last red", all);
  expect({.name = "gitea", .refs = green().refs}, true, "first run", all);
}

TEST(DecisionTest, another_image_is_a_reason) {
  Candidate candidate = green();
  candidate.last->images = {{"demo/app:1", "sha256:1"}, {"demo/db:1", "sha256:2"}};
  expect(candidate, false, "no new version since 1.0.0+1 of 2026-11-27");
  candidate.images.ids = {{"demo/app:1", "sha256:1"}, {"demo/db:1", "sha256:2"}};
  expect(candidate, false, "no new version since 1.0.0+1 of 2026-11-27");
  candidate.images.ids["demo/db:1"] = "sha256:3";
  expect(candidate, true, "image demo/db:1 changed");
  candidate.images.ids["demo/app:1"] = "sha256:3";
  expect(candidate, true, "images demo/app:1, demo/db:1 changed");
  // What the verdict does not have says nothing.
  candidate.images.ids = {{"demo/new:1", "sha256:4"}};
  expect(candidate, false, "no new version since 1.0.0+1 of 2026-11-27");
  candidate.images.gone = {"demo/app:1"};
  expect(candidate, true, "image demo/app:1 can be had from no archive any more");
  candidate.images = {};
  candidate.images.not_made = {"demo/app:1"};
  expect(candidate, true, "image demo/app:1 changed, or never made on this machine");
  candidate.images.problem = "app.tar: cannot be read";
  expect(candidate, true, "its images cannot be read: app.tar: cannot be read");
}

TEST(DecisionTest, an_unknown_environment_is_not_the_whole_answer) {
  Rules unknown = rules();
  unknown.environment.clear();
  expect(
      green(), true,
      "the environment is not built on this machine; if it is the same as before: no new version "
      "since 1.0.0+1 of 2026-11-27",
      unknown);
  Candidate candidate = green();
  candidate.last->images = {{"demo/app:1", "sha256:1"}};
  candidate.images.ids = {{"demo/app:1", "sha256:2"}};
  expect(candidate, true, "image demo/app:1 changed", unknown);
  candidate = green();
  candidate.canonical.reset();
  expect(candidate, true, "not promoted", unknown);
}

TEST(DecisionTest, only_annotated_tags_are_releases) {
  Candidate candidate = green();
  candidate.refs->tags[0].annotated = false;
  expect(candidate, false, "never released");
  candidate.refs->tags = {{"nightly", true, one_commit}};
  expect(candidate, false, "never released");
  candidate.shallow = "/srv/a recipe";
  expect(candidate, false,
         "never released: it is a shallow clone, and these have no older tags: "
         "git -C '/srv/a recipe' fetch --unshallow --tags");
  candidate.shallow.clear();
  candidate.refs.reset();
  candidate.repository = false;
  expect(candidate, false, "never released");
}

TEST(DecisionTest, what_cannot_be_fetched_is_no_quiet_skip) {
  Candidate candidate = green();
  candidate.refs.reset();
  candidate.problem = "no such host";
  expect(candidate, true, "cannot be fetched");
  EXPECT_EQ(decide(candidate, rules()).problem, "no such host");
}

TEST(DecisionTest, a_clock_that_was_set_back_for_hours_does_not_make_runs_old) {
  Rules early = rules();
  early.now = at("2026-11-26T08:00:00Z");
  expect(green(), false, "no new version since 1.0.0+1 of 2026-11-27", early);
}

}  // namespace
}  // namespace ccci::sweep
