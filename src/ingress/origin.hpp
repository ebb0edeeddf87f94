// SPDX-License-Identifier: GPL-3.0-or-later
// Who answered a request: the app, or the ingress itself and for which reason. The ingress marks
// its own pages with a header, and removes this header from the pages of apps.
#pragma once

#include <span>
#include <string_view>

namespace ccci::ingress {

inline constexpr std::string_view origin_header = "X-Cc-Ci-Ingress";

enum class Origin {
  app,
  no_router,      // no rule matches the name and the path
  no_port,        // no label names the port of the service
  no_server,      // no task of the service runs
  no_address,     // its tasks are on internal networks only
  no_connection,  // the task refuses connections on the port
  bad_answer,     // the task closed the connection or sent no HTTP
  no_answer,      // the task accepted the request and was silent
  needs_user,     // the router's users only; the visitor named none of them
  to_secure       // port 80 sends the request to port 443
};

struct OriginRow {
  Origin origin;
  unsigned status;
  std::string_view mark;  // value of the header
  std::string_view page;
};

// All pages of the ingress.
std::span<const OriginRow> origin_rows();
const OriginRow& row_of(Origin origin);
// `app` for every other text.
Origin origin_of(std::string_view mark);

}  // namespace ccci::ingress
