// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/requirements.hpp"

#include <gtest/gtest.h>

#include "activate/unit_names.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::activate {
namespace {

std::string refusal(const std::string& load) {
  Generation generation;
  generation.units = {{"ghost.service.d/50-cc-ci.conf", "digest"}};
  Observed observed;
  UnitState& unit = observed.units["ghost.service"];
  unit.name = "ghost.service";
  unit.load = load;
  const auto required = require_runners(Layout("/nonexistent"), generation, observed);
  return required ? "" : required.error().code;
}

TEST(Requirements, ARunnerNeedsAUnitThatLoads) {
  EXPECT_EQ(refusal("loaded"), "");
  EXPECT_EQ(refusal("not-found"), "activate.no-runner");
  EXPECT_EQ(refusal("masked"), "activate.masked-runner");
  EXPECT_EQ(refusal("bad-setting"), "activate.broken-runner");
}

TEST(Requirements, ARunnerOfAUsersSessionIsNamed) {
  const test::Scratch scratch;
  const Layout layout(scratch.path());
  EXPECT_EQ(user_unit_file(layout, "ghost.service"), "");
  const std::string path = "/home/ci/.config/systemd/user/ghost.service";
  std::filesystem::create_directories(layout.at(path).parent_path());
  test::write_text(layout.at(path), "[Service]\n");
  EXPECT_EQ(user_unit_file(layout, "ghost.service"), path);
  Generation generation;
  generation.units = {{"ghost.service.d/50-cc-ci.conf", "digest"}};
  Observed observed;
  observed.units["ghost.service"].name = "ghost.service";
  observed.units["ghost.service"].load = "not-found";
  const auto required = require_runners(layout, generation, observed);
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().field("user_unit"), path);
}

TEST(Requirements, TwoRunnersAreTwoUnits) {
  Generation generation;
  generation.units = {{"runner.service.d/50-cc-ci.conf", "digest"},
                      {"worker.service.d/50-cc-ci.conf", "digest"}};
  Observed observed;
  for (const char* name : {"runner.service", "worker.service"}) {
    UnitState& unit = observed.units[name];
    unit.name = unit.id = name;
    unit.load = "loaded";
  }
  EXPECT_TRUE(require_runners(Layout("/nonexistent"), generation, observed));
  observed.units["runner.service"].id = "worker.service";
  const auto required = require_runners(Layout("/nonexistent"), generation, observed);
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().code, "activate.one-unit");
  EXPECT_EQ(required.error().field("unit"), "worker.service");
  EXPECT_EQ(required.error().field("other"), "runner.service");
}

TEST(Requirements, FilesOfSecretsMustExist) {
  const test::Scratch host;
  const Layout layout(host.path());
  const std::map<std::string, std::string> texts{
      {"t.service",
       "[Service]\nEnvironmentFile=/etc/ci/t.env\nLoadCredential=token:/etc/ci/token\n"}};
  auto required = require_secret_files(layout, texts);
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().code, "activate.secret-file");
  EXPECT_EQ(required.error().also.size(), 1U);
  std::filesystem::create_directories(host / "etc/ci");
  test::write_text(host / "etc/ci/t.env", "");
  test::write_text(host / "etc/ci/token", "");
  EXPECT_TRUE(require_secret_files(layout, texts));
}

TEST(Requirements, EveryMissingUserIsNamed) {
  const auto required = require_users({{"a.service", "[Service]\nUser=no-such-user-a\n"},
                                       {"b.service", "[Service]\nUser=root\n"},
                                       {"c.service", "[Service]\nUser=no-such-user-c\n"}});
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().field("user"), "no-such-user-a");
  EXPECT_EQ(required.error().also.size(), 1U);
}

}  // namespace
}  // namespace ccci::activate
