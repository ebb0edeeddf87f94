// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/unit_names.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/scratch.hpp"

namespace ccci::activate {
namespace {

namespace fs = std::filesystem;

class UnitNames : public testing::Test {
 protected:
  // The code of the refusal of a generation with the timer night; empty if it is accepted.
  std::string refusal() const {
    Generation generation;
    generation.units = {{"night.timer", "digest"}};
    const auto free = require_free_names(Layout(prefix_.path()), generation);
    return free ? "" : free.error().code;
  }
  fs::path place(const std::string& name) const {
    const fs::path path = prefix_ / name;
    fs::create_directories(path.parent_path());
    return path;
  }
  test::Scratch prefix_;
};

TEST_F(UnitNames, AFreeNameIsAccepted) {
  test::write_text(place("etc/systemd/system/other.timer"), "[Timer]\n");
  test::write_text(place("etc/systemd/system/night.timer.d/local.conf"), "[Timer]\n");
  EXPECT_EQ(refusal(), "");
}

TEST_F(UnitNames, AnotherUnitOfTheNameIsRefused) {
  for (const char* directory :
       {"etc/systemd/system", "usr/lib/systemd/system", "run/systemd/system",
        "etc/systemd/system.attached", "run/systemd/system.attached", "run/systemd/generator",
        "run/systemd/generator.late"}) {
    const fs::path path = place(std::string(directory) + "/night.timer");
    test::write_text(path, "[Timer]\n");
    EXPECT_EQ(refusal(), "activate.unit-name") << path;
    fs::remove(path);
    fs::create_symlink("/srv/units/night.timer", path);
    EXPECT_EQ(refusal(), "activate.unit-name") << "a link: " << path;
    fs::remove(path);
  }
}

TEST_F(UnitNames, AMaskIsToldApart) {
  const fs::path path = place("etc/systemd/system/night.timer");
  fs::create_symlink("/dev/null", path);
  EXPECT_EQ(refusal(), "activate.masked");
  fs::remove(path);
  test::write_text(path, "");
  EXPECT_EQ(refusal(), "activate.masked");
}

}  // namespace
}  // namespace ccci::activate
