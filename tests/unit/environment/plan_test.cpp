// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "environment/profile.hpp"
#include "tests/support/parts.hpp"

namespace ccci::environment {
namespace {

const std::string text = "[runtime]\ntools = [\"git\"]\n";

declare::Declaration parsed(const std::string& more) {
  const auto parsed = declare::parse(text + more, "cc-ci.toml");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().code);
  return parsed.value_or(declare::Declaration{});
}

lock::Lock lock_of(const std::vector<Part>& parts) {
  lock::Lock lock;
  for (const Part& part : parts) lock.packages.push_back(part.package);
  return lock;
}

const Operation* find(const Plan& plan, const std::string& path) {
  for (const Operation& operation : plan.operations) {
    if (operation.path == path) return &operation;
  }
  return nullptr;
}

const std::vector<Part> parts{
    test::part("git", {"usr/bin/git*", "usr/lib/gate -> /etc", "usr/bin/there*"})};

Plan planned(const std::string& more, const std::string& set = "shared") {
  const auto result = plan(parsed(more), lock_of(parts), set, parts);
  EXPECT_TRUE(result);
  return result.value_or(Plan{});
}

TEST(Plan, TheChoiceAmongAllAlternativesHoldsAgainstThatOfAScript) {
  const auto editor = [](const std::string& name, const std::string& priority) {
    const std::string call = "update-alternatives --install /usr/bin/editor editor /usr/bin/";
    return test::part(name, {"usr/bin/" + name + "*"},
                      {.control = {{"postinst", call + name + " " + priority + "\n"}}});
  };
  for (const std::string target : {"/usr/bin/emacs", "/usr/bin/computed"}) {
    Part made = test::part("made", {"usr/bin/editor -> /etc/alternatives/editor",
                                    "etc/alternatives/editor -> " + target});
    made.generated = true;
    const auto root = plan_root({editor("vim", "40"), editor("emacs", "0"), made}, {}, {});
    ASSERT_TRUE(root);
    const Operation* choice = find(*root, "etc/alternatives/editor");
    ASSERT_NE(choice, nullptr);
    EXPECT_EQ(choice->entry.target, target == "/usr/bin/emacs" ? "/usr/bin/vim" : target)
        << "of a candidate that nobody has read, the script's choice holds";
  }
}

TEST(Plan, TheBundleHasTheTimeOfTheNewestCertificate) {
  std::vector<Part> some{
      test::part("ca-certificates", {"usr/share/ca-certificates/a.crt",
                                     "usr/share/ca-certificates/b.crt", "usr/sbin/update"}),
      test::part("git", {"usr/bin/git*"})};
  std::int64_t time = 1600000000;
  for (Part& part : some) {
    for (store::Entry& entry : part.manifest.entries) {
      if (entry.type == store::Entry::Type::file) entry.time = time++;
    }
  }
  const auto root = plan_root(some, {}, {});
  ASSERT_TRUE(root);
  EXPECT_EQ(root->certificates_time, find(*root, "usr/share/ca-certificates/b.crt")->entry.time);
  EXPECT_LT(root->certificates_time, root->epoch);
}

// A bare host has /lib, and no /lib32: the loader of 32-bit programs must be found all the same.
TEST(Plan, NoLinkLeadsToADirectoryThatTheHostMayLack) {
  std::vector<Part> more = parts;
  more.push_back(test::part(
      "libc6-i386", {"usr/lib/ld-linux.so.2 -> /lib32/ld-linux.so.2", "usr/lib32/ld-linux.so.2*",
                     "usr/lib/other -> /lib/ld-linux.so.2"}));
  const auto result = plan(parsed(""), lock_of(more), "shared", more);
  ASSERT_TRUE(result);
  EXPECT_EQ(find(*result, "usr/lib/ld-linux.so.2")->entry.target, "/usr/lib32/ld-linux.so.2");
  EXPECT_EQ(find(*result, "usr/lib/other")->entry.target, "/lib/ld-linux.so.2");
}

TEST(Plan, LoginShellsOfFishKeepThePathOfTheEnvironment) {
  EXPECT_EQ(find(planned(""), "etc/fish/config.fish"), nullptr);
  std::vector<Part> more = parts;
  more.push_back(test::part("fish-common", {"etc/fish/config.fish"}));
  const auto result = plan(parsed(""), lock_of(more), "shared", more);
  ASSERT_TRUE(result);
  const Operation* file = find(*result, "etc/fish/config.fish");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->content, fish_profile(result->environment.exposed));
}

