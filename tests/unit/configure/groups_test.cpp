// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/groups.hpp"

#include <gmock/gmock.h>

#include "tests/support/parts.hpp"

namespace ccci::configure {
namespace {

using environment::Part;
using test::part;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string works = "#!/bin/sh\nmake-something\n";
const std::string covered = "#!/bin/sh\nldconfig\n";

std::vector<Part> sample() {
  return {part("base", {"usr/bin/sh*"}, {.essential = true, .control = {{"postinst", works}}}),
          part("libc", {"usr/lib/libc.so"}, {.control = {{"postinst", covered}}}),
          part("schemas", {"usr/bin/compile*"},
               {.depends = {"libc"},
                .control = {{"postinst", works}, {"triggers", "interest-noawait /usr/share/s\n"}}}),
          part("app", {"usr/share/s/app.xml"}, {.depends = {"libc"}}),
          part("tex", {"usr/bin/tex*"},
               {.depends = {"libc"},
                .control = {{"postinst", works}, {"triggers", "interest texmf # all\n"}}}),
          part("tex-more", {"usr/share/t"},
               {.depends = {"tex"},
                .control = {{"postinst", works}, {"triggers", "activate-noawait texmf\n"}}}),
          part("tool", {"usr/bin/tool*"}, {.depends = {"libc"}})};
}

std::vector<std::string> names(const Group& group, const std::vector<Part>& parts) {
  std::vector<std::string> list;
  for (const std::size_t at : group.members) list.push_back(parts[at].package.name);
  return list;
}

TEST(Groups, ScriptsThatCannotInfluenceEachOtherAreApart) {
  const std::vector<Part> parts = sample();
  const std::vector<Group> all = groups(parts);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0].runs, ElementsAre("base"));
  EXPECT_THAT(names(all[0], parts), ElementsAre("base"));
  EXPECT_THAT(all[1].runs, ElementsAre("schemas"));
  EXPECT_THAT(names(all[1], parts), ElementsAre("base", "libc", "schemas", "app"))
      << "app has a file below the trigger's directory";
  EXPECT_THAT(all[1].pending.activated, ElementsAre("/usr/share/s"));
  EXPECT_THAT(all[2].runs, ElementsAre("tex", "tex-more"));
  EXPECT_THAT(all[2].pending.activated, ElementsAre("texmf"));
}

TEST(Groups, AScriptHasTheAccountsThatItsPackageDependsOn) {
  const std::vector<Part> parts{
      part("base", {"usr/bin/sh*"}, {.essential = true}),
      part("common", {"usr/share/c"},
           {.control = {{"postinst", "#!/bin/sh\nadduser --system c\n"}}}),
      part("other", {"usr/share/o"},
           {.control = {{"postinst", "#!/bin/sh\nadduser --system o\n"}}}),
      part("works", {"usr/bin/w*"}, {.depends = {"common"}, .control = {{"postinst", works}}}),
      part("too", {"usr/bin/t*"}, {.depends = {"common"}, .control = {{"postinst", works}}})};
  const std::vector<Group> all = groups(parts);
  ASSERT_EQ(all.size(), 3U) << "common's accounts connect nothing";
  EXPECT_THAT(all[1].runs, ElementsAre("common", "works"));
  EXPECT_EQ(all[1].because.at("common"), "accounts");
  EXPECT_THAT(all[1].pending.unpacked, ElementsAre("common", "works"));
  EXPECT_THAT(all[2].runs, ElementsAre("common", "too"));
}

TEST(Groups, AScriptSeesTheOtherNamesOfTheProgramsThatWakeIt) {
  std::vector<Part> parts = sample();
  parts.push_back(part("gcc-12", {"usr/bin/gcc-12*", "usr/lib/gcc-12/cc*", "usr/share/s/gcc"}));
  parts.push_back(part("gcc", {"usr/bin/gcc -> gcc-12", "usr/bin/none -> ../../../x"}));
  parts.push_back(part("cc", {"usr/bin/cc -> ../lib/gcc-12/cc"}));
  parts.push_back(part("awk", {"usr/bin/awk -> tool"}));
  EXPECT_THAT(names(groups(parts)[1], parts),
              ElementsAre("base", "libc", "schemas", "app", "gcc-12", "gcc", "cc"));
}

