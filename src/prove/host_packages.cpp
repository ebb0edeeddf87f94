// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/host_packages.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/host_table.hpp"

namespace ccci::prove {

namespace {

constexpr std::uint64_t largest_file_list = 64U << 20U;
constexpr std::array<std::string_view, 6> looked_through{"/etc/",     "/opt/",       "/srv/",
                                                         "/var/lib/", "/var/cache/", "/var/www/"};
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

bool is_the_hosts(std::string_view path) {
  const auto entries = environment::host_entries();
  return std::any_of(entries.begin(), entries.end(), [&](const environment::HostEntry& entry) {
    return is_at_or_below(path.substr(1), entry.path);
  });
}

std::string declared_as(std::string_view path, const std::vector<std::string>& host_files) {
  const auto found =
      std::find_if(host_files.begin(), host_files.end(),
                   [&](const std::string& file) { return is_at_or_below(path, file); });
  return found == host_files.end() ? std::string() : *found;
}

// Where the files of packages lie that dpkg-divert moved.
class Diversions {
 public:
  // Three lines for each: the package's path, the path that it was moved to, and the package that
  // asked for it and keeps its own file. ":" is nobody's.
  explicit Diversions(const std::filesystem::path& file) {
    const auto text = base::read_file(file, largest_file_list);
    if (!text) return;
    const auto lines = base::split(*text, '\n');
    for (std::size_t at = 0; at + 2 < lines.size(); at += 3) {
      moved_.emplace(lines[at], Moved{std::string(lines[at + 1]), std::string(lines[at + 2])});
    }
  }

  std::string place_of(std::string_view path, std::string_view package) const {
    const auto found = moved_.find(path);
    const bool moved = found != moved_.end() && found->second.by != package;
    return moved ? found->second.to : std::string(path);
  }

 private:
  struct Moved {
    std::string to;
    std::string by;
  };
  std::map<std::string, Moved, std::less<>> moved_;
};

std::optional<std::string> identity_of(const std::string& path) {
  struct stat status = {};
  if (lstat(path.c_str(), &status) != 0) return std::nullopt;
  if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) return std::nullopt;
  return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace

base::Result<std::vector<HostFile>> host_package_files(const std::vector<std::string>& host_files,
                                                       const std::filesystem::path& database) {
  const Diversions diversions(database / "diversions");
  std::vector<HostFile> found;
  CCCI_TRY(const auto files, base::entries_of(database / "info"));
  for (const std::filesystem::directory_entry& file : files) {
    if (file.path().extension() != ".list") continue;
    CCCI_TRY(const std::string text, base::read_file(file.path(), largest_file_list));
    const std::string stem = file.path().stem().native();  // "libc6:amd64"
    const std::string package = stem.substr(0, stem.find(':'));
    bool has_mounted = false;
    for (const std::string_view line : base::split(text, '\n')) {
      const bool mounted_one = begins_with_one_of(mounted, line);
      if (mounted_one ? has_mounted : !begins_with_one_of(looked_through, line)) continue;
      std::string path = diversions.place_of(line, package);
      if (!mounted_one && is_the_hosts(path)) continue;
      std::optional<std::string> identity = identity_of(path);
      if (!identity) continue;
      has_mounted = has_mounted || mounted_one;
      std::string declared = declared_as(path, host_files);
      found.push_back({std::move(path), package, *std::move(identity), std::move(declared)});
    }
  }
  std::sort(found.begin(), found.end(), [](const HostFile& a, const HostFile& b) {
    return std::tie(a.path, a.package) < std::tie(b.path, b.package);
  });
  return found;
}

}  // namespace ccci::prove
