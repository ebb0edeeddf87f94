// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/timer_checkup.hpp"

#include <gtest/gtest.h>

#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

namespace fs = std::filesystem;

declare::Timer timer() {
  declare::Timer timer;
  timer.name.text = "nightly";
  timer.exec = {"ci-run", "./job"};
  return timer;
}

TEST(TimerCheckup, NothingIsMissing) {
  const test::Scratch host;
  EXPECT_TRUE(check_timer(timer(), nullptr, host.path()).empty());
}

TEST(TimerCheckup, WhatTheHostLacksIsNamedWithARemedy) {
  const test::Scratch host;
  declare::Timer lacking = timer();
  lacking.user = "no-such-user-here";
  lacking.directory = "/srv/absent";
  lacking.environment_files = {"/etc/ci/t.env"};
  lacking.credentials = {{"token", "/etc/ci/token"}};
  lacking.on_failure = {"/usr/local/bin/tell"};
  lacking.exec.push_back("/srv/data");
  const auto symptoms = check_timer(lacking, nullptr, host.path());
  ASSERT_EQ(symptoms.size(), 6U);
  for (const Symptom& symptom : symptoms) EXPECT_NE(symptom.remedy, "") << symptom.found;
  EXPECT_EQ(symptoms.back().state, Symptom::State::unknown);
}

TEST(TimerCheckup, NoRemedyEmptiesASecret) {
  const test::Scratch host;
  declare::Timer with = timer();
  with.environment_files = {"/etc/ci/t.env"};
  fs::create_directories(host / "etc/ci");
  auto symptoms = check_timer(with, nullptr, host.path());
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].remedy,
            "mkdir -p /etc/ci && touch /etc/ci/t.env && chmod 600 /etc/ci/t.env, then write the "
            "secrets to it");
  // Not absent, but unseen: as for a user without rights to the directory.
  fs::create_symlink("t.env", host / "etc/ci/t.env");
  symptoms = check_timer(with, nullptr, host.path());
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].state, Symptom::State::unknown) << symptoms[0].found;
  EXPECT_EQ(symptoms[0].remedy, "run cc-ci doctor as root");
}

TEST(TimerCheckup, ASecretThatEverybodyCanReadIsBad) {
  const test::Scratch host;
  declare::Timer with = timer();
  with.environment_files = {"/etc/ci/t.env"};
  fs::create_directories(host / "etc/ci");
  test::write_text(host / "etc/ci/t.env", "TOKEN=x\n");
  fs::permissions(host / "etc/ci/t.env", fs::perms(0644));
  const auto symptoms = check_timer(with, nullptr, host.path());
  ASSERT_EQ(symptoms.size(), 1U);
  EXPECT_EQ(symptoms[0].remedy, "chmod o-rwx /etc/ci/t.env");
  fs::permissions(host / "etc/ci/t.env", fs::perms(0600));
  EXPECT_TRUE(check_timer(with, nullptr, host.path()).empty());
  test::write_text(host / "etc/ci/t.env", "TOKEN=x\nexport SECRET=y\n");
  const auto left_out = check_timer(with, nullptr, host.path());
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out[0].found, "line 2 of /etc/ci/t.env sets nothing: it is not NAME=value");
  // One that may be absent is looked at if it is there.
  with.environment_files = {"-/etc/ci/t.env", "-/etc/ci/absent.env"};
  EXPECT_EQ(check_timer(with, nullptr, host.path()).size(), 1U);
}

TEST(TimerCheckup, SaysWhichVariablesOfAFileHaveAnEffect) {
  const test::Scratch host;
  declare::Timer with = timer();
  with.environment_files = {"/etc/ci/t.env"};
  fs::create_directories(host / "etc/ci");
  environment::Environment environment;
  environment.variables = {{"DECLARED", "1"}, {"SAME", "1"}};
  test::write_text(host / "etc/ci/t.env",
                   "PATH=/opt/bin\nLD_PRELOAD=/opt/x.so\nVIRTUAL_ENV_PROMPT=x\nHOME=/srv\nTOKEN=x\n"
                   "DECLARED=2\nSAME=1\nVIRTUAL=1\n");
  fs::permissions(host / "etc/ci/t.env", fs::perms(0600));
  std::vector<std::string> found;
  for (const Symptom& one : check_timer(with, &environment, host.path())) {
    EXPECT_EQ(one.state, Symptom::State::good);
    EXPECT_NE(one.remedy, "");
    found.push_back(one.found);
  }
  EXPECT_EQ(found, (std::vector<std::string>{
                       "/etc/ci/t.env sets DECLARED, but the job gets the declared value",
                       "/etc/ci/t.env sets HOME, and the job gets it instead of its user's",
                       "/etc/ci/t.env sets LD_PRELOAD, which the job does not get",
                       "/etc/ci/t.env sets PATH, which the job does not get",
                       "/etc/ci/t.env sets VIRTUAL_ENV_PROMPT, which the job does not get"}));
}

}  // namespace
}  // namespace ccci::doctor
