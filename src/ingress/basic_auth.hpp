// SPDX-License-Identifier: GPL-3.0-or-later
// Traefik's middleware `basicauth` with users in labels, as a userlist of haproxy. Only hashes say
// who the users are, so a visitor of cc-ci's own may pass too: else nobody could show that the app
// is served behind.
#pragma once

#include <optional>
#include <string>

#include "recipe/route.hpp"

namespace ccci::ingress {

struct Guest {
  std::string name;  // empty: there is none
  std::string password;

  // The value of the header Authorization.
  std::string authorization() const;
};

// Why haproxy cannot check the users; nothing if it can. It checks by crypt(3), which knows bcrypt
// and MD5-crypt, but neither Apache's variant of it nor {SHA}.
std::optional<std::string> problem(const recipe::BasicAuth& auth);

// The section `userlist`, and the rules that ask for one of its users.
std::string userlist(const recipe::BasicAuth& auth, const std::string& list, const Guest& guest);
std::string rules(const recipe::BasicAuth& auth, const std::string& list, const Guest& guest);

}  // namespace ccci::ingress
