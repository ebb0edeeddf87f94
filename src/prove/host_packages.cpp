// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/host_packages.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/host_table.hpp"

namespace ccci::prove {

namespace {

constexpr std::uint64_t largest_file_list = 64U << 20U;
constexpr std::array<std::string_view, 4> looked_through{"/etc/", "/opt/", "/var/lib/",
                                                         "/var/cache/"};
constexpr std::array<std::string_view, 4> mounted{"/usr/", "/bin/", "/lib/", "/sbin/"};

template <std::size_t Count>
bool begins_with_one_of(const std::array<std::string_view, Count>& list, std::string_view path) {
  return std::any_of(list.begin(), list.end(),
                     [&](std::string_view directory) { return path.starts_with(directory); });
}

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

bool is_the_hosts(std::string_view path, const std::vector<std::string>& host_files) {
  const auto entries = environment::host_entries();
  return std::any_of(entries.begin(), entries.end(),
                     [&](const environment::HostEntry& entry) {
                       return is_at_or_below(path.substr(1), entry.path);
                     }) ||
         std::any_of(host_files.begin(), host_files.end(),
                     [&](const std::string& file) { return is_at_or_below(path, file); });
}

std::optional<HostFile> regular(const std::string& path, const std::string& package) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return HostFile{path, package,
                  std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino)};
}

}  // namespace

std::vector<HostFile> host_package_files(const std::vector<std::string>& host_files,
                                         const std::filesystem::path& info) {
  std::vector<HostFile> found;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(info, error)) {
    if (file.path().extension() != ".list") continue;
    const auto text = base::read_file(file.path(), largest_file_list);
    if (!text) continue;
    const std::string stem = file.path().stem().native();  // "libc6:amd64"
    const std::string package = stem.substr(0, stem.find(':'));
    bool has_mounted = false;
    for (const std::string_view line : base::split(*text, '\n')) {
      const bool mounted_one = begins_with_one_of(mounted, line);
      if (mounted_one ? has_mounted : !begins_with_one_of(looked_through, line)) continue;
      if (!mounted_one && is_the_hosts(line, host_files)) continue;
      std::optional<HostFile> one = regular(std::string(line), package);
      if (!one) continue;
      has_mounted = has_mounted || mounted_one;
      found.push_back(*std::move(one));
    }
  }
  std::sort(found.begin(), found.end(),
            [](const HostFile& a, const HostFile& b) { return a.path < b.path; });
  return found;
}

}  // namespace ccci::prove
