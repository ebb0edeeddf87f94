// SPDX-License-Identifier: GPL-3.0-or-later
// A file that is read once from start to end. Its hash is computed while it is read.
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
  // Exactly `count` bytes, or fewer if the file ends first. For headers.
  base::Result<std::string> take(std::size_t count);
  // The digest of the whole file. Reads the rest of it first.
  base::Result<base::Digest> finish();

 private:
  base::Fd file_;
  base::Sha256 hasher_;
  std::vector<char> buffer_ = std::vector<char>(1U << 18U);
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ccci::store
