// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is read once from front to end, and hashed on the way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::store {

class Input {
 public:
  explicit Input(base::Fd file) : file_(std::move(file)) {}

  // At most `most` bytes; empty at the end. Valid until the next call. [base.read]
  base::Result<std::string_view> read(std::size_t most);
  // Exactly so many bytes, or fewer where the file ends. For headers.
  base::Result<std::string> take(std::size_t count);
  // Of the whole file: reads what is left.
  base::Result<base::Digest> finish();

 private:
  base::Fd file_;
  base::Sha256 hasher_;
  std::vector<char> buffer_ = std::vector<char>(1U << 18U);
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ccci::store
