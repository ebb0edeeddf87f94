// SPDX-License-Identifier: GPL-3.0-or-later
// What an engine, an image or a damaged disk may say: answers about services and tasks, output of
// containers, records, image archives. All of it is read to a value or refused.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/fd.hpp"
#include "base/json.hpp"
#include "engine/convergence.hpp"
#include "engine/image_archive.hpp"
#include "engine/record.hpp"
#include "engine/spec.hpp"
#include "engine/stream.hpp"
#include "engine/version.hpp"

namespace {

using namespace ccci;
using namespace ccci::engine;

void require(bool holds) {
  if (!holds) std::abort();
}

void judge_answers(const std::string& text) {
  const auto json = base::Json::parse(text);
  if (!json) return;
  Snapshot snapshot = read_snapshot((*json)["services"], (*json)["tasks"]);
  for (Task& task : snapshot.tasks) task.inspected = read_container(*json);
  const WallTime now = WallTime{} + std::chrono::hours(24 * 365 * 50);
  const auto all = judge(snapshot, now);
  require(all.size() == snapshot.services.size());
  require(all == judge(snapshot, now));
  require(same_spec(*json, *json));
}

void split_output(const std::string& text) {
  constexpr std::uint64_t limit = 64;
  Demultiplexer first(limit);
  Demultiplexer last(limit, Demultiplexer::Keep::last);
  for (std::size_t at = 0; at < text.size(); at += 7) {
    first.feed(std::string_view(text).substr(at, 7));
    last.feed(std::string_view(text).substr(at, 7));
  }
  const Output one = first.take();
  const Output other = last.take();
  require(one.out.size() <= limit && one.err.size() <= limit);
  require(other.out.size() <= limit && other.err.size() <= limit);
}

void read_archive_of(const std::string& text) {
  const base::Fd file(memfd_create("archive", MFD_CLOEXEC));
  require(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  const auto archive = read_image_archive(file.get());
  if (!archive) return;
  const auto source = loadable(file.get(), *archive);
  if (!source) return;
  for (int i = 0; i < 100; ++i) {
    const auto piece = (*source)();
    if (!piece || piece->empty()) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  judge_answers(text);
  split_output(text);
  read_archive_of(text);
  static_cast<void>(parse_time(text));
  static_cast<void>(ApiVersion::parse(text));
  static_cast<void>(split_image_name(text));
  if (const auto record = read_record(text)) require(read_record(write_record(*record)) == *record);
  return 0;
}
