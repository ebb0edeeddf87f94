// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/check.hpp"

#include <gtest/gtest.h>

namespace ccci::python {
namespace {

lock::Lock lock_with(const std::string& file) {
  lock::Lock lock;
  lock.architecture = "amd64";
  source::Package wheel;
  wheel.name = "pypi:green-let";
  wheel.origin = source::Origin::pypi;
  wheel.uri = "https://files.example.org/" + file;
  source::Package python;
  python.name = "python3";
  python.version = "3.11.2-1+b1";
  lock.packages = {wheel, python};
  return lock;
}

TEST(Check, AWheelMustFitTheLocksPython) {
  EXPECT_TRUE(check_wheels(lock_with("green_let-1-py3-none-any.whl")));
  EXPECT_TRUE(check_wheels(lock_with("Green.Let-1-cp311-cp311-manylinux_2_28_x86_64.whl")));
  for (const char* file : {"green_let-1-cp313-cp313-manylinux_2_28_x86_64.whl",
                           "other-1-py3-none-any.whl", "green_let.whl"}) {
    const auto checked = check_wheels(lock_with(file));
    ASSERT_FALSE(checked) << file;
    EXPECT_EQ(checked.error().code, "python.wrong-wheel");
  }
}

TEST(Check, ALockWithoutWheelsNeedsNoPython) { EXPECT_TRUE(check_wheels(lock::Lock{})); }

}  // namespace
}  // namespace ccci::python
