// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/memory.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/files.hpp"

namespace ccci::learn {

namespace {

constexpr std::size_t longest_path = 4096;
constexpr std::size_t most_words = 24;
constexpr std::size_t longest_word = 120;
constexpr std::size_t longest_line = 300;

// Reads up to the end of the page, because the next page may not be mapped. 0 if nothing can be
// read.
std::size_t read_some(pid_t process, std::uint64_t address, void* into, std::size_t size) {
  constexpr std::uint64_t page = 4096;
  size = std::min<std::size_t>(size, page - address % page);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address in another process
  const iovec there{reinterpret_cast<void*>(address), size};
  const iovec here{into, size};
  const ssize_t count = process_vm_readv(process, &here, 1, &there, 1, 0);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

// Reads up to the terminator or `most` bytes. `whole` is true if the terminator was found.
std::string read_string(pid_t process, std::uint64_t address, std::size_t most, bool& whole) {
  std::string text;
  std::array<char, 512> buffer;
  whole = false;
  while (text.size() < most) {
    const std::size_t count =
        read_some(process, address + text.size(), buffer.data(), buffer.size());
    if (count == 0) return text;
    const std::size_t length = strnlen(buffer.data(), count);
    if (length < count) {
      text.append(buffer.data(), length);
      whole = text.size() <= most;
      break;
    }
    text.append(buffer.data(), count);
  }
  if (text.size() > most) text.resize(most);
  return text;
}

std::string read_link(const std::string& path) {
  std::array<char, longest_path> buffer;
  const ssize_t count = readlink(path.c_str(), buffer.data(), buffer.size());
  if (count <= 0 || static_cast<std::size_t>(count) == buffer.size()) return {};
  return {buffer.data(), static_cast<std::size_t>(count)};
}

std::string in_proc(pid_t process, const std::string& name) {
  return "/proc/" + std::to_string(process) + "/" + name;
}

void add_word(std::string& line, const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::strchr("-_=+./:,@%^", c) != nullptr;
  };
  if (!line.empty()) line += ' ';
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) {
    line += word;
    return;
  }
  line += '\'';
  for (const char c : word) {
    if (c == '\'') {
      line += "'\\''";
    } else {
      line += c;
    }
  }
  line += '\'';
}

}  // namespace

std::string read_text(pid_t process, std::uint64_t address) {
  bool whole = false;
  std::string text = read_string(process, address, longest_path, whole);
  return whole ? text : std::string{};
}

Words read_words(pid_t process, std::uint64_t address) {
  Words words;
  for (std::size_t i = 0; i < most_words; ++i) {
    std::uint64_t at = 0;
    if (read_some(process, address + i * sizeof at, &at, sizeof at) != sizeof at) return words;
    if (at == 0) return words;
    bool whole = false;
    std::string word = read_string(process, at, i == 0 ? longest_path : longest_word, whole);
    if (i == 0) words.first = word;
    if (word.size() > longest_word) word.resize(longest_word);
    if (!whole) word += "…";
    if (words.line.size() + word.size() > longest_line) break;
    add_word(words.line, word);
  }
  words.line += " …";
  return words;
}

std::string resolve(pid_t process, int directory, const std::string& path) {
  if (path.starts_with('/')) return std::filesystem::path(path).lexically_normal().string();
  std::string base = read_link(
      in_proc(process, directory == AT_FDCWD ? "cwd" : "fd/" + std::to_string(directory)));
  if (!base.starts_with('/')) return {};
  if (path.empty()) return base;
  return (std::filesystem::path(base) / path).lexically_normal().string();
}

std::string program_of(pid_t process) { return read_link(in_proc(process, "exe")); }

pid_t parent_of(pid_t process) {
  const auto text = base::read_file(in_proc(process, "status"), 64U << 10U);
  if (!text) return 0;
  constexpr std::string_view name = "\nPPid:\t";
  const std::size_t at = text->find(name);
  if (at == std::string::npos) return 0;
  pid_t parent = 0;
  const char* begin = text->data() + at + name.size();
  std::from_chars(begin, text->data() + text->size(), parent);
  return parent;
}

}  // namespace ccci::learn
