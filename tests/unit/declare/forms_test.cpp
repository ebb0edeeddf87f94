// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/forms.hpp"

#include <gtest/gtest.h>

namespace ccci::declare {
namespace {

// "It begins with '0'" would be of a text.
TEST(FormsTest, a_number_out_of_range_is_told_as_such) {
  for (const char* jobs : {"0", "100", "100000", "-1"})
    EXPECT_EQ(objection(forms::job_count, jobs), "it is not from 1 to 99") << jobs;
  EXPECT_EQ(objection(forms::job_count, "4"), "");
  EXPECT_EQ(objection(forms::job_count, "99"), "");
  EXPECT_EQ(objection(forms::job_count, "many"), "it begins with 'm'");
  for (const char* status : {"20", "600", "2000", "-200"})
    EXPECT_EQ(objection(forms::http_status, status), "it is not from 100 to 599") << status;
  for (const char* number : {"100000", "-1"})
    EXPECT_EQ(objection(forms::account_number, number), "it is not from 0 to 64999") << number;
  for (const char* port : {"0", "65536", "800000", "99999999999", "-1", "65536/tcp"})
    EXPECT_EQ(objection(forms::image_port, port), "it is not between 1 and 65535") << port;
  EXPECT_EQ(objection(forms::image_port, "65535/udp"), "");
  EXPECT_EQ(objection(forms::image_port, "5x/udp"), "it is not a number");
}

}  // namespace
}  // namespace ccci::declare
