// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tar_filter.hpp"

#include <algorithm>
#include <charconv>

namespace ccci::engine {

namespace {

constexpr std::size_t block = 512;
constexpr std::uint64_t largest_extension = 1U << 20U;
constexpr std::uint64_t largest_member = 1ULL << 50U;

base::Error broken(std::string_view problem) {
  return base::fail("engine.archive").with("problem", problem);
}

std::string_view text_at(std::string_view header, std::size_t at, std::size_t size) {
  const std::string_view field = header.substr(at, size);
  return field.substr(0, field.find('\0'));
}

// Octal digits, or the GNU form of large numbers: a set first bit and bytes.
std::uint64_t size_of(std::string_view header) {
  const std::string_view field = header.substr(124, 12);
  std::uint64_t size = 0;
  if ((static_cast<unsigned char>(field[0]) & 0x80U) != 0) {
    for (const char c : field.substr(4)) size = size << 8U | static_cast<unsigned char>(c);
    return size;
  }
  const std::size_t begin = field.find_first_not_of(' ');
  if (begin != std::string_view::npos)
    std::from_chars(field.data() + begin, field.data() + field.size(), size, 8);
  return size;
}

std::uint64_t padded(std::uint64_t size) { return (size + block - 1) / block * block; }

std::string plain(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return std::string(name);
}

std::string name_of(std::string_view header) {
  const std::string_view prefix = text_at(header, 345, 155);
  const std::string name(text_at(header, 0, 100));
  const bool has_prefix = text_at(header, 257, 5) == "ustar" && header[262] == '\0';
  return plain(prefix.empty() || !has_prefix ? name : std::string(prefix) + "/" + name);
}

// What extended headers say of the member that follows them.
struct Said {
  std::string name;
  std::uint64_t size = 0;
  bool has_size = false;
};

// Records "LENGTH KEY=VALUE\n" of a pax header.
void read_pax(std::string_view records, Said& said) {
  while (!records.empty()) {
    std::size_t length = 0;
    const auto read = std::from_chars(records.data(), records.data() + records.size(), length);
    if (read.ec != std::errc{} || length == 0 || length > records.size()) return;
    std::string_view record = records.substr(0, length);
    record.remove_prefix(std::min(record.size(), record.find(' ') + 1));
    if (record.ends_with('\n')) record.remove_suffix(1);
    if (record.starts_with("path=")) said.name = plain(record.substr(5));
    if (record.starts_with("size=")) {
      const std::string_view digits = record.substr(5);
      said.has_size = true;
      std::from_chars(digits.data(), digits.data() + digits.size(), said.size);
    }
    records.remove_prefix(length);
  }
}

bool has_data(char type) { return type < '1' || type > '6'; }

}  // namespace

base::Result<void> TarFilter::hold(std::size_t bytes) {
  while (held_.size() < bytes && !ended_) {
    CCCI_TRY(const std::string piece, from_());
    ended_ = piece.empty();
    held_ += piece;
  }
  return {};
}

// Reads headers until a member begins whose data are to pass or to be left out.
base::Result<void> TarFilter::member() {
  Said said;
  for (;;) {
    CCCI_CHECK(hold(block));
    if (held_.size() < block || held_.find_first_not_of('\0') >= block) {
      rest_passes_ = true;
      return {};
    }
    const std::string header = held_.substr(0, block);
    const char type = header[156];
    const std::uint64_t size = size_of(header);
    const bool extends = type == 'x' || type == 'L' || type == 'K';
    if (!extends) {
      left_ = said.has_size ? said.size : size;
      if (left_ > largest_member) return base::unexpected(broken("a member of it has no size"));
      left_ = block + (has_data(type) ? padded(left_) : 0);
      wanted_ = type == 'g' || !left_out_.contains(said.name.empty() ? name_of(header) : said.name);
      return {};
    }
    if (size > largest_extension || before_.size() > largest_extension)
      return base::unexpected(broken("the name of a member is too long"));
    const std::size_t whole = block + static_cast<std::size_t>(padded(size));
    CCCI_CHECK(hold(whole));
    if (held_.size() < whole) return base::unexpected(broken("it is not a whole tar"));
    const std::string_view content = std::string_view(held_).substr(block, size);
    if (type == 'x') read_pax(content, said);
    if (type == 'L') said.name = plain(content.substr(0, content.find('\0')));
    before_ += held_.substr(0, whole);
    held_.erase(0, whole);
  }
}

base::Result<std::string> TarFilter::pass() {
  if (held_.empty()) CCCI_CHECK(hold(1));
  if (held_.empty()) return base::unexpected(broken("it is not a whole tar"));
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, held_.size()));
  std::string piece = std::exchange(before_, {});
  piece.append(held_, 0, size);
  held_.erase(0, size);
  left_ -= size;
  return wanted_ ? std::move(piece) : std::string();
}

base::Result<std::string> TarFilter::next() {
  std::string piece;
  while (piece.empty()) {
    if (rest_passes_) {
      if (held_.empty()) CCCI_CHECK(hold(1));
      return std::exchange(held_, {});
    }
    if (left_ == 0) {
      CCCI_CHECK(member());
    } else {
      CCCI_TRY(piece, pass());
    }
  }
  return piece;
}

}  // namespace ccci::engine
