// SPDX-License-Identifier: GPL-3.0-or-later
// Reads .xz with bounded memory. The header of a stream says how much of the output the decoder
// must keep in memory, up to 4 GB. libarchive accepts any such value; this class does not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::store {

// xz -9 needs 65 MB. Only a dictionary size chosen by hand needs more. zstd has a similar limit of
// its own: a window of 128 MB.
inline constexpr std::uint64_t decoder_memory = 160'000'000;

// [store.bomb]: the stream asks for more than that.
base::Error too_much_memory();

class Xz {
 public:
  // Returns compressed bytes, or an empty text at the end. The bytes stay valid until the next
  // call.
  using Source = std::function<base::Result<std::string_view>()>;

  Xz(Source source, std::string member);

  // Empty at the end; valid until the next call. [store.bomb], [store.truncated],
  // [store.archive-form] (also for bytes after the stream), and the errors of `source`.
  base::Result<std::string_view> read();

 private:
  struct State;
  struct Closer {
    void operator()(State* state) const;
  };

  base::unexpected<base::Error> refuse(int status) const;

  Source source_;
  std::string member_;
  std::unique_ptr<State, Closer> state_;
  std::vector<char> out_ = std::vector<char>(1U << 18U);
};

}  // namespace ccci::store
