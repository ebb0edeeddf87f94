// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/normal_form.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace ccci::configure {
namespace {

TEST(NormalForm, OfAGitConfigurationIsTheSameForEachOrder) {
  std::vector<std::string> lines{"\tclean = git-lfs clean -- %f\n",
                                 "\tprocess = git-lfs filter-process\n", "\trequired = true\n",
                                 "\tsmudge = git-lfs smudge -- %f\n"};
  const std::string head = "[filter \"lfs\"]\n";
  const std::string expected = head + lines[0] + lines[1] + lines[2] + lines[3];
  do {
    EXPECT_EQ(normal_form("etc/gitconfig", head + lines[0] + lines[1] + lines[2] + lines[3]),
              expected);
  } while (std::next_permutation(lines.begin(), lines.end()));
}

TEST(NormalForm, KeepsTheOrderThatHasAMeaning) {
  const std::string text =
      "[credential]\n\thelper = second\n\thelper = first\n\tHelper = third\n[a]\n\tx\n[b]\n";
  EXPECT_EQ(normal_form("etc/gitconfig", text), text);
}

TEST(NormalForm, LeavesWhatItDoesNotKnow) {
  for (const std::string text :
       {"[b]\n\tz = 1 \\\n\ta = 2\n", "[b]\n\tz = 1\n# why\n\ta = 2\n", "[b]\n\tz = 1\n\ta = 2",
        "[include]\n\tpath = x\n\ta = y\n", "[b] z = 1\n", "\n"}) {
    EXPECT_EQ(normal_form("etc/gitconfig", text), std::nullopt) << text;
  }
  EXPECT_EQ(normal_form("etc/other", "[b]\n\tz = 1\n\ta = 2\n"), std::nullopt);
}

}  // namespace
}  // namespace ccci::configure
