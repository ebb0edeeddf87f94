// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/xz.hpp"

#include <lzma.h>

namespace ccci::store {

struct Xz::State {
  lzma_stream stream = LZMA_STREAM_INIT;
  lzma_ret started = LZMA_OK;
  bool input_ended = false;
  bool ended = false;
};

void Xz::Closer::operator()(State* state) const {
  lzma_end(&state->stream);
  delete state;
}

base::Error too_much_memory() {
  return base::fail("store.bomb")
      .with("limit", "bytes of memory to decompress it")
      .with("most", static_cast<long long>(decoder_memory));
}

Xz::Xz(Source source, std::string member)
    : source_(std::move(source)), member_(std::move(member)), state_(new State) {
  // LZMA_CONCATENATED, because parallel compressors write several streams one after another.
  state_->started = lzma_stream_decoder(&state_->stream, decoder_memory, LZMA_CONCATENATED);
}

base::unexpected<base::Error> Xz::refuse(int status) const {
  if (status == LZMA_MEMLIMIT_ERROR) return base::unexpected(too_much_memory());
  const auto error = [this](std::string_view code, std::string_view cause) {
    return base::unexpected(base::fail(code).with("member", member_).with("cause", cause));
  };
  switch (status) {
    case LZMA_BUF_ERROR:
      return error("store.truncated", "it ends too early");
    case LZMA_FORMAT_ERROR:
      return error("store.archive-form", "not xz, or followed by what is not");
    case LZMA_OPTIONS_ERROR:
      return error("store.archive-form", "xz with options that are not known");
    case LZMA_MEM_ERROR:
      return error("store.archive-form", "not enough memory");
    default:
      return error("store.archive-form", "damaged xz");
  }
}

base::Result<std::string_view> Xz::read() {
  State& state = *state_;
  if (state.started != LZMA_OK) return refuse(state.started);
  if (state.ended) return std::string_view{};
  lzma_stream& stream = state.stream;
  stream.next_out = reinterpret_cast<std::uint8_t*>(out_.data());
  stream.avail_out = out_.size();
  while (stream.avail_out > 0) {
    if (stream.avail_in == 0 && !state.input_ended) {
      CCCI_TRY(const std::string_view piece, source_());
      stream.next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
      stream.avail_in = piece.size();
      state.input_ended = piece.empty();
    }
    const lzma_ret status = lzma_code(&stream, state.input_ended ? LZMA_FINISH : LZMA_RUN);
    if (status == LZMA_STREAM_END) {
      state.ended = true;
      break;
    }
    if (status != LZMA_OK) return refuse(status);
  }
  return std::string_view(out_.data(), out_.size() - stream.avail_out);
}

}  // namespace ccci::store
