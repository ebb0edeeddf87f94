// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/variables_file.hpp"

#include <gmock/gmock.h>

namespace ccci::doctor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(VariablesFile, WhatSystemdLeavesOut) {
  EXPECT_THAT(lines_left_out("# export A=1\nexport B=2\n\nC\n1D=x\n E = 5 \n"),
              ElementsAre(2, 4, 5));
  EXPECT_THAT(lines_left_out("A=1"), IsEmpty());
  EXPECT_THAT(lines_left_out(""), IsEmpty());
}

TEST(VariablesFile, ValuesOfSeveralLines) {
  EXPECT_THAT(
      lines_left_out("A='x\nexport y\n'\nB=\"q \\\" \nno name\"\nC=a \\\n  b\n;d \\\n e\nF\n"),
      ElementsAre(10));
  EXPECT_THAT(lines_left_out("A=it's\nB=2\n"), IsEmpty());
  EXPECT_THAT(lines_left_out("A='open\nB\n"), IsEmpty());
}

}  // namespace
}  // namespace ccci::doctor
