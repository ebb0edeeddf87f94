// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/blake2.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace ccci::base {

std::string blake2b_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_blake2b512(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL offers no BLAKE2b");
  }
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) {
    hex.push_back(digits[digest[i] >> 4U]);
    hex.push_back(digits[digest[i] & 15U]);
  }
  return hex;
}

}  // namespace ccci::base
