// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/address.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace ccci::store {

namespace {

constexpr std::size_t hash_length = 32;
constexpr std::size_t label_length = 80;

bool label_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '+' ||
         byte == '.' || byte == '-';
}

bool hex_byte(char byte) { return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f'); }

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::package:
      return "package";
    case Kind::configuration:
      return "configuration";
    case Kind::environment:
      return "environment";
    case Kind::entrypoint:
      return "entrypoint";
    case Kind::system:
      return "system";
    case Kind::launcher:
      return "launcher";
  }
  return {};
}

std::string Address::directory() const { return hash + "-" + label; }

Address address(Kind kind, std::string_view label, std::string_view inputs) {
  Address made{kind, base::sha256(inputs).hex().substr(0, hash_length),
               std::string(label.substr(0, label_length))};
  for (char& byte : made.label) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    if (!label_byte(byte)) byte = '-';
  }
  return made;
}

std::string reference(const Address& address) {
  return std::string(kind_name(address.kind)) + "/" + address.directory();
}

std::optional<Address> read_reference(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  for (const Kind kind : all_kinds) {
    if (kind_name(kind) == text.substr(0, slash)) {
      return read_directory(kind, text.substr(slash + 1));
    }
  }
  return std::nullopt;
}

std::optional<Address> read_directory(Kind kind, std::string_view name) {
  if (name.size() <= hash_length || name[hash_length] != '-') return std::nullopt;
  const std::string_view hash = name.substr(0, hash_length);
  const std::string_view label = name.substr(hash_length + 1);
  const bool sound = label.size() <= label_length &&
                     std::all_of(hash.begin(), hash.end(), hex_byte) &&
                     std::all_of(label.begin(), label.end(), label_byte);
  if (!sound) return std::nullopt;
  return Address{kind, std::string(hash), std::string(label)};
}

}  // namespace ccci::store
