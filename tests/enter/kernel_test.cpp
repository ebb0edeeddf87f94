// SPDX-License-Identifier: GPL-3.0-or-later
#include "enter/kernel.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ccci::enter {
namespace {

TEST(OpenByNames, refuses_a_name_that_no_file_system_has) {
  const std::string name(255, 'a');
  const auto open = [](const std::string& path) {
    return kernel::open_by_names(AT_FDCWD, path.c_str(), O_PATH);
  };
  EXPECT_EQ(open("/" + name), -ENOENT);
  EXPECT_EQ(open("/" + name + "a"), -ENAMETOOLONG) << "and does not look for two names";
  EXPECT_EQ(open("/tmp/" + name + "a/x"), -ENAMETOOLONG);
  EXPECT_EQ(open("/tmp/.."), -EXDEV);
  const int directory = open("/tmp");
  EXPECT_GE(directory, 0);
  kernel::close(directory);
}

}  // namespace
}  // namespace ccci::enter
