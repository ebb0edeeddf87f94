// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/pull.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class ScriptedSkopeo final : public base::ProcessRunner {
 public:
  base::Result<base::Outcome> run(const base::Command& command) override {
    argv = command.argv;
    return outcome;
  }

  base::Outcome outcome;
  std::vector<std::string> argv;
};

class PullTest : public testing::Test {
 protected:
  PullTest() {
    setup.root = scratch / "root";
    std::filesystem::create_directories(setup.root / "usr/bin");
    test::write_text(setup.root / "usr/bin/skopeo", "");
  }
  base::Result<void> pull_app() {
    return pull(setup, "registry.example/app:1", scratch / "pulled.tar", std::chrono::minutes(1),
                skopeo);
  }

  test::Scratch scratch;
  run::Setup setup;
  ScriptedSkopeo skopeo;
};

TEST_F(PullTest, writes_no_larger_file_than_there_is_room_for_and_none_elsewhere) {
  ASSERT_TRUE(pull_app());
  EXPECT_THAT(skopeo.argv, Contains(StartsWith("--fsize=")));
  EXPECT_THAT(skopeo.argv, Contains("--tmpdir=" + scratch.path().native()));
}

TEST_F(PullTest, what_fills_the_disk_says_nothing_of_the_recipe) {
  for (const char* words : {"write /x/pulled.tar: file too large", "no space left on device"}) {
    skopeo.outcome.status = 1;
    skopeo.outcome.err = words;
    const auto pulled = pull_app();
    ASSERT_FALSE(pulled);
    EXPECT_TRUE(pulled.error().is(base::Condition::no_space)) << words;
    EXPECT_EQ(pulled.error().field("archive"), "registry.example/app:1");
  }
  skopeo.outcome.err = "manifest unknown";
  EXPECT_TRUE(pull_app().error().is(base::Condition::refused));
  EXPECT_THAT(std::string(pull_app().error().field("problem")), HasSubstr("manifest unknown"));
}

}  // namespace
}  // namespace ccci::run
