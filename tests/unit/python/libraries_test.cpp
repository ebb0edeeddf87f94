// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/libraries.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "tests/support/parts.hpp"

namespace ccci::python {
namespace {

using ::testing::Contains;

TEST(Libraries, AreReadFromAProgram) {
  const std::string self = base::read_file("/proc/self/exe", 1U << 30U).value();
  const auto needed = needed_libraries(self);
  ASSERT_TRUE(needed);
  EXPECT_THAT(*needed, Contains("libc.so.6"));
}

TEST(Libraries, ADamagedFileHasNone) {
  std::string self = base::read_file("/proc/self/exe", 1U << 30U).value();
  for (const std::size_t size : {0UL, 3UL, 64UL, 100UL, 4096UL}) {
    static_cast<void>(needed_libraries(self.substr(0, size)));
  }
  for (std::size_t i = 0; i < 1024; ++i) {
    std::string damaged = self.substr(0, 65536);
    damaged[i] = static_cast<char>(~damaged[i]);
    static_cast<void>(needed_libraries(damaged));
  }
  EXPECT_FALSE(needed_libraries("#!/bin/sh"));
  EXPECT_FALSE(needed_libraries(""));
}

TEST(Libraries, HaveAPackageOfDebian) {
  EXPECT_EQ(library_package("libstdc++.so.6"), "libstdc++6");
  EXPECT_EQ(library_package("libX11.so.6"), "libx11-6");
  EXPECT_EQ(library_package("libGL.so.1"), "libgl1");
  EXPECT_EQ(library_package("libglib-2.0.so.0"), "libglib2.0-0");
  EXPECT_EQ(library_package("libatomic.so.1"), "libatomic1");
  EXPECT_EQ(library_package("nothing"), "");
}

}  // namespace
}  // namespace ccci::python
