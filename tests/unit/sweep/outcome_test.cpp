// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/outcome.hpp"

#include <gtest/gtest.h>

namespace ccci::sweep {
namespace {

Job job() {
  Job job;
  job.decision = {.recipe = "gitea", .run = true, .reason = "first run", .version = "1.0.0+1"};
  job.decision.commit = "abc";
  return job;
}

base::Json results(const std::string& verdict) {
  const auto json = base::Json::parse(
      R"({"recipe": "gitea", "version": "1.0.0+1", "commit": "abc", "dirty": false,
          "environment": "env", "started": "2026-11-28T03:00:00Z", "verdict": ")" +
      verdict + R"(", "level": 3, "peak_memory": 7, "images": {"app:1": "sha256:1"},
          "seconds": {"all": 12.5}, "flags": {"clean_teardown": true, "no_secret_leak": true},
          "rungs": [{"name": "install", "verdict": "pass", "reason": "", "seconds": 8.25},
                    {"name": "upgrade", "verdict": ")" +
      verdict + R"(", "reason": "base broken", "seconds": 1}]})");
  return json.value();
}

TEST(OutcomeTest, reads_what_a_run_wrote) {
  const RunOutcome outcome = outcome_of(job(), "env", 1, results("fail"), "");
  EXPECT_EQ(outcome.record.verdict, history::Verdict::fail);
  EXPECT_EQ(outcome.record.reason, "upgrade: base broken");
  EXPECT_EQ(outcome.record.level, 3);
  EXPECT_EQ(outcome.record.time, std::chrono::milliseconds(12500));
  EXPECT_EQ(outcome.record.rungs[0].time, std::chrono::milliseconds(8250));
  EXPECT_EQ(outcome.record.images.at("app:1"), "sha256:1");
  EXPECT_EQ(outcome.record.decision, "first run");
  EXPECT_FALSE(outcome.machine_failed);
}

TEST(OutcomeTest, an_app_that_fails_matters_more_than_lint) {
  const auto read = [](const std::string& other) {
    return *base::Json::parse(
        R"({"recipe": "gitea", "verdict": "fail", "environment": "env", "rungs": [
            {"name": "lint", "verdict": "fail", "reason": "R010"},
            {"name": "install", "verdict": ")" +
        other + R"(", "reason": "crash loop"}]})");
  };
  EXPECT_EQ(outcome_of(job(), "env", 1, read("fail"), "").record.reason, "install: crash loop");
  EXPECT_EQ(outcome_of(job(), "env", 1, read("pass"), "").record.reason, "lint: R010");
}

TEST(OutcomeTest, the_status_decides_what_failed) {
  EXPECT_EQ(outcome_of(job(), "env", 0, results("pass"), "").record.verdict,
            history::Verdict::pass);
  // A run that wrote nothing has shown nothing.
  const RunOutcome silent = outcome_of(job(), "env", 0, nullptr, "");
  EXPECT_TRUE(silent.machine_failed);
  EXPECT_EQ(silent.record.verdict, history::Verdict::unverified);
  const RunOutcome unreadable = outcome_of(job(), "env", 2, nullptr, "compose.yml: no services");
  EXPECT_EQ(unreadable.record.verdict, history::Verdict::fail);
  EXPECT_EQ(unreadable.record.reason, "compose.yml: no services");
  EXPECT_FALSE(unreadable.machine_failed);
  EXPECT_TRUE(outcome_of(job(), "env", 3, nullptr, "the engine did not start").machine_failed);
  EXPECT_TRUE(outcome_of(job(), "env", 137, nullptr, "").machine_failed);
  EXPECT_TRUE(outcome_of(job(), "env", 143, results("unverified"), "").stopped);
  EXPECT_EQ(outcome_of(job(), "env", 142, results("unverified"), "").record.verdict,
            history::Verdict::fail);
}

TEST(OutcomeTest, a_run_says_whether_it_is_settled) {
  base::Json json = results("fail");
  EXPECT_FALSE(outcome_of(job(), "env", 1, json, "").settled);
  json["settled"] = true;
  EXPECT_TRUE(outcome_of(job(), "env", 1, json, "").settled);
  // The status is that of something else.
  for (const int status : {2, 3, 4, 142, 143})
    EXPECT_FALSE(outcome_of(job(), "env", status, json, "").settled) << status;
  json["verdict"] = "pass";
  EXPECT_FALSE(outcome_of(job(), "env", 1, json, "").settled);
}

TEST(OutcomeTest, another_environment_gives_no_verdict_of_this_sweep) {
  const RunOutcome outcome = outcome_of(job(), "other", 0, results("pass"), "");
  EXPECT_EQ(outcome.record.verdict, history::Verdict::unverified);
  EXPECT_EQ(outcome.record.environment, "other");
}

TEST(OutcomeTest, a_leak_or_a_leftover_is_a_reason) {
  base::Json json = results("pass");
  json["verdict"] = "fail";
  json["flags"]["clean_teardown"] = false;
  EXPECT_EQ(outcome_of(job(), "env", 1, json, "").record.reason, "the teardown left something");
}

TEST(OutcomeTest, reasons_are_one_short_line) {
  base::Json json = results("fail");
  std::string umlauts;
  for (int i = 0; i < 500; ++i) umlauts += "ä";
  json["problem"] = "a\nb\n" + umlauts;
  const std::string reason = outcome_of(job(), "env", 1, json, "").record.reason;
  EXPECT_LT(reason.size(), 420U);
  EXPECT_EQ(reason.find('\n'), std::string::npos);
  EXPECT_TRUE(base::Json::parse(base::Json(reason).dump())->text_or_empty() == reason);
}

}  // namespace
}  // namespace ccci::sweep