// Units mount a directory of their own there, and a mount needs something to lie on.
TEST(Plan, EveryRootHasAnEmptyUsrLocal) {
  const Plan plan = planned("");
  const Operation* local = find(plan, "usr/local");
  ASSERT_NE(local, nullptr);
  EXPECT_EQ(local->kind, Operation::Kind::directory);
  for (const Operation& operation : plan.operations) {
    EXPECT_FALSE(operation.path.starts_with("usr/local/")) << operation.path;
  }
}

TEST(Plan, ARunnersProgramBelowUsrHasAPlaceToBeMountedOn) {
  const auto runner = [](const std::string& program) {
    return "[runners.r]\nkind = \"unit\"\nunit = \"r.service\"\nprogram = \"" + program + "\"\n";
  };
  const Plan plain = planned("");
  const Plan with = planned(runner("/usr/bin/gitlab-runner"));
  const Operation* place = find(with, "usr/bin/gitlab-runner");
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(place->kind, Operation::Kind::file);
  EXPECT_FALSE(place->entry.executable) << "nothing that a job could run";
  EXPECT_EQ(place->content, "");
  EXPECT_NE(with.address, plain.address);
  // Elsewhere there is nothing to make; a file of the environment is one to mount on already.
  for (const std::string program :
       {"/usr/local/bin/drone-runner-exec", "/opt/runner/bin", "/usr/lib/gate/x"}) {
    EXPECT_EQ(find(planned(runner(program)), program.substr(1)), nullptr) << program;
  }
  EXPECT_EQ(find(planned(runner("/usr/bin/there")), "usr/bin/there")->kind,
            Operation::Kind::hard_link);
  EXPECT_EQ(planned(runner("/usr/local/bin/drone-runner-exec")).address, plain.address);
}

// They are in the root as any other package is, and on PATH there is nothing of them.
TEST(Plan, PackagesThatAreNoToolsExposeNothing) {
  std::vector<Part> more = parts;
  more.push_back(test::part("worker", {"usr/bin/worker*"}));
  const auto result = plan(parsed("packages = [\"worker\"]\n"), lock_of(more), "shared", more);
  ASSERT_TRUE(result);
  EXPECT_NE(find(*result, "usr/bin/worker"), nullptr);
  for (const Exposed& exposed : result->environment.exposed) {
    for (const Command& command : exposed.commands) EXPECT_NE(command.name, "worker");
  }
}

TEST(Plan, ALostRightIsRecordedWithTheCommand) {
  std::vector<Part> some{test::part("git", {"usr/bin/git*", "usr/bin/tig -> git"})};
  some[0].dropped = {"setuid usr/bin/git", "xattr usr/bin/other"};
  const auto result = plan(parsed(""), lock_of(some), "shared", some);
  ASSERT_TRUE(result);
  for (const Command& command : result->environment.exposed.at(0).commands) {
    EXPECT_EQ(command.lost, "setuid") << command.name;
  }
}

TEST(Plan, TheLanguageIsSetUnlessDeclared) {
  EXPECT_EQ(planned("").environment.variables.at("LANG"), "C.UTF-8");
  EXPECT_EQ(
      planned("[runtime.variables]\nLANG = \"de_DE.UTF-8\"\n").environment.variables.at("LANG"),
      "de_DE.UTF-8");
}

}  // namespace
}  // namespace ccci::environment
