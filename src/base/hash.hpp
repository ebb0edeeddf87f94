// SPDX-License-Identifier: GPL-3.0-or-later
// SHA-256 by OpenSSL, which uses the processor's SHA instructions if there are any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ccci::base {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string hex() const;                               // 64 lower-case digits
  std::string short_hex() const;                         // the first 12, for messages
  static Result<Digest> from_hex(std::string_view hex);  // [base.digest-form]

  auto operator<=>(const Digest&) const = default;
};

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> data);
  void update(std::string_view text);
  Digest finish();  // after it the object can be used again

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(std::string_view text);

// Reads the descriptor from its current offset to its end.
Result<Digest> sha256_of_fd(int fd);

}  // namespace ccci::base
