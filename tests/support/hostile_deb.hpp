// SPDX-License-Identifier: GPL-3.0-or-later
// Packages made byte by byte, so that shapes exist which no packaging tool would write.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace ccci::test {

struct TarMember {
  std::string name;
  char type = '0';  // '0' file, '1' hard link, '2' link, '3' '4' devices, '5' directory, '6' FIFO
  std::string content = {};
  std::string link = {};
  unsigned mode = 0644;
  std::optional<std::uint64_t> size = {};  // said, whatever the content has
  std::uint64_t time = 1'700'000'000;
};

inline TarMember file(std::string name, std::string content = "x\n", unsigned mode = 0644) {
  return {std::move(name), '0', std::move(content), {}, mode, {}, 1'700'000'000};
}
inline TarMember directory(std::string name) {
  return {std::move(name), '5', {}, {}, 0755, {}, 1'700'000'000};
}
inline TarMember symbolic(std::string name, std::string target) {
  return {std::move(name), '2', {}, std::move(target), 0777, {}, 1'700'000'000};
}
inline TarMember hard(std::string name, std::string target) {
  return {std::move(name), '1', {}, std::move(target), 0644, {}, 1'700'000'000};
}

namespace bytes_of {

inline constexpr std::size_t block = 512;

inline void put(std::string& header, std::size_t at, const std::string& text) {
  std::memcpy(header.data() + at, text.data(), text.size());
}

inline std::string octal(std::uint64_t value, int width) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", width, static_cast<unsigned long long>(value));
  return text.data();
}

inline std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + block - 1) / block * block);
  return bytes;
}

inline std::string header(const std::string& name, char type, const std::string& link,
                          unsigned mode, std::uint64_t size, std::uint64_t time = 1'700'000'000) {
  std::string bytes(block, '\0');
  put(bytes, 0, name.substr(0, 100));
  put(bytes, 100, octal(mode, 7));
  put(bytes, 108, octal(0, 7));
  put(bytes, 116, octal(0, 7));
  put(bytes, 124, octal(size, 11));
  put(bytes, 136, octal(time, 11));
  bytes[156] = type;
  put(bytes, 157, link.substr(0, 100));
  put(bytes, 257, "ustar  ");
  put(bytes, 148, "        ");
  unsigned sum = 0;
  for (const char byte : bytes) sum += static_cast<unsigned char>(byte);
  put(bytes, 148, octal(sum, 6));
  bytes[154] = '\0';
  return bytes;
}

inline std::string long_name(char type, const std::string& name) {
  return header("././@LongLink", type, "", 0, name.size() + 1) + padded(name + '\0');
}

}  // namespace bytes_of

// One member in ustar form (GNU long names where they are needed), without the end blocks.
inline std::string tar_member(const TarMember& member) {
  std::string bytes;
  if (member.link.size() > 100) bytes += bytes_of::long_name('K', member.link);
  if (member.name.size() > 100) bytes += bytes_of::long_name('L', member.name);
  bytes += bytes_of::header(member.name, member.type, member.link, member.mode,
                            member.size.value_or(member.content.size()), member.time);
  return bytes + bytes_of::padded(member.content);
}

inline std::string tar(const std::vector<TarMember>& members) {
  std::string bytes;
  for (const TarMember& member : members) bytes += tar_member(member);
  return bytes + std::string(2 * bytes_of::block, '\0');
}

// A pax header for the member after it.
inline std::string pax(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string body;
  for (const auto& [key, value] : records) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + std::to_string(rest).size();
    if (std::to_string(length).size() != std::to_string(rest).size()) ++length;
    body += std::to_string(length) + " " + key + "=" + value + "\n";
  }
  return bytes_of::header("pax", 'x', "", 0644, body.size()) + bytes_of::padded(body);
}

// Bytes that do not compress; the same for the same seed.
inline std::string noise(std::size_t size, unsigned seed = 1) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<char>(seed >> 24U);
  }
  return bytes;
}

// "" for none, ".gz", ".xz", ".zst", ".bz2".
inline std::string compressed(const std::string& bytes, const std::string& suffix) {
  if (suffix.empty()) return bytes;
  archive* const writer = archive_write_new();
  const int filter = suffix == ".gz"    ? ARCHIVE_FILTER_GZIP
                     : suffix == ".xz"  ? ARCHIVE_FILTER_XZ
                     : suffix == ".zst" ? ARCHIVE_FILTER_ZSTD
                                        : ARCHIVE_FILTER_BZIP2;
  std::string out(bytes.size() + (1U << 16U), '\0');
  std::size_t used = 0;
  archive_write_add_filter(writer, filter);
  archive_write_set_format_raw(writer);
  // The same bytes at any time: their digest is an address.
  if (suffix == ".gz") archive_write_set_options(writer, "gzip:!timestamp");
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  archive_entry* const entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  const bool written = archive_write_data(writer, bytes.data(), bytes.size()) >= 0;
  archive_entry_free(entry);
  if (!written || archive_write_close(writer) != ARCHIVE_OK) {
    throw std::runtime_error("libarchive cannot write this");
  }
  archive_write_free(writer);
  out.resize(used);
  return out;
}

inline std::string ar(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string bytes = "!<arch>\n";
  for (const auto& [name, content] : members) {
    std::array<char, 61> head{};
    std::snprintf(head.data(), head.size(), "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name.c_str(), 0, 0,
                  0, "100644", content.size());
    bytes += head.data() + content;
    if (content.size() % 2 != 0) bytes += "\n";
  }
  return bytes;
}

// A whole package around a data.tar; `suffix` names its compression.
inline std::string deb_around(const std::string& data_tar, const std::string& suffix = "") {
  const std::string control = tar({directory("./"), file("./control", "Package: x\nVersion: 1\n")});
  return ar({{"debian-binary", "2.0\n"},
             {"control.tar.gz", compressed(control, ".gz")},
             {"data.tar" + suffix, compressed(data_tar, suffix)}});
}

inline std::string deb(const std::vector<TarMember>& members, const std::string& suffix = "") {
  return deb_around(tar(members), suffix);
}

}  // namespace ccci::test
