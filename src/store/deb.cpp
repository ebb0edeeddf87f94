// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/deb.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"

namespace ccci::store {

namespace {

constexpr std::string_view archive_magic = "!<arch>\n";
constexpr std::size_t header_size = 60;
constexpr std::size_t name_width = 16;
constexpr std::size_t size_at = 48;
constexpr std::size_t size_width = 10;
constexpr std::uint64_t largest_version = 64;

std::string_view without_padding(std::string_view text) {
  const std::size_t end = text.find_last_not_of(' ');
  return end == std::string_view::npos ? std::string_view{} : text.substr(0, end + 1);
}

base::Error truncated(const std::string& member) {
  return base::fail("store.truncated").with("member", member);
}

}  // namespace

base::Result<void> DebReader::open() {
  CCCI_TRY(const std::string start, input_.take(archive_magic.size()));
  if (start != archive_magic) return base::unexpected(base::fail("store.not-a-deb"));
  auto read = header();
  const std::optional<DebMember> first = read ? std::move(*read) : std::nullopt;
  if (!first || first->name != "debian-binary" || first->size > largest_version) {
    return base::unexpected(base::fail("store.not-a-deb"));
  }
  CCCI_TRY(const std::string version, input_.take(static_cast<std::size_t>(first->size)));
  left_ -= version.size();
  if (left_ != 0) return base::unexpected(truncated(current_));
  if (!version.starts_with("2.")) {
    return base::unexpected(
        base::fail("store.deb-version").with("version", version.substr(0, version.find('\n'))));
  }
  return {};
}

base::Result<std::optional<DebMember>> DebReader::header() {
  CCCI_TRY(const std::string bytes, input_.take(header_size));
  if (bytes.empty()) return std::optional<DebMember>();
  const std::string_view view = bytes;
  if (bytes.size() != header_size || !view.ends_with("`\n")) {
    return base::unexpected(base::fail("store.trailing").with("member", current_));
  }
  DebMember member;
  std::string_view name = without_padding(view.substr(0, name_width));
  if (name.ends_with('/')) name.remove_suffix(1);
  member.name = name;
  const std::string_view digits = without_padding(view.substr(size_at, size_width));
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), member.size);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return base::unexpected(
        base::fail("store.size").with("member", member.name).with("size", digits));
  }
  current_ = member.name;
  left_ = member.size;
  padded_ = member.size % 2 != 0;
  return std::optional<DebMember>(std::move(member));
}

base::Result<void> DebReader::skip() {
  while (left_ != 0) CCCI_CHECK(read());
  if (padded_) {
    CCCI_TRY(const std::string pad, input_.take(1));
    // dpkg-deb writes the padding byte also after a last member of odd length; other tools do not.
    if (!pad.empty() && pad != "\n") {
      return base::unexpected(base::fail("store.trailing").with("member", current_));
    }
  }
  padded_ = false;
  return {};
}

base::Result<std::optional<DebMember>> DebReader::next() {
  for (;;) {
    CCCI_CHECK(skip());
    CCCI_TRY(std::optional<DebMember> member, header());
    if (!member || !member->name.starts_with('_')) return member;
  }
}

base::Result<std::string_view> DebReader::read() {
  if (left_ == 0) return std::string_view{};
  CCCI_TRY(const std::string_view piece,
           input_.read(static_cast<std::size_t>(std::min<std::uint64_t>(left_, 1U << 20U))));
  if (piece.empty()) return base::unexpected(truncated(current_));
  left_ -= piece.size();
  return piece;
}

base::Result<Compression> compression_of(const std::string& member, std::string_view prefix) {
  const std::string_view suffix = std::string_view(member).substr(prefix.size());
  if (suffix.empty()) return Compression::none;
  if (suffix == ".gz") return Compression::gzip;
  if (suffix == ".xz") return Compression::xz;
  if (suffix == ".zst") return Compression::zstd;
  return base::unexpected(base::fail("store.compression").with("member", member));
}

}  // namespace ccci::store
