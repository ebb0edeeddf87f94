// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/attachment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "enter/entrypoint_variables.hpp"
#include "host/unit_text.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

environment::Environment sample() {
  environment::Environment environment;
  environment.address.hash = "0123456789abcdef0123456789abcdef";
  environment.root = "/state/store/environment/0123-shared/root";
  environment.exposed = {{"bash", "bash", "5", "/usr/lib/cc-ci/path/bash", {}},
                         {"git", "git", "2", "/usr/lib/cc-ci/path/git", {}}};
  environment.variables = {{"FREE", "50% of \"$HOME\"\\ 'x'"}};
  environment.places = {"opt/vendor", "var/lib/dpkg"};
  return environment;
}

const std::string path = "/usr/lib/cc-ci/path/bash:/usr/lib/cc-ci/path/git:/state/e/root";

declare::Runner runner(const std::string& kind, const std::string& unit = {},
                       const std::string& program = {}) {
  return {{"r", {}}, kind, unit, program, {}};
}

std::vector<std::string> service(const declare::Runner& declared, const char* key) {
  const auto drop_in = runner_drop_in(declared, sample(), path, "/state/o/root");
  EXPECT_TRUE(drop_in);
  return drop_in ? settings({drop_in->content}, "Service", key) : std::vector<std::string>{};
}

std::vector<std::string> variables(const declare::Runner& declared) {
  std::vector<std::string> all;
  for (const std::string& value : service(declared, "Environment")) {
    const auto words = unit_words(value);
    EXPECT_TRUE(words && words->size() == 1);
    if (words && !words->empty()) all.push_back(words->front());
  }
  return all;
}

TEST(Attachment, JobsOfAHardenedUnitMayAnswerTheWitness) {
  EXPECT_THAT(service(runner("drone-exec"), "ReadWritePaths"), ElementsAre("\"-/state/witness\""));
}

TEST(Runner, TheTableHasARowForEveryKindThatMayBeDeclared) {
  std::vector<std::string> names;
  for (const declare::RunnerKind& kind : declare::runner_kinds()) {
    names.emplace_back(kind.name);
    for (const std::string_view text : {kind.environment, kind.wins, kind.fixed, kind.writes}) {
      EXPECT_FALSE(text.empty()) << kind.name;
      EXPECT_FALSE(text.ends_with('.')) << kind.name;
    }
  }
  EXPECT_EQ(names, declare::runner_kind_names());
  EXPECT_EQ(declare::runner_unit(runner("act-runner")), "act_runner.service");
  EXPECT_EQ(declare::runner_unit(runner("act-runner", "mine.service")), "mine.service");
  EXPECT_EQ(declare::runner_unit(runner("unit")), "");
}

// The page is made from the table's facts, in its words.
TEST(Runner, ThePageSaysWhatTheTableSays) {
  const auto page = base::read_file(CCCI_SOURCE_DIR "/docs/runners.md", 1U << 20U);
  ASSERT_TRUE(page);
  std::string text;  // its lines joined
  for (const std::string_view line : base::split(*page, '\n')) {
    text += line.starts_with("  ") ? " " + std::string(base::trim(line)) : "\n" + std::string(line);
  }
  for (const declare::RunnerKind& kind : declare::runner_kinds()) {
    const std::size_t from = text.find("\n### " + std::string(kind.name) + "\n");
    ASSERT_NE(from, std::string::npos) << kind.name;
    const std::string section = text.substr(from, text.find("\n#", from + 5) - from);
    for (const auto& [name, value] : {std::pair("environment", kind.environment),
                                      {"wins", kind.wins},
                                      {"fixed", kind.fixed},
                                      {"writes", kind.writes}}) {
      EXPECT_THAT(section,
                  HasSubstr("\n- " + std::string(name) + ": " + std::string(value) + "\n"));
    }
    const std::string unit = kind.unit.empty() ? "none" : "`" + std::string(kind.unit) + "`";
    EXPECT_THAT(section, HasSubstr("usual unit: " + unit));
    EXPECT_THAT(section, HasSubstr("usual program: " +
                                   (kind.program.empty() ? std::string("none")
                                                         : "`" + std::string(kind.program) + "`")));
  }
}

