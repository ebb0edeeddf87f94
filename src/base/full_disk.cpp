// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/full_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "base/fd.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

namespace fs = std::filesystem;

// "\040" is a blank: mountinfo writes blanks, newlines and backslashes so.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() &&
                        std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                    text.begin() + static_cast<std::ptrdiff_t>(i) + 4,
                                    [](char c) { return c >= '0' && c <= '7'; });
    if (!escape) {
      out += text[i];
      continue;
    }
    out +=
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
    i += 3;
  }
  return out;
}

bool is_at_or_below(const std::string& path, const std::string& mount) {
  if (mount == "/") return path.starts_with('/');
  return path == mount || path.starts_with(mount + "/");
}

// read_file() is not used: its own errors come here.
std::string mountinfo_text() {
  const Fd fd(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 16384> piece;
  for (ssize_t count = 0; fd && (count = read(fd.get(), piece.data(), piece.size())) > 0;)
    text.append(piece.data(), static_cast<std::size_t>(count));
  return text;
}

void set(Error& error, std::string_view name, std::string value) {
  std::erase_if(error.fields, [&](const Field& field) { return field.name == name; });
  error.fields.push_back({std::string(name), std::move(value)});
}

}  // namespace

fs::path path_of(int fd) {
  std::array<char, PATH_MAX> target;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t length = readlink(link.c_str(), target.data(), target.size());
  if (length <= 0 || target[0] != '/') return {};
  return std::string(target.data(), static_cast<std::size_t>(length));
}

std::string mount_of(const fs::path& path, std::string_view mountinfo) {
  std::string best;
  for (const std::string_view line : split(mountinfo, '\n')) {
    const auto words = split(line, ' ');
    if (words.size() < 5) continue;
    std::string mount = unescaped(words[4]);
    if (is_at_or_below(path.native(), mount) && mount.size() >= best.size())
      best = std::move(mount);
  }
  return best;
}

Error at_path(Error error, const fs::path& path) {
  if (!path.empty()) set(error, "path", path.native());
  if (error.number != ENOSPC && error.number != EDQUOT) return error;
  if (error.condition == Condition::none) error.condition = Condition::no_space;
  std::error_code ignored;
  const std::string mount = mount_of(fs::absolute(path, ignored), mountinfo_text());
  if (!mount.empty()) set(error, "full", mount);
  return error;
}

Error at_path(Error error, int directory, std::string_view name) {
  const fs::path above = path_of(directory);
  return at_path(std::move(error), above.empty() ? fs::path(name) : above / name);
}

}  // namespace ccci::base