TEST(Groups, AToolThatNoScriptConcernsChangesNoAddress) {
  const std::vector<Part> parts = sample();
  std::vector<Part> more = parts;
  more.insert(more.begin() + 1, part("new", {"usr/bin/new*"}, {.depends = {"libc"}}));
  const std::vector<Group> before = groups(parts);
  const std::vector<Group> after = groups(more);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(address_of(before[i], parts, nullptr), address_of(after[i], more, nullptr));
  }
  more.push_back(part("font", {"usr/share/s/font.xml"}));
  EXPECT_NE(address_of(before[1], parts, nullptr), address_of(groups(more)[1], more, nullptr));
}

TEST(Groups, WhatTheFirstGroupMadeCounts) {
  const std::vector<Part> parts = sample();
  const Group group = groups(parts)[1];
  const store::Address before = store::address(store::Kind::configuration, "base", "x");
  EXPECT_NE(address_of(group, parts, nullptr), address_of(group, parts, &before));
}

TEST(Groups, ATriggerThatARuleCoversConnectsNothing) {
  std::vector<Part> parts = sample();
  parts.push_back(
      part("man", {"usr/bin/man*"},
           {.control = {{"postinst", works}, {"triggers", "interest-noawait /usr/share/man\n"}}}));
  parts.push_back(part("page", {"usr/share/man/page"}, {.control = {{"postinst", works}}}));
  const std::vector<Group> all = groups(parts);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_THAT(all[3].runs, ElementsAre("man"));
  EXPECT_THAT(all[4].runs, ElementsAre("page"));
}

TEST(Groups, AScriptSeesThePackagesWhoseFilesItLooksFor) {
  std::vector<Part> parts = sample();
  parts.push_back(part("apache", {"usr/share/apache/helper", "usr/sbin/a2query*"},
                       {.depends = {"libc"}, .control = {{"postinst", works}}}));
  parts.push_back(part("other", {"usr/share/other/x"}, {.control = {{"postinst", works}}}));
  const auto with = [&](const std::string& script) {
    std::vector<Part> all = parts;
    all.push_back(part("mod", {"usr/lib/mod.so"}, {.control = {{"postinst", script}}}));
    return all;
  };
  for (const char* asks :
       {"if [ -e /usr/share/apache/helper ]; then . /usr/share/apache/helper; fi",
        "command -v a2query >/dev/null || exit 0", "test -x /usr/sbin/a2query", "which a2query",
        "SCRIPT=\"/usr/sbin/a2query\"\nif [ -x \"$SCRIPT\" ]; then $SCRIPT; fi"}) {
    const std::vector<Part> all = with(works + asks + "\n");
    const std::vector<Group> found = groups(all);
    ASSERT_EQ(found.size(), 5U) << asks;
    const auto group = std::find_if(found.begin(), found.end(), [](const Group& one) {
      return one.runs == std::vector<std::string>{"apache", "mod"};
    });
    ASSERT_NE(group, found.end()) << asks;
    EXPECT_THAT(names(*group, all), ElementsAre("base", "libc", "apache", "mod")) << asks;
  }
  EXPECT_EQ(groups(with(works + "[ -e /usr/share/nothing ]\n")).size(), 6U);
  EXPECT_EQ(groups(with(works + "unused=/usr/sbin/a2query\n")).size(), 6U);
}

TEST(Groups, NothingIsRunWhereRulesCoverEverything) {
  const auto all = groups({part("a", {"usr/bin/a*"}, {.control = {{"postinst", covered}}})});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].runs, IsEmpty());
}

TEST(Groups, APreinstWithADiversionIsNotRun) {
  const auto all = groups(
      {part("a", {"usr/bin/a*"}, {.control = {{"preinst", "#!/bin/sh\nmake-x\n"}}}),
       part("b", {"usr/bin/b*"},
            {.control = {{"preinst", "#!/bin/sh\nmake-x\ndpkg-divert --add /usr/bin/c\n"}}})});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_THAT(all[1].preinsts, ElementsAre("a"));
}

}  // namespace
}  // namespace ccci::configure