TEST(Attachment, AServiceGetsTheEnvironmentWhole) {
  const declare::Runner drone = runner("drone-exec");
  const auto drop_in = runner_drop_in(drone, sample(), path);
  ASSERT_TRUE(drop_in);
  EXPECT_EQ(drop_in->path, "drone-runner-exec.service.d/50-cc-ci.conf");
  EXPECT_THAT(settings({drop_in->content}, "Unit", "RequiresMountsFor"),
              ElementsAre("\"" + sample().root + "\""));
  EXPECT_THAT(service(drone, "BindReadOnlyPaths"),
              ElementsAre("\"" + sample().root + "/usr\":/usr", "\"/etc\":\"/etc/.cc-ci/host/etc\"",
                          "\"" + sample().root + "/etc\":\"/etc\"",
                          "\"" + sample().root + "/opt/vendor\":\"/opt/vendor\"",
                          "\"" + sample().root + "/var/lib/dpkg\":\"/var/lib/dpkg\""));
  EXPECT_THAT(service(drone, "TemporaryFileSystem"), IsEmpty());
  EXPECT_THAT(variables(drone),
              ElementsAre("PATH=" + path, "DRONE_RUNNER_PATH=" + path,
                          "CC_CI_ENVIRONMENT=" + sample().address.hash,
                          "FREE=" + sample().variables["FREE"], "PYTHONNOUSERSITE=1",
                          "DRONE_RUNNER_ENVFILE=/state/o/root/variables"));
  EXPECT_THAT(variables(runner("act-runner")), Not(testing::Contains(HasSubstr("DRONE"))));
  EXPECT_FALSE(runner_drop_in(runner("github-runner"), sample(), path)) << "no unit is known";
}

TEST(Attachment, JobsMayCallEntrypointsByName) {
  const std::map<std::string, EntrypointObject> entrypoints{
      {"b", {"b", {}, "/state/store/entrypoint/2-b/root/b", ""}},
      {"a", {"a", {}, "/state/store/entrypoint/1-a/root/a", ""}}};
  EXPECT_EQ(runner_path(sample(), entrypoints),
            "/usr/lib/cc-ci/path/bash:/usr/lib/cc-ci/path/git:/state/store/entrypoint/1-a/root:"
            "/state/store/entrypoint/2-b/root");
}

TEST(Attachment, OnlyItsProgramIsKeptOfTheHostsUsr) {
  const std::string local = "/usr/local/bin/act_runner";
  EXPECT_THAT(service(runner("act-runner", "", local), "TemporaryFileSystem"),
              ElementsAre("/usr/local:ro"));
  EXPECT_EQ(service(runner("act-runner", "", local), "BindReadOnlyPaths").back(),
            "\"" + local + "\":\"" + local + "\"");
  // The root has a file to mount it on.
  const std::string vendor = "/usr/bin/act_runner";
  EXPECT_THAT(service(runner("act-runner", "", vendor), "TemporaryFileSystem"), IsEmpty());
  EXPECT_EQ(service(runner("act-runner", "", vendor), "BindReadOnlyPaths").back(),
            "\"" + vendor + "\":\"" + vendor + "\"");
  // Seen anyway.
  EXPECT_EQ(service(runner("act-runner", "", "/opt/act_runner"), "BindReadOnlyPaths").size(), 5U);
}

TEST(Attachment, APathFrozenInAFileIsMountedOver) {
  const declare::Runner github = runner("github-runner", "x.service", "/opt/ar/runsvc.sh");
  EXPECT_THAT(runner_overlays(github, sample(), path),
              ElementsAre(Overlay{"path", path + "\n", "/opt/ar/.path"}));
  EXPECT_EQ(service(github, "BindReadOnlyPaths").back(),
            "\"/state/o/root/path\":\"/opt/ar/.path\"");
  EXPECT_THAT(runner_overlays(runner("act-runner"), sample(), path), IsEmpty());
}

