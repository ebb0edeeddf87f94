// SPDX-License-Identifier: GPL-3.0-or-later
// The text of haproxy's configuration for the routes of the stacks. It does what Traefik does with
// the same labels.
//
// Entry points have the names of Co-op Cloud's Traefik: `web` or `http` is port 80, `web-secure`,
// `websecure` or `https` is port 443. A router with TLS is on port 443 only, and port 80 sends its
// requests there.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ingress/basic_auth.hpp"
#include "ingress/site.hpp"

namespace ccci::ingress {

// Paths as haproxy sees them.
struct Layout {
  std::string certificate;    // a file with the certificate and its key
  std::string plain_socket;   // the same as port 80
  std::string secure_socket;  // the same as port 443, without TLS
  std::string empty;          // a directory; after its start haproxy has no other files
  // Where containers reach the ingress, next to 127.0.0.1; empty: nowhere.
  std::string engine = {};
  // The descriptor of a socket for port 80; the next one is for port 443. 0: haproxy makes them.
  int first_door = 0;
  // Passes where a router has users.
  Guest guest = {};
};

// The label that names a route which is left out.
std::string rule_label(const recipe::Route& route);

// Whether only port 80 leads to the route.
bool is_plain_only(const recipe::Route& route);

// The routes that the ingress cannot serve whatever is deployed, and why.
std::vector<recipe::NotRouted> unserved(const recipe::Routing& routing);

struct Configuration {
  std::string text;
  // Routes that are left out, by rule_label(), and why.
  std::vector<recipe::NotRouted> unverified;
};

// [ingress.too-many]
base::Result<Configuration> make_configuration(const Layout& layout,
                                               const std::vector<Site>& sites);

}  // namespace ccci::ingress
