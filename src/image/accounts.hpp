// SPDX-License-Identifier: GPL-3.0-or-later
// The accounts of an image: those of Debian, and the declared users. An image has no passwords.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/result.hpp"
#include "declare/image.hpp"

namespace ccci::image {

struct Accounts {
  std::string passwd;
  std::string group;
  std::string shadow;
};

struct Owner {
  unsigned uid = 0;
  unsigned gid = 0;

  bool operator==(const Owner&) const = default;
};

// `passwd` and `group` are what the packages bring; empty: root alone. `day` is the day of the last
// change of all passwords, since 1970. [image.user]: a declared user has a name or number that the
// packages already use.
base::Result<Accounts> make_accounts(std::string passwd, std::string group, std::int64_t day,
                                     const std::map<std::string, declare::ImageUser>& users);

// Of a name in `passwd`, or of a number. Empty: root. [image.no-user]
base::Result<Owner> owner_of(const Accounts& accounts, const std::string& name);

}  // namespace ccci::image
