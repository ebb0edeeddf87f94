// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/system_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/files.hpp"

namespace ccci::prove {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_unit = 1U << 20U;

// Reads links by descriptor. With a thousand hosts and three hundred links each, resolving each
// path from "/" would take most of the time of a proof.
std::map<std::string, std::string> read_links(const std::string& directory) {
  std::map<std::string, std::string> links;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(directory.c_str()), &closedir);
  if (!stream) return links;
  std::array<char, PATH_MAX> target;
  while (const dirent* entry = readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const ssize_t size =
        readlinkat(dirfd(stream.get()), entry->d_name, target.data(), target.size());
    links.emplace(name, size < 0 ? std::string()
                                 : std::string(target.data(), static_cast<std::size_t>(size)));
  }
  return links;
}

}  // namespace

SystemFiles::SystemFiles(const host::System& system)
    : system_(system), root_(system.path + "/root"), planned_(access(root_.c_str(), F_OK) != 0) {
  if (!planned_) links_ = read_links(root_ + "/bin");
}

std::string SystemFiles::command(const std::string& name) const {
  if (!planned_) return root_ + "/bin/" + name;
  const auto found = system_.commands.find(name);
  return found == system_.commands.end() ? std::string() : found->second;
}

base::Result<std::string> SystemFiles::text(const std::string& file) const {
  if (!planned_) return base::read_file(root_ + "/" + file, largest_unit);
  for (const host::UnitFile& unit : system_.units) {
    if ("systemd/" + unit.path == file) return unit.content;
  }
  return base::unexpected(base::fail("base.open").with("path", file).with_errno(ENOENT));
}

std::vector<std::string> SystemFiles::drop_ins(const std::string& unit) const {
  std::vector<std::string> names;
  const auto take = [&](const fs::path& file) {
    if (file.extension() == ".conf") names.push_back(file.filename().native());
  };
  if (planned_) {
    for (const host::UnitFile& planned : system_.units) {
      if (planned.path.starts_with(unit + ".d/")) take(planned.path);
    }
  } else {
    std::error_code error;
    for (fs::directory_iterator i(root_ + "/systemd/" + unit + ".d", error), end; i != end;
         i.increment(error)) {
      take(i->path());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ccci::prove
