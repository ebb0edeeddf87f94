// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/exhibit.hpp"

#include "tests/unit/gate/rig.hpp"

namespace ccci::gate {
namespace {

using ::testing::ElementsAre;

class ExhibitTest : public ::testing::Test {
 protected:
  base::Result<std::string> exhibit(const std::string& check = "one", Time now = noon) const {
    return rig_.desk().exhibit("M1", check, now);
  }
  fs::path pass() const {
    EXPECT_TRUE(rig_.claim(rig_.parties.carol));
    const auto verdict = rig_.verify(rig_.parties.bob);
    EXPECT_TRUE(verdict && verdict->verification.passed());
    return rig_.tree() / verdict->evidence / "01-one.out";
  }

  const Rig rig_{one_check("cat a.txt", "matches = 'hello'")};
};

TEST_F(ExhibitTest, IsWhatTheCheckPrinted) {
  pass();
  EXPECT_EQ(exhibit().value(), "hello\n");
  EXPECT_THAT(codes(rig_.desk().exhibit("M2", "one", noon)), ElementsAre("gate.unknown-gate"));
  EXPECT_THAT(codes(exhibit("two")), ElementsAre("gate.no-check"));
}

TEST_F(ExhibitTest, IsOfAPassedGateOnly) {
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.not-passed"));
  pass();
  EXPECT_TRUE(exhibit());
  EXPECT_THAT(codes(exhibit("one", noon + std::chrono::hours(25))), ElementsAre("gate.not-passed"));
  ASSERT_TRUE(rig_.desk().veto("M1", rig_.parties.alice, noon, "no"));
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.not-passed"));
}

TEST_F(ExhibitTest, IsNothingThatWasNotSigned) {
  const fs::path file = pass();
  write(file, "hallo\n");
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.evidence"));
  fs::remove(file);
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.evidence"));
  fs::create_symlink("/etc/passwd", file);
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.evidence"));
  fs::remove(file);
  write(file, "hello\n");
  EXPECT_EQ(exhibit().value(), "hello\n");
}

// The evidence of the claim before is not that of the next.
TEST_F(ExhibitTest, IsOfTheNewestPass) {
  pass();
  write(rig_.tree() / "a.txt", "hello again\n");
  rig_.push();
  ASSERT_TRUE(rig_.claim(rig_.parties.carol));
  EXPECT_THAT(codes(exhibit()), ElementsAre("gate.not-passed"));
  ASSERT_TRUE(rig_.verify(rig_.parties.bob, noon + std::chrono::minutes(1)));
  EXPECT_EQ(exhibit("one", noon + std::chrono::minutes(1)).value(), "hello again\n");
}

}  // namespace
}  // namespace ccci::gate
