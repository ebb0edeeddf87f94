// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/secrets.hpp"

#include <gtest/gtest.h>

#include "declare/declaration.hpp"

namespace ccci::declare {
namespace {

TEST(Secrets, NamesOfSecretsAreRecognised) {
  for (const char* name : {"GITHUB_TOKEN", "DRONE_RPC_SECRET", "PGPASSWORD", "MYSQL_PWD",
                           "smtp_password", "AWS_SECRET_ACCESS_KEY", "API_KEY", "SSH_PRIVATE_KEY",
                           "REGISTRY_PASS", "NPM_CONFIG__authToken"}) {
    EXPECT_NE(secret_in_variable(name, "s3cret-value"), "") << name;
  }
  for (const char* name : {"LC_ALL", "TOKENIZERS_PARALLELISM", "PWD", "KEYBOARD", "PASSENGER_ENV",
                           "PUBLIC_KEY", "SECRETS_DIR", "COMPASS"}) {
    EXPECT_EQ(secret_in_variable(name, "s3cret-value"), "") << name;
  }
}

TEST(Secrets, PathsAndSwitchesAreNone) {
  for (const char* value : {"", "true", "0", "/run/secrets/token", "$OTHER", "none"}) {
    EXPECT_EQ(secret_in_variable("API_TOKEN", value), "") << value;
  }
}

TEST(Secrets, TokensAreRecognisedWhateverTheirName) {
  const std::string rest(40, 'a');
  for (const std::string begin : {"ghp_", "glpat-", "github_pat_", "AKIA", "npm_"}) {
    EXPECT_NE(secret_in_variable("ANYTHING", begin + rest), "") << begin;
    EXPECT_NE(secret_in_text("Authorization: Bearer " + begin + rest), "") << begin;
  }
  EXPECT_NE(secret_in_text("https://ci:hunter2@git.example.org/x"), "");
  EXPECT_NE(secret_in_text("-----BEGIN OPENSSH PRIVATE KEY-----"), "");
  EXPECT_EQ(secret_in_text("https://ci@git.example.org/x"), "");
  EXPECT_EQ(secret_in_text("https://ci:$TOKEN@git.example.org/x"), "");
  EXPECT_EQ(secret_in_text("glpat-short"), "");
}

const std::string head = "[runtime]\ntools = [\"bash\"]\n[entrypoints.run]\n[hosts.a]\n[hosts.b]\n";

TEST(Secrets, ADeclarationWithASecretIsRefusedWithoutShowingIt) {
  const std::string value = "hunter2hunter2";
  const auto parsed =
      parse("[runtime]\ntools = [\"bash\"]\n[runtime.variables]\nAPI_TOKEN = \"" + value + "\"\n",
            "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "declare.secret");
  ASSERT_EQ(parsed.error().where.size(), 1U);
  EXPECT_EQ(parsed.error().where[0].line, 4);
  EXPECT_EQ(parsed.error().where[0].excerpt, "");
  for (const base::Field& field : parsed.error().fields)
    EXPECT_EQ(field.value.find(value), std::string::npos) << field.name;
}

TEST(Secrets, ATokenInACommandIsRefused) {
  const auto parsed = parse(head +
                                "[timers.t]\nschedule = \"daily\"\nexec = [\"run\", \"curl\", "
                                "\"-H\", \"X: glpat-" +
                                std::string(20, 'x') + "\"]\n",
                            "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "declare.secret");
}

TEST(PerHost, TimersRunnersAndHealthDiffer) {
  const auto parsed = parse(head +
                                "[timers.t]\nschedule = \"daily\"\nexec = [\"run\"]\nhosts = "
                                "[\"a\"]\nenvironment_files = [\"/etc/ci/t.env\"]\n"
                                "credentials = { token = \"/etc/ci/token\" }\n"
                                "[runners.x]\nkind = \"unit\"\nunit = \"x.service\"\nhosts = "
                                "[\"a\"]\n"
                                "[runners.y]\nkind = \"unit\"\nunit = \"x.service\"\nhosts = "
                                "[\"b\"]\n"
                                "[health]\nunits = [\"ssh.service\"]\n"
                                "[hosts.b.health]\nunits = [\"docker.service\"]\ndeadline = "
                                "\"5s\"\n",
                            "cc-ci.toml");
  ASSERT_TRUE(parsed) << parsed.error().code;
  EXPECT_EQ(parsed->timers.at("t").credentials.at("token"), "/etc/ci/token");
  const Declaration a = for_host(*parsed, "a");
  const Declaration b = for_host(*parsed, "b");
  EXPECT_EQ(a.timers.size(), 1U);
  EXPECT_EQ(b.timers.size(), 0U);
  EXPECT_TRUE(a.runners.contains("x") && !a.runners.contains("y"));
  EXPECT_TRUE(b.runners.contains("y") && !b.runners.contains("x"));
  EXPECT_EQ(a.health.units, (std::vector<std::string>{"ssh.service"}));
  EXPECT_EQ(b.health.units, (std::vector<std::string>{"ssh.service", "docker.service"}));
  EXPECT_EQ(a.health.deadline, std::chrono::seconds(60));
  EXPECT_EQ(b.health.deadline, std::chrono::seconds(5));
}

TEST(Gates, OnlyCommandsThatChangeAHostCanBeBlocked) {
  const auto parsed = parse(head + "[gates.M1]\nblocks = [\"deploy\"]\n", "cc-ci.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->gates.at("M1"), std::vector<std::string>{"deploy"});
  const auto wrong = parse(head + "[gates.M1]\nblocks = [\"build\"]\n", "cc-ci.toml");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "declare.value");
}

TEST(Notify, ItsNameIsTakenAndItsCommandMustExist) {
  const std::string notify = "[notify]\nexec = [\"/usr/local/bin/tell\"]\n";
  const auto parsed = parse(head + notify, "cc-ci.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->notify.schedule, "hourly");
  EXPECT_FALSE(parse(head + "[notify]\nexec = [\"absent\"]\n", "cc-ci.toml"));
  EXPECT_FALSE(
      parse(head + notify + "[timers.cc-ci-notify]\nschedule = \"daily\"\nexec = [\"run\"]\n",
            "cc-ci.toml"));
}

TEST(PerHost, AHostThatIsNotDeclaredIsNamed) {
  const auto parsed = parse(head +
                                "[timers.t]\nschedule = \"daily\"\nexec = [\"run\"]\nhosts = "
                                "[\"c\"]\n",
                            "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "declare.no-host");
  // Also if nothing is scheduled: then the key is wrong for the day when it is.
  const auto sweep = parse(head + "[sweep]\nhosts = [\"c\"]\n", "cc-ci.toml");
  ASSERT_FALSE(sweep);
  EXPECT_EQ(sweep.error().code, "declare.no-host");
}

TEST(PerHost, APasswordOfNoRepositoryIsAMistake) {
  const auto parsed =
      parse(head + "[sweep]\nsnapshots_password = \"/root/password\"\n", "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "declare.missing-key");
  EXPECT_EQ(parsed.error().field("key"), "sweep.snapshots");
}

TEST(PerHost, AnEmptyListOfHostsIsNotEveryHost) {
  const std::string timer = "[timers.t]\nschedule = \"daily\"\nexec = [\"run\"]\n";
  const std::string runner = "[runners.x]\nkind = \"drone-exec\"\n";
  for (const std::string& table : {timer, runner, std::string("[sweep]\n")}) {
    EXPECT_TRUE(parse(head + table, "cc-ci.toml")) << table;
    const auto parsed = parse(head + table + "hosts = []\n", "cc-ci.toml");
    ASSERT_FALSE(parsed) << table;
    EXPECT_EQ(parsed.error().code, "declare.value");
    EXPECT_EQ(parsed.error().field("expected"), "the name of a host or more");
  }
}

TEST(PerHost, TheConfigurationOfADaemonStaysTheHosts) {
  const auto parsed = parse(head + "[runners.x]\nkind = \"drone-exec\"\n", "cc-ci.toml");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host_files, std::vector<std::string>{"/etc/drone-runner-exec"});
}

TEST(PerHost, ATemplateIsNoRunner) {
  const auto parsed =
      parse(head + "[runners.x]\nkind = \"unit\"\nunit = \"x@.service\"\n", "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().field("expected"), "an instance like 'x@NAME.service'");
  EXPECT_TRUE(parse(head + "[runners.x]\nkind = \"unit\"\nunit = \"x@1.service\"\n", "cc-ci.toml"));
}

TEST(PerHost, OneUnitOnOneHostIsRefused) {
  const auto parsed = parse(head +
                                "[runners.x]\nkind = \"unit\"\nunit = \"x.service\"\n"
                                "[runners.y]\nkind = \"unit\"\nunit = \"x.service\"\nhosts = "
                                "[\"b\"]\n",
                            "cc-ci.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "declare.same-unit");
}

}  // namespace
}  // namespace ccci::declare