TEST(Attachment, ALoginShellReadsOurProfile) {
  const declare::Runner gitlab = runner("gitlab-shell", "", "/usr/bin/gitlab-runner");
  const auto overlays = runner_overlays(gitlab, sample(), path);
  ASSERT_EQ(overlays.size(), 1U);
  EXPECT_EQ(overlays[0].over, "/etc/profile");
  // A shell reads back exactly what was declared.
  const test::Scratch scratch;
  ASSERT_TRUE(base::replace_file(scratch.path() / "profile", overlays[0].content));
  base::Command command;
  command.argv = {"/bin/sh", "-c",
                  ". \"$0\"; /usr/bin/printf '%s\\n' \"$PATH\" \"$FREE\" \"$CC_CI_ENVIRONMENT\"; "
                  "/usr/bin/env | /usr/bin/grep -c ^PYTHONNOUSERSITE=1",
                  (scratch.path() / "profile").native()};
  const auto outcome = base::real_processes().run(command);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->out,
            path + "\n" + sample().variables["FREE"] + "\n" + sample().address.hash + "\n1\n")
      << outcome->err;
}

// Drone's runner splits each pair of DRONE_RUNNER_ENVIRON at every ':'.
TEST(Attachment, AnyValueReachesDronesJobsByAFile) {
  environment::Environment environment = sample();
  environment.variables = {{"PROXYURL", "http://proxy:3128"}, {"QUOTED", "a \"b\" 'c' $d #e, f"}};
  const auto overlays = runner_overlays(runner("drone-exec"), environment, path);
  ASSERT_EQ(overlays.size(), 1U);
  EXPECT_EQ(overlays[0].over, "");
  EXPECT_THAT(overlays[0].content, HasSubstr("PROXYURL='http://proxy:3128'\n"));
  EXPECT_THAT(overlays[0].content, HasSubstr("QUOTED='a \"b\" 'c' $d #e, f'\n"));
  EXPECT_THAT(service(runner("drone-exec"), "Environment"),
              testing::Contains("\"DRONE_RUNNER_ENVFILE=/state/o/root/variables\""));
}

TEST(Attachment, VariablesThatTheLauncherDropsAreUnset) {
  std::set<std::string> unset;
  for (const std::string& line : service(runner("act-runner"), "UnsetEnvironment")) {
    for (const std::string_view name : base::split(line, ' ')) unset.emplace(name);
  }
  for (const enter::VariableRule& rule : enter::dropped_variables) {
    const std::string name = rule.name;
    if (name == "PATH" || name == "CC_CI_ENVIRONMENT" || name.starts_with("BASH_FUNC_")) continue;
    const std::size_t star = name.find('*');
    const std::string start = name.substr(0, star);
    const std::string end = star == std::string::npos ? "" : name.substr(star + 1);
    const bool found = std::any_of(unset.begin(), unset.end(), [&](const std::string& one) {
      return star == std::string::npos ? one == name : one.starts_with(start) && one.ends_with(end);
    });
    EXPECT_TRUE(found) << name;
  }
  EXPECT_FALSE(unset.contains("LANG"));
  EXPECT_FALSE(unset.contains("PATH"));
  EXPECT_THAT(service(runner("act-runner"), "UMask"), ElementsAre("0022"));
}

TEST(Attachment, SaysWhereJobsWouldNotSeeIt) {
  EXPECT_THAT(runner_problem(runner("github-runner")), HasSubstr("declare unit"));
  EXPECT_THAT(runner_problem(runner("github-runner", "x.service")), HasSubstr("declare program"));
  EXPECT_THAT(runner_problem(runner("github-runner", "x.service", "/usr/local/ar/runsvc.sh")),
              HasSubstr("below /usr"));
  EXPECT_EQ(runner_problem(runner("github-runner", "x.service", "/opt/ar/runsvc.sh")), "");
}

}  // namespace
}  // namespace ccci::host
