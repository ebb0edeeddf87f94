// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/tags.hpp"

#include <gtest/gtest.h>

namespace ccci::python {
namespace {

bool fit(const char* file) {
  const auto name = read_wheel_name(file);
  return name && fits(*name, Target{11, "amd64"});
}

TEST(Tags, SayWhichPythonAndMachineAWheelIsFor) {
  EXPECT_TRUE(fit("requests-2.31.0-py3-none-any.whl"));
  EXPECT_TRUE(fit("six-1.16.0-py2.py3-none-any.whl"));
  EXPECT_TRUE(fit("greenlet-3.0-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl"));
  EXPECT_TRUE(fit("cryptography-42.0-cp37-abi3-manylinux_2_28_x86_64.whl"));
  EXPECT_TRUE(fit("ruff-0.4-1-py3-none-manylinux2014_x86_64.whl"));
  EXPECT_FALSE(fit("greenlet-3.0-cp313-cp313-manylinux_2_24_x86_64.whl"));
  EXPECT_FALSE(fit("greenlet-3.0-cp311-cp311-manylinux_2_24_aarch64.whl"));
  EXPECT_FALSE(fit("greenlet-3.0-cp311-cp311-musllinux_1_1_x86_64.whl"));
  EXPECT_FALSE(fit("x-1-cp312-abi3-manylinux_2_28_x86_64.whl"));
  EXPECT_FALSE(fit("old-1-py2-none-any.whl"));
  EXPECT_FALSE(fit("x-1-cp311-cp311-win_amd64.whl"));
}

TEST(Tags, AreReadFromAWheelsNameOnly) {
  EXPECT_FALSE(read_wheel_name("requests-2.31.0.tar.gz"));
  EXPECT_FALSE(read_wheel_name("requests.whl"));
  EXPECT_FALSE(read_wheel_name("requests--py3-none-any.whl"));
  EXPECT_FALSE(read_wheel_name(""));
}

TEST(Tags, TakeThePythonOfDebiansVersion) {
  ASSERT_TRUE(target_of("3.11.2-1+b1", "amd64"));
  EXPECT_EQ(target_of("3.11.2-1+b1", "amd64")->minor, 11);
  EXPECT_FALSE(target_of("2.7.18-3", "amd64"));
  EXPECT_FALSE(target_of("3.x", "amd64"));
}

}  // namespace
}  // namespace ccci::python
