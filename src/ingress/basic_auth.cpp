// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/basic_auth.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "ingress/origin.hpp"
#include "ingress/word.hpp"

namespace ccci::ingress {

namespace {

constexpr std::size_t most_users = 100;
constexpr std::size_t longest_hash = 100;
// haproxy has one thread, and each step doubles the time: 12 takes a quarter of a second.
constexpr int dearest_bcrypt = 12;
constexpr std::size_t bcrypt_size = 60;

bool is_crypt_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '.' || c == '/'; });
}

// "$2y$10$" and 53 characters.
bool is_bcrypt(std::string_view hash) {
  if (hash.size() != bcrypt_size || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$')
    return false;
  if (hash[2] != 'a' && hash[2] != 'b' && hash[2] != 'y') return false;
  if (std::isdigit(static_cast<unsigned char>(hash[4])) == 0 ||
      std::isdigit(static_cast<unsigned char>(hash[5])) == 0)
    return false;
  const int cost = (hash[4] - '0') * 10 + hash[5] - '0';
  return cost >= 4 && cost <= dearest_bcrypt && is_crypt_text(hash.substr(7));
}

// "$1$SALT$" and 22 characters.
bool is_md5_crypt(std::string_view hash) {
  if (!hash.starts_with("$1$") || hash.size() > longest_hash) return false;
  const std::size_t end = hash.find('$', 3);
  return end != std::string_view::npos && end - 3 <= 8 && is_crypt_text(hash.substr(3, end - 3)) &&
         hash.size() - end - 1 == 22 && is_crypt_text(hash.substr(end + 1));
}

bool is_token(std::string_view name) {
  return name.size() <= 100 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_';
         });
}

}  // namespace

std::string Guest::authorization() const {
  const std::string plain = name + ":" + password;
  std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(plain.data()),
                                   static_cast<int>(plain.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return "Basic " + encoded;
}

std::optional<std::string> problem(const recipe::BasicAuth& auth) {
  if (auth.users.empty() || auth.users.size() > most_users)
    return "basicauth: no user, or more than " + std::to_string(most_users);
  if (!is_plain(auth.realm) || auth.realm.find_first_of("\"\\") != std::string::npos)
    return "basicauth: the realm is too long or has other characters";
  if (!is_token(auth.user_header))
    return "basicauth: the name of the header is too long or has other characters";
  for (const auto& [name, hash] : auth.users) {
    if (name.empty() || !is_plain(name))
      return "basicauth: a user's name is empty, too long or has control characters";
    if (!is_bcrypt(hash) && !is_md5_crypt(hash))
      return "basicauth: the hash of user '" + name + "' is neither bcrypt (of a cost up to " +
             std::to_string(dearest_bcrypt) + ") nor MD5-crypt";
  }
  return std::nullopt;
}

std::string userlist(const recipe::BasicAuth& auth, const std::string& list, const Guest& guest) {
  std::string text = "\nuserlist " + list + "\n";
  for (const auto& [name, hash] : auth.users)
    text += "  user " + word(name) + " password " + word(hash) + "\n";
  if (!guest.name.empty())
    text += "  user " + word(guest.name) + " insecure-password " + word(guest.password) + "\n";
  return text;
}

std::string rules(const recipe::BasicAuth& auth, const std::string& list, const Guest& guest) {
  const OriginRow& row = row_of(Origin::needs_user);
  std::string text =
      "  http-request return status " + std::to_string(row.status) +
      " content-type text/plain hdr " + std::string(origin_header) + " " + std::string(row.mark) +
      " hdr WWW-Authenticate " + word(format("Basic realm=\"" + auth.realm + "\"")) + " string " +
      word("cc-ci: " + std::string(row.page)) + " unless { http_auth(" + list + ") }\n";
  if (!auth.user_header.empty())
    text += "  http-request set-header " + auth.user_header + " %[http_auth_user]\n";
  // The app may know users of its own, and the guest is none of them.
  if (auth.remove_header)
    text += "  http-request del-header Authorization\n";
  else if (!guest.name.empty())
    text += "  http-request del-header Authorization if { http_auth_user -m str " +
            word(guest.name) + " }\n";
  return text;
}

}  // namespace ccci::ingress
