// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/host_runners.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "declare/declaration.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

namespace fs = std::filesystem;

TEST(HostRunners, AreFoundWithTheProgramsThatTheDeclarationMustName) {
  const test::Scratch host;
  const auto put = [&](const std::string& path, const std::string& text) {
    fs::create_directories((host / path).parent_path());
    test::write_text(host / path, text);
  };
  put("etc/systemd/system/gitlab-runner.service",
      "[Service]\nExecStart=/usr/bin/gitlab-runner \"run\" \"--user\" \"x\"\n");
  put("usr/local/lib/systemd/system/woodpecker-agent.service",
      "[Service]\nExecStart=/opt/woodpecker/woodpecker-agent\n");
  put("etc/systemd/system/actions.runner.owner-repo.one.service",
      "[Service]\nExecStart=/opt/actions-runner/runsvc.sh\n");
  put("etc/systemd/system/actions.runner.owner-repo.two.service",
      "[Service]\nExecStart=/srv/two/runsvc.sh\n");
  put("etc/systemd/system/multi-user.target.wants/buildbot-worker@ci.service", "");
  put("etc/systemd/system/multi-user.target.wants/ssh.service", "");
  const std::vector<HostRunner> found = host_runners(host.path());
  EXPECT_THAT(found,
              testing::UnorderedElementsAre(
                  HostRunner{"gitlab-shell", "gitlab-shell", "gitlab-runner.service",
                             "/usr/bin/gitlab-runner"},
                  HostRunner{"woodpecker-local", "woodpecker-local", "woodpecker-agent.service"},
                  HostRunner{"github", "github-runner", "actions.runner.owner-repo.one.service",
                             "/opt/actions-runner/runsvc.sh"},
                  HostRunner{"github-2", "github-runner", "actions.runner.owner-repo.two.service",
                             "/srv/two/runsvc.sh"},
                  HostRunner{"buildbot", "buildbot-worker", "buildbot-worker@ci.service"}));
  put("etc/systemd/system/jenkins-agent.service", "[Service]\nExecStart=/usr/bin/java -jar x\n");
  put("etc/systemd/system/once.service", "[Service]\nType=oneshot\n");
  put("etc/systemd/system/timed.service", "[Service]\n");
  put("etc/systemd/system/timed.timer", "[Timer]\n");
  put("etc/systemd/system/each@.service", "[Service]\n");
  EXPECT_THAT(other_services(found, host.path()), testing::ElementsAre("jenkins-agent.service"));
  EXPECT_THAT(mention(other_services(found, host.path())),
              testing::HasSubstr("#   jenkins-agent.service\n"));
  EXPECT_EQ(mention({}), "");
  const auto declaration =
      declare::parse(declare::starter() + declare_runners(found), "cc-ci.toml");
  ASSERT_TRUE(declaration);
  EXPECT_EQ(declaration->runners.at("github-2").program, "/srv/two/runsvc.sh");
}

}  // namespace
}  // namespace ccci::doctor
