// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/json.hpp"
#include "base/lock_file.hpp"
#include "gate/ledger.hpp"

namespace ccci::gate {

namespace {

constexpr std::uint64_t largest_checkpoint = 4096;
// Others hold the lock for milliseconds.
constexpr std::chrono::seconds longest_wait{30};

std::string spell(const Checkpoint& checkpoint) {
  const base::Json json{{"seq", checkpoint.seq}, {"digest", checkpoint.digest.hex()}};
  return json.dump() + "\n";
}

std::optional<Checkpoint> parse(const std::string& text) {
  const base::Json json = base::Json::parse(text).value_or(base::Json());
  const auto seq = json["seq"].number();
  const auto digest = base::Digest::from_hex(json["digest"].text_or_empty());
  if (!seq || !digest) return std::nullopt;
  const Checkpoint checkpoint{*seq, *digest};
  if (spell(checkpoint) != text) return std::nullopt;
  return checkpoint;
}

}  // namespace

base::Result<std::optional<Checkpoint>> Checkpoints::load(const std::string& ledger) const {
  const std::filesystem::path file = directory_ / ledger;
  if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) return std::optional<Checkpoint>();
  CCCI_TRY(const std::string text, base::read_file(file, largest_checkpoint));
  auto checkpoint = parse(text);
  if (!checkpoint) {
    return base::unexpected(base::fail("gate.checkpoint").with("path", file.native()));
  }
  return checkpoint;
}

base::Result<void> Checkpoints::prepare() const {
  CCCI_CHECK(base::make_directories(directory_));
  if (faccessat(AT_FDCWD, directory_.c_str(), W_OK | X_OK, AT_EACCESS) == 0) return {};
  return base::unexpected(
      base::fail("base.write").with("path", directory_.native()).with_errno(errno));
}

base::Result<void> Checkpoints::advance(const std::string& ledger, const Checkpoint& checkpoint) {
  CCCI_CHECK(base::make_directories(directory_));
  CCCI_TRY(const base::Fd directory, base::open_path(directory_, O_RDONLY | O_DIRECTORY));
  // If two readers run at once, the slower one must not replace a newer checkpoint by an older one.
  CCCI_TRY(const base::Fd lock, base::open_lock_file(directory.get(), ".lock"));
  CCCI_CHECK(base::take_lock(lock.get(), base::LockMode::exclusive,
                             {"lock of the checkpoints", base::silent(), longest_wait}));
  CCCI_TRY(const std::optional<Checkpoint> seen, load(ledger));
  if (seen && seen->seq >= checkpoint.seq) return {};
  return base::replace_file(directory_ / ledger, spell(checkpoint));
}

}  // namespace ccci::gate
