// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/skopeo.hpp"

#include <gtest/gtest.h>

namespace ccci::base {
namespace {

TEST(Skopeo, OnlyThisMachinesRegistriesAreLocal) {
  EXPECT_TRUE(is_local_registry("localhost:5000"));
  EXPECT_TRUE(is_local_registry("127.0.0.1:5000"));
  EXPECT_TRUE(is_local_registry("[::1]:5000"));
  EXPECT_FALSE(is_local_registry("localhost.example.org:5000"));
  EXPECT_FALSE(is_local_registry("registry.example.org"));
}

TEST(Skopeo, TheProblemIsTheMessageOfTheLastLine) {
  Outcome outcome;
  outcome.err = "level=info msg=\"begin\"\nlevel=fatal msg=\"no such tag\x1b[31m\"\n\n";
  EXPECT_EQ(skopeo_problem(outcome, "late").substr(0, 11), "no such tag");
  EXPECT_EQ(skopeo_problem(outcome, "late").find('\x1b'), std::string::npos);
  outcome.err = "plain words";
  EXPECT_EQ(skopeo_problem(outcome, "late"), "plain words");
  outcome.timed_out = true;
  EXPECT_EQ(skopeo_problem(outcome, "late"), "late");
}

}  // namespace
}  // namespace ccci::base
