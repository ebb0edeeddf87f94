// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "base/text.hpp"

namespace ccci::store {

namespace {

// Sorts as if '/' were the lowest byte. Then the content of a directory follows it at once ("a",
// "a/b", "a-b"; byte order is "a", "a-b", "a/b"), and siblings are still in byte order of their
// names.
bool tree_order(std::string_view a, std::string_view b) {
  const auto rank = [](char byte) {
    return byte == '/' ? 0 : static_cast<int>(static_cast<unsigned char>(byte)) + 1;
  };
  const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (left == a.end() || right == b.end()) return right != b.end();
  return rank(*left) < rank(*right);
}

// The open directories while the entries are read in tree order. It is not recursive, because the
// depth comes from untrusted input.
class DigestStack {
 public:
  explicit DigestStack(Times times) : times_(times) { open_.emplace_back(); }

  void add(const Entry& entry) {
    const std::size_t slash = entry.path.rfind('/');
    const std::string_view path = entry.path;
    stand_in(slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash));
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    switch (entry.type) {
      case Entry::Type::directory:
        stand_in(path);
        break;
      case Entry::Type::file:
        record(entry.executable ? "f755" : "f644", name, entry.content, entry.time);
        break;
      case Entry::Type::link:
        record("l", name, base::sha256(entry.target), entry.time);
        break;
    }
  }

  TreeDigests finish() {
    while (open_.size() > 1) close();
    done_.root = open_.back().hasher.finish();
    return std::move(done_);
  }

 private:
  struct Directory {
    std::string path;
    base::Sha256 hasher;
  };

  void record(std::string_view type, std::string_view name, const base::Digest& digest,
              std::int64_t time) {
    base::Sha256& hasher = open_.back().hasher;
    hasher.update(type);
    if (times_ == Times::own) hasher.update(" " + std::to_string(time));
    put(hasher, name, digest);
  }

  static void put(base::Sha256& hasher, std::string_view name, const base::Digest& digest) {
    hasher.update(" ");
    hasher.update(name);
    // A name contains no NUL, so its end is unambiguous.
    hasher.update(std::string_view("\0", 1));
    hasher.update(std::as_bytes(std::span(digest.bytes)));
  }

  void close() {
    Directory done = std::move(open_.back());
    open_.pop_back();
    const std::size_t slash = done.path.rfind('/');
    const std::string_view path = done.path;
    const base::Digest digest = done.hasher.finish();
    base::Sha256& hasher = open_.back().hasher;
    hasher.update("d");
    put(hasher, slash == std::string_view::npos ? path : path.substr(slash + 1), digest);
    done_.directories.emplace_back(std::move(done.path), digest);
  }

  static bool within(std::string_view path, std::string_view directory) {
    return directory.empty() || path == directory ||
           (path.size() > directory.size() && path.starts_with(directory) &&
            path[directory.size()] == '/');
  }

  void stand_in(std::string_view directory) {
    while (!within(directory, open_.back().path)) close();
    while (open_.back().path.size() < directory.size()) {
      const std::size_t from = open_.back().path.empty() ? 0 : open_.back().path.size() + 1;
      open_.push_back({std::string(directory.substr(0, directory.find('/', from))), {}});
    }
  }

