// SPDX-License-Identifier: GPL-3.0-or-later
#include "image/tar.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "base/files.hpp"

namespace ccci::image {

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t longest_name = 100;
constexpr std::size_t piece = 1U << 20U;

void octal(std::array<char, block>& header, std::size_t at, std::size_t digits,
           std::uint64_t value) {
  for (std::size_t i = digits; i-- > 0; value >>= 3U)
    header.at(at + i) = static_cast<char>('0' + (value & 7U));
}

void text(std::array<char, block>& header, std::size_t at, std::string_view value) {
  value.substr(0, longest_name).copy(header.data() + at, longest_name);
}

std::string one_header(const TarMember& member, char type, std::string_view name,
                       std::uint64_t size) {
  std::array<char, block> header{};
  text(header, 0, name);
  octal(header, 100, 7, member.mode);
  octal(header, 108, 7, member.uid);
  octal(header, 116, 7, member.gid);
  octal(header, 124, 11, size);
  octal(header, 136, 11, static_cast<std::uint64_t>(member.time));
  header[156] = type;
  text(header, 157, member.target);
  std::string_view("ustar  ").copy(header.data() + 257, 7);
  std::fill_n(header.begin() + 148, 8, ' ');
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  octal(header, 148, 6, sum);
  header[154] = '\0';
  return {header.data(), header.size()};
}

std::string long_name(char type, std::string_view name) {
  std::string text = one_header({}, type, "././@LongLink", name.size() + 1);
  text += name;
  text.append(block - name.size() % block, '\0');
  return text;
}

}  // namespace

std::string tar_header(const TarMember& member) {
  const std::string name =
      member.type == TarMember::Type::directory ? member.path + "/" : member.path;
  std::string header;
  if (member.target.size() > longest_name) header += long_name('K', member.target);
  if (name.size() > longest_name) header += long_name('L', name);
  const bool file = member.type == TarMember::Type::file;
  return header + one_header(member, static_cast<char>(member.type), name, file ? member.size : 0);
}

base::Result<void> TarWriter::put(std::string_view bytes) {
  hasher_.update(bytes);
  size_ += bytes.size();
  return base::write_all(output_, bytes);
}

base::Result<void> TarWriter::pad(std::uint64_t size) {
  return put(std::string((block - size % block) % block, '\0'));
}

base::Result<void> TarWriter::add(const TarMember& member, std::string_view content) {
  CCCI_CHECK(put(tar_header(member)));
  CCCI_CHECK(put(content));
  return pad(content.size());
}

base::Result<void> TarWriter::add_file(const TarMember& member, int from, base::Sha256* content) {
  CCCI_CHECK(put(tar_header(member)));
  std::vector<char> buffer(piece);
  std::uint64_t left = member.size;
  for (;;) {
    const ssize_t count = read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 && left == 0) return pad(member.size);
    if (count <= 0 || static_cast<std::uint64_t>(count) > left)
      return base::unexpected(base::fail("image.changed").with("path", "/" + member.path));
    left -= static_cast<std::uint64_t>(count);
    if (content != nullptr)
      content->update(std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    CCCI_CHECK(put({buffer.data(), static_cast<std::size_t>(count)}));
  }
}

base::Result<void> TarWriter::finish() { return put(std::string(2 * block, '\0')); }

}  // namespace ccci::image
