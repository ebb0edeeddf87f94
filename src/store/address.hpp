// SPDX-License-Identifier: GPL-3.0-or-later
// The name of an object: its kind, a hash of what it was made from, and a label for people.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::store {

enum class Kind { package, configuration, environment, entrypoint, system, launcher };
inline constexpr std::array all_kinds{Kind::package,    Kind::configuration, Kind::environment,
                                      Kind::entrypoint, Kind::system,        Kind::launcher};
std::string_view kind_name(Kind kind);

// `hash`: 32 lower-case hex digits (the first half of a SHA-256 over what the object is made from).
// `label` is for people: [a-z0-9+.-], at most 80 bytes. It is not part of the identity.
struct Address {
  Kind kind = Kind::package;
  std::string hash;
  std::string label;

  std::string directory() const;  // "HASH-LABEL"
  auto operator<=>(const Address&) const = default;
};

// The address of an object made from `inputs`: a text that names everything its content depends on.
// Any other byte in `label` becomes '-'.
Address address(Kind kind, std::string_view label, std::string_view inputs);

// "KIND/HASH-LABEL": the form used in meta.json and in the links of roots/.
std::string reference(const Address& address);
std::optional<Address> read_reference(std::string_view text);
// The object whose directory has this name. Returns nothing if no object can have this name.
std::optional<Address> read_directory(Kind kind, std::string_view name);

}  // namespace ccci::store