  Times times_;
  std::vector<Directory> open_;
  TreeDigests done_;
};

constexpr std::string_view with_times = "manifest 2\n";

bool plain(char byte) { return byte >= 0x21 && byte <= 0x7e && byte != '\\'; }

void escape(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (const char byte : text) {
    if (plain(byte)) {
      out.push_back(byte);
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    out += "\\x";
    out.push_back(digits[value >> 4U]);
    out.push_back(digits[value & 15U]);
  }
}

std::optional<std::string> unescape(std::string_view text) {
  std::string plain_text;
  while (!text.empty()) {
    if (text[0] != '\\') {
      if (!plain(text[0])) return std::nullopt;
      plain_text.push_back(text[0]);
      text.remove_prefix(1);
      continue;
    }
    unsigned value = 0;
    if (text.size() < 4 || text[1] != 'x') return std::nullopt;
    if (text.substr(2, 2).find_first_not_of("0123456789abcdef") != std::string_view::npos) {
      return std::nullopt;
    }
    std::from_chars(text.data() + 2, text.data() + 4, value, 16);
    if (value == 0) return std::nullopt;
    // Each path has only one spelling: a byte that needs no escape must not have one.
    if (plain(static_cast<char>(value))) return std::nullopt;
    plain_text.push_back(static_cast<char>(value));
    text.remove_prefix(4);
  }
  return plain_text;
}

bool sound_path(std::string_view path) {
  if (path.empty()) return false;
  for (const std::string_view part : base::split(path, '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

// Each number has only one spelling.
template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return false;
  return text.size() == 1 || (text[0] != '0' && text[0] != '-');
}

bool read_time(std::string_view text, Entry& entry) {
  return read_number(text, entry.time) && entry.time == bounded_time(entry.time);
}

// `at` is the number of fields that the form without times does not have.
bool read_file_fields(const std::vector<std::string_view>& fields, std::size_t at, Entry& entry) {
  if (fields.size() != 5 + at || (fields[1] != "644" && fields[1] != "755")) return false;
  entry.executable = fields[1] == "755";
  if (!read_number(fields[2], entry.size)) return false;
  if (at != 0 && !read_time(fields[3], entry)) return false;
  auto digest = base::Digest::from_hex(fields[3 + at]);
  if (!digest) return false;
  entry.content = *digest;
  return true;
}

std::optional<Entry> read_line(std::string_view line, Times times) {
  const std::size_t at = times == Times::own ? 1 : 0;
  const std::vector<std::string_view> fields = base::split(line, ' ');
  Entry entry;
  std::string_view path;
  if (fields[0] == "d" && fields.size() == 2) {
    entry.type = Entry::Type::directory;
    path = fields[1];
  } else if (fields[0] == "f" && read_file_fields(fields, at, entry)) {
    path = fields[4 + at];
  } else if (fields[0] == "l" && fields.size() == 3 + at &&
             (at == 0 || read_time(fields[1], entry))) {
    entry.type = Entry::Type::link;
    path = fields[1 + at];
    auto target = unescape(fields[2 + at]);
    if (!target || target->empty()) return std::nullopt;
    entry.target = std::move(*target);
  } else {
    return std::nullopt;
  }
  auto name = unescape(path);
  if (!name || !sound_path(*name)) return std::nullopt;
  entry.path = std::move(*name);
  return entry;
}

void write_entry(std::string& out, const Entry& entry, Times times) {
  out.push_back(static_cast<char>(entry.type));
  out.push_back(' ');
  if (entry.type == Entry::Type::file) {
    out += entry.executable ? "755 " : "644 ";
    out += std::to_string(entry.size);
    out.push_back(' ');
  }
  if (times == Times::own && entry.type != Entry::Type::directory) {
    out += std::to_string(entry.time);
    out.push_back(' ');
  }
  if (entry.type == Entry::Type::file) {
    out += entry.content.hex();
    out.push_back(' ');
  }
  escape(out, entry.path);
  if (entry.type == Entry::Type::link) {
    out.push_back(' ');
    escape(out, entry.target);
  }
  out.push_back('\n');
}

bool path_order(const Entry& a, const Entry& b) { return a.path < b.path; }

}  // namespace

TreeDigests Manifest::digests() const {
  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return tree_order(entries[a].path, entries[b].path);
  });
  DigestStack stack(times);
  for (const std::size_t index : order) stack.add(entries[index]);
  return stack.finish();
}

base::Digest Manifest::digest() const { return digests().root; }

std::uint64_t Manifest::bytes() const {
  return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Entry& entry) { return sum + entry.size; });
}

const Entry* Manifest::find(std::string_view path) const {
  const auto found = std::lower_bound(
      entries.begin(), entries.end(), path,
      [](const Entry& entry, std::string_view wanted) { return entry.path < wanted; });
  return found != entries.end() && found->path == path ? &*found : nullptr;
}

std::string write(const Manifest& manifest) {
  std::string text;
  text.reserve(manifest.entries.size() * 130);
  if (manifest.times == Times::own) text += with_times;
  for (const Entry& entry : manifest.entries) write_entry(text, entry, manifest.times);
  return text;
}

base::Result<Manifest> read_manifest(std::string_view text, const std::string& name) {
  Manifest manifest;
  int number = 0;
  manifest.times = text.starts_with(with_times) ? Times::own : Times::fixed;
  if (manifest.times == Times::own) {
    ++number;
    text.remove_prefix(with_times.size());
  }
  const auto damaged = [&](std::string_view line) {
    return base::unexpected(base::fail("store.manifest")
                                .with("file", name)
                                .with("line", number)
                                .with("text", line.substr(0, 200)));
  };
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (end == std::string_view::npos) return damaged(line);
    auto entry = read_line(line, manifest.times);
    if (!entry) return damaged(line);
    if (!manifest.entries.empty() && !path_order(manifest.entries.back(), *entry)) {
      return damaged(line);
    }
    // A directory is sorted before its content, so its line was already read.
    const std::size_t slash = entry->path.rfind('/');
    if (slash != std::string::npos) {
      const Entry* parent = manifest.find(std::string_view(entry->path).substr(0, slash));
      if (parent == nullptr || parent->type != Entry::Type::directory) return damaged(line);
    }
    manifest.entries.push_back(std::move(*entry));
    text.remove_prefix(end + 1);
  }
  return manifest;
}

}  // namespace ccci::store
