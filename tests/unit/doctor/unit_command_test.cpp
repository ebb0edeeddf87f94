// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/unit_command.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::doctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ObservedUnit unit_of(const std::string& text) {
  return {"ci.service", "loaded", {{"/etc/systemd/system/ci.service", text}}};
}

TEST(UnitCommandTest, is_what_systemd_would_start) {
  const test::Scratch host;
  std::filesystem::create_directories(host / "etc");
  test::write_text(host / "etc/ci.env", "# a comment\nMODE='fast'\nWORDS=one two\n");
  const auto found = unit_command(
      unit_of("[Service]\nUser=root\nWorkingDirectory=-/srv/ci\nEnvironment=MODE=slow \"A=b c\"\n"
              "EnvironmentFile=-/etc/ci.env\nEnvironmentFile=-/etc/absent\n"
              "ExecStart=-/usr/bin/run --mode=${MODE} $WORDS '${A}' $$5\n"),
      host.path());
  ASSERT_TRUE(found) << found.error().code;
  EXPECT_THAT(found->words, ElementsAre("/usr/bin/run", "--mode=fast", "one", "two", "b c", "$5"));
  EXPECT_EQ(found->directory, "/srv/ci");
  EXPECT_EQ(found->variables.at("HOME"), "/root");
  EXPECT_EQ(found->uid, 0U);
  EXPECT_THAT(found->environment(), testing::Contains("MODE=fast"));
}

TEST(UnitCommandTest, without_a_user_it_is_root_without_a_home) {
  const auto found = unit_command(unit_of("[Service]\nExecStart=/bin/true\n"));
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->variables.contains("HOME"));
  EXPECT_EQ(found->directory, "/");
}

TEST(UnitCommandTest, what_only_systemd_knows_is_refused) {
  EXPECT_EQ(unit_command({"x.service", "not-found", {}}).error().code, "doctor.unit-missing");
  for (const char* text : {"[Service]\n", "[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n",
                           "[Service]\nExecStart=/bin/a %n\n"}) {
    EXPECT_EQ(unit_command(unit_of(text)).error().code, "doctor.unit-command") << text;
  }
  const auto nobody = unit_command(unit_of("[Service]\nUser=no-such-user-x\nExecStart=/bin/a\n"));
  EXPECT_EQ(nobody.error().code, "doctor.unit-user");
}

}  // namespace
}  // namespace ccci::doctor
