// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/origin.hpp"

#include <array>

namespace ccci::ingress {

namespace {

constexpr std::array table{
    OriginRow{Origin::no_router, 404, "no-router", "no router matches this name and path"},
    OriginRow{Origin::no_port, 503, "no-port", "no label names the port of the service"},
    OriginRow{Origin::no_server, 503, "no-server", "no task of the service runs"},
    OriginRow{Origin::no_address, 503, "no-address",
              "the tasks of the service are on internal networks only"},
    OriginRow{Origin::no_connection, 503, "no-connection",
              "the task of the service refuses connections"},
    OriginRow{Origin::bad_answer, 502, "bad-answer",
              "the task of the service sent no valid answer"},
    OriginRow{Origin::no_answer, 504, "no-answer", "the task of the service sent no answer"},
    OriginRow{Origin::needs_user, 401, "needs-user", "the router asks for a user and a password"},
    OriginRow{Origin::to_secure, 301, "to-secure", ""},
    OriginRow{Origin::app, 200, "", ""}};

}  // namespace

std::span<const OriginRow> origin_rows() { return table; }

const OriginRow& row_of(Origin origin) {
  for (const OriginRow& row : table)
    if (row.origin == origin) return row;
  return table.back();
}

Origin origin_of(std::string_view mark) {
  for (const OriginRow& row : table)
    if (row.mark == mark) return row.origin;
  return Origin::app;
}

}  // namespace ccci::ingress
