// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/listeners.hpp"

#include <gtest/gtest.h>

namespace ccci::engine {
namespace {

constexpr const char* head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n";

TEST(ListenersTest, listening_socket_is_one) {
  EXPECT_TRUE(has_listener(std::string(head) +
                           "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"));
  EXPECT_TRUE(
      has_listener("   0: 00000000000000000000000000000000:1538 "
                   "00000000000000000000000000000000:0000 0A 00000000:00000000\n"));
}

TEST(ListenersTest, connections_and_the_name_server_are_none) {
  EXPECT_FALSE(has_listener(""));
  EXPECT_FALSE(has_listener(head));
  EXPECT_FALSE(has_listener(std::string(head) + "   0: 0B00007F:A2F1 00000000:0000 0A 00000000\n"
                                                "   1: 0300000A:C350 0200000A:1538 01 00000000\n"));
  EXPECT_FALSE(has_listener("0A 0A\n0A"));
}

}  // namespace
}  // namespace ccci::engine
