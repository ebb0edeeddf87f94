// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccci::witness {
namespace {

using testing::Contains;
using testing::HasSubstr;

Expected expected() {
  Expected all;
  all.environment = "0123456789abcdef";
  all.path = "/p/git:/p/git-lfs";
  all.tools = {{"git", "git"}, {"git-lfs", "git-lfs"}};
  all.commands = {{"git", "/p/git/git"}, {"git-lfs", "/p/git-lfs/git-lfs"}};
  all.variables = {{"MODE", "ci"}};
  all.host_commands = {{"git", "/store/entrypoint/cc-ci-run"},
                       {"git-lfs", "/store/entrypoint/cc-ci-run"}};
  return all;
}

Inside as_declared() {
  return {.environment = "0123456789abcdef",
          .marker = "0123456789abcdef",
          .path = "/p/git:/p/git-lfs",
          .commands = expected().commands,
          .versions = {{"git", "git version 2"}, {"git-lfs", "git-lfs/3"}},
          .variables = {{"MODE", "ci"}},
          .view = {.facts = {{"umask", "0022"}}, .exported = {}}};
}

Exercise good(Path::Kind kind) {
  Exercise exercise;
  exercise.path = {kind, "x", "x.service", {}};
  exercise.seen = Seen{.status = 0, .outside = {}, .inside = as_declared()};
  if (kind == Path::Kind::runner) {
    exercise.seen->outside.environment = expected().environment;
    exercise.seen->outside.commands = expected().commands;
    exercise.seen->outside.view = as_declared().view;
  }
  if (kind == Path::Kind::host) exercise.seen->outside.programs = expected().host_commands;
  return exercise;
}

Row judge(const Exercise& exercise) { return compare(expected(), {exercise}).front(); }

TEST(Verdict, PathsThatAgreePass) {
  const auto rows = compare(expected(), {good(Path::Kind::entrypoint), good(Path::Kind::host),
                                         good(Path::Kind::timer), good(Path::Kind::runner)});
  for (const Row& row : rows) EXPECT_EQ(row.state, State::pass) << row.path << row.evidence;
  EXPECT_EQ(verdict(rows), State::pass);
  EXPECT_THAT(rows[2].evidence, HasSubstr("the unit's own PATH lacks git, git-lfs"));
}

TEST(Verdict, ARunnersOwnViewCountsNotThatOfItsEntrypoint) {
  Exercise exercise = good(Path::Kind::runner);
  exercise.seen->outside.view.facts["umask"] = "0077";
  EXPECT_THAT(judge(exercise).disagreements, Contains("umask: expected '0022', found '0077'"));
  exercise.path.kind = Path::Kind::timer;
  EXPECT_EQ(judge(exercise).state, State::pass);
}

TEST(Verdict, ARedTestFailsWithItsLastLines) {
  Exercise exercise = good(Path::Kind::timer);
  exercise.seen->status = 1;
  exercise.output = "1\n2\n3\n4\n5\n6\nE git: 'lfs' is not a git command\n";
  const Row row = judge(exercise);
  EXPECT_EQ(row.state, State::fail);
  EXPECT_EQ(row.evidence, "the test ended with status 1");
  EXPECT_THAT(row.disagreements, Contains("output: E git: 'lfs' is not a git command"));
  EXPECT_THAT(row.disagreements, testing::Not(Contains("output: 1")));
}

TEST(Verdict, AnotherEnvironmentFails) {
  Exercise exercise = good(Path::Kind::entrypoint);
  exercise.seen->inside.environment = "fedcba9876543210";
  EXPECT_EQ(judge(exercise).evidence, "environment: expected '0123456789ab', found 'fedcba987654'");
  exercise = good(Path::Kind::entrypoint);
  exercise.seen->inside.marker = "";
  EXPECT_EQ(judge(exercise).state, State::fail) << "the variable alone is only a claim";
}

TEST(Verdict, NamesTheToolThatResolvesElsewhere) {
  Exercise exercise = good(Path::Kind::timer);
  exercise.seen->inside.commands.erase("git-lfs");
  EXPECT_EQ(judge(exercise).evidence, "git-lfs: expected '/p/git-lfs/git-lfs', found nothing");
}

TEST(Verdict, ComparesVersionsBetweenPaths) {
  Exercise other = good(Path::Kind::timer);
  other.seen->inside.versions["git"] = "git version 3";
  const auto rows = compare(expected(), {good(Path::Kind::entrypoint), other});
  EXPECT_EQ(rows[0].state, State::pass);
  EXPECT_EQ(rows[1].evidence,
            "version of git: 'git version 3' here, 'git version 2' through entrypoint x");
}

TEST(Verdict, ComparesVariables) {
  Exercise exercise = good(Path::Kind::timer);
  exercise.seen->inside.variables["MODE"] = "dev";
  EXPECT_EQ(judge(exercise).evidence, "variable MODE: expected 'ci', found 'dev'");
}

TEST(Verdict, ARunnersJobMustItselfStandInTheEnvironment) {
  Exercise exercise = good(Path::Kind::runner);
  exercise.seen->outside.environment = "";
  exercise.seen->outside.commands = {{"git", "/usr/bin/git"}};
  const Row row = judge(exercise);
  EXPECT_EQ(row.state, State::fail);
  EXPECT_THAT(row.disagreements,
              Contains("git on the job's PATH: expected '/p/git/git', found '/usr/bin/git'"));
}

TEST(Verdict, TheHostsPathMustLeadToTheEntrypoint) {
  Exercise exercise = good(Path::Kind::host);
  exercise.seen->outside.programs["git"] = "/usr/bin/git";
  EXPECT_EQ(judge(exercise).evidence,
            "git on the host's PATH: expected '/store/entrypoint/cc-ci-run', found '/usr/bin/git'");
}

TEST(Verdict, WhatWasNotExercisedIsUnproven) {
  Exercise exercise;
  exercise.path = {Path::Kind::runner, "drone", "drone.service", {}};
  exercise.problem = "no trigger is declared";
  EXPECT_EQ(judge(exercise).state, State::unproven);
  EXPECT_EQ(verdict(compare(expected(), {good(Path::Kind::timer), exercise})), State::unproven);
  exercise.failed = true;
  EXPECT_EQ(verdict(compare(expected(), {good(Path::Kind::timer), exercise})), State::fail);
  EXPECT_EQ(verdict({}), State::unproven) << "nothing seen is nothing shown";
}

TEST(Verdict, JsonTellsWhatEachPathSaw) {
  const std::vector<Exercise> exercises{good(Path::Kind::timer)};
  const base::Json json = to_json(expected(), exercises, compare(expected(), exercises));
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["verdict"], "pass");
  EXPECT_EQ(json["paths"][0]["path"], "timer x");
  EXPECT_EQ(json["paths"][0]["tools"]["git"]["path"], "/p/git/git");
  EXPECT_EQ(json["paths"][0]["tools"]["git"]["version"], "git version 2");
}

}  // namespace
}  // namespace ccci::witness
