// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/stored_output.hpp"

#include "tests/unit/gate/rig.hpp"

namespace ccci::gate {
namespace {

using ::testing::ElementsAre;

class StoredOutputTest : public ::testing::Test {
 protected:
  base::Result<std::string> stored_output(const std::string& check = "one", Time now = noon) const {
    return rig_.service().stored_output("M1", check, now);
  }
  fs::path pass() const {
    EXPECT_TRUE(rig_.claim(rig_.parties.carol));
    const auto verdict = rig_.verify(rig_.parties.bob);
    EXPECT_TRUE(verdict && verdict->verification.passed());
    return rig_.tree() / verdict->evidence / "01-one.out";
  }

  const Rig rig_{one_check("cat a.txt", "matches = 'hello'")};
};

TEST_F(StoredOutputTest, IsWhatTheCheckPrinted) {
  pass();
  EXPECT_EQ(stored_output().value(), "hello\n");
  EXPECT_THAT(codes(rig_.service().stored_output("M2", "one", noon)),
              ElementsAre("gate.unknown-gate"));
  EXPECT_THAT(codes(stored_output("two")), ElementsAre("gate.no-check"));
}

TEST_F(StoredOutputTest, IsOfAPassedGateOnly) {
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.not-passed"));
  pass();
  EXPECT_TRUE(stored_output());
  EXPECT_THAT(codes(stored_output("one", noon + std::chrono::hours(25))),
              ElementsAre("gate.not-passed"));
  ASSERT_TRUE(rig_.service().veto("M1", rig_.parties.alice, noon, "no"));
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.not-passed"));
}

TEST_F(StoredOutputTest, IsNothingThatWasNotSigned) {
  const fs::path file = pass();
  write(file, "hallo\n");
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.evidence"));
  fs::remove(file);
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.evidence"));
  fs::create_symlink("/etc/passwd", file);
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.evidence"));
  fs::remove(file);
  write(file, "hello\n");
  EXPECT_EQ(stored_output().value(), "hello\n");
}

// The evidence of the claim before is not that of the next.
TEST_F(StoredOutputTest, IsOfTheNewestPass) {
  pass();
  write(rig_.tree() / "a.txt", "hello again\n");
  rig_.push();
  ASSERT_TRUE(rig_.claim(rig_.parties.carol));
  EXPECT_THAT(codes(stored_output()), ElementsAre("gate.not-passed"));
  ASSERT_TRUE(rig_.verify(rig_.parties.bob, noon + std::chrono::minutes(1)));
  EXPECT_EQ(stored_output("one", noon + std::chrono::minutes(1)).value(), "hello again\n");
}

}  // namespace
}  // namespace ccci::gate
