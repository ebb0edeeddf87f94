// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/listeners.hpp"

#include <gmock/gmock.h>

namespace ccci::engine {
namespace {

constexpr const char* head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n";

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ListenersTest, listening_sockets_have_ports) {
  EXPECT_THAT(listeners_in(std::string(head) +
                           "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000\n"),
              ElementsAre(Listener{8080, false}));
  EXPECT_THAT(listeners_in("   0: 00000000000000000000000000000000:1538 "
                           "00000000000000000000000000000000:0000 0A 00000000:00000000\n"
                           "   1: 0300000A:0050 00000000:0000 0A 00000000:00000000\n"
                           "   2: 00000000:1538 00000000:0000 0A 00000000:00000000\n"),
              ElementsAre(Listener{80, false}, Listener{5432, false}));
}

TEST(ListenersTest, some_are_reached_from_inside_only) {
  for (const char* address : {"0100007F", "0500007F", "00000000000000000000000001000000",
                              "0000000000000000FFFF00000100007F"})
    EXPECT_THAT(listeners_in("0: " + std::string(address) + ":1F90 0:0 0A\n"),
                ElementsAre(Listener{8080, true}))
        << address;
  for (const char* address :
       {"7F000001", "B80D012000000000000000000000007F", "0000000000000000FFFF00000300000A"})
    EXPECT_THAT(listeners_in("0: " + std::string(address) + ":1F90 0:0 0A\n"),
                ElementsAre(Listener{8080, false}))
        << address;
}

TEST(ListenersTest, connections_and_the_name_server_are_none) {
  EXPECT_THAT(listeners_in(""), IsEmpty());
  EXPECT_THAT(listeners_in(head), IsEmpty());
  EXPECT_THAT(listeners_in(std::string(head) + "   0: 0B00007F:A2F1 00000000:0000 0A 00000000\n"
                                               "   1: 0300000A:C350 0200000A:1538 01 00000000\n"),
              IsEmpty());
  EXPECT_THAT(listeners_in("0A 0A\n0A\n0: x:y 0:0 0A\n0: 00000000:12345 0:0 0A\n"), IsEmpty());
}

}  // namespace
}  // namespace ccci::engine
