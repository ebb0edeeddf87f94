// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/service_checkup.hpp"

#include <gtest/gtest.h>

#include "base/process.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/scripted_systemd.hpp"

namespace ccci::doctor {
namespace {

// An alias of this host is no name that the declaration could know.
TEST(ServiceCheckup, TwoRunnersThatAreOneUnitAreRefusedByName) {
  const test::Scratch scratch;
  test::ScriptedSystemd systemd;
  const Machine machine{activate::Layout(scratch.path()), systemd, base::real_processes()};
  declare::Declaration declaration;
  declaration.runners["first"] = {{"first", {}}, "unit", "real.service", "", {}};
  declaration.runners["second"] = {{"second", {}}, "unit", "other.service", "", {}};
  for (const char* unit : {"real.service", "other.service"}) systemd.unit(unit).id = unit;
  const auto refused = [&] {
    std::vector<Symptom> found;
    for (const Symptom& one : check_services(machine, declaration, nullptr, true)) {
      if (one.prevents) found.push_back(one);
    }
    return found;
  };
  EXPECT_TRUE(refused().empty());
  systemd.unit("other.service").id = "real.service";
  const auto found = refused();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].what, "runner second");
  EXPECT_EQ(found[0].found,
            "its other.service is real.service, the unit of runner first too (Alias=)");
  EXPECT_EQ(found[0].remedy,
            "remove [runners.second], or name another unit: [runners.second] unit");
  const auto required = require_services(machine, declaration, nullptr, {});
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().code, "doctor.unfit");
}

// A runner that the switch does not start goes on without it.
TEST(ServiceCheckup, AMissingPathStopsOnlyASwitchThatStartsTheUnit) {
  const test::Scratch scratch;
  const std::string fragment = (scratch / "r.service").native();
  test::write_text(fragment, "[Service]\nUser=root\nEnvironmentFile=/srv/absent-here.env\n");
  test::ScriptedSystemd systemd;
  systemd.unit("r.service").fragment = fragment;
  const Machine machine{activate::Layout(scratch.path()), systemd, base::real_processes()};
  declare::Declaration declaration;
  declaration.runners["r"] = {{"r", {}}, "unit", "r.service", "", {}};
  EXPECT_TRUE(require_services(machine, declaration, nullptr, {"other.service"}));
  const auto required = require_services(machine, declaration, nullptr, {"r.service"});
  ASSERT_FALSE(required);
  EXPECT_NE(required.error().field("found").find("/srv/absent-here.env"), std::string::npos);
}

}  // namespace
}  // namespace ccci::doctor
