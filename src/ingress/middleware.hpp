// SPDX-License-Identifier: GPL-3.0-or-later
// Traefik's middlewares as rules of a haproxy backend. The rules read these variables, which the
// front end sets: txn.scheme, txn.host with its port, txn.name without it, txn.uri, txn.url.
#pragma once

#include <optional>
#include <string>

#include "ingress/basic_auth.hpp"
#include "recipe/route.hpp"

namespace ccci::ingress {

// Why the ingress cannot do it; nothing if it can.
std::optional<std::string> why_not(const recipe::Middleware& middleware);

// Tells the middlewares of a router apart.
struct InRouter {
  std::size_t number = 0;
  std::string userlist;
  const Guest& guest;
};

// The rules, one a line. Call why_not() before.
std::string rules_of(const recipe::Middleware& middleware, const InRouter& names);

// The replacement of a redirectregex in haproxy's form: "${1}" is "\1". Nothing if it names a group
// by more than one digit or by a word.
std::optional<std::string> replacement_of(std::string_view replacement);

}  // namespace ccci::ingress
