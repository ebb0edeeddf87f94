// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/unit_names.hpp"

#include <array>
#include <filesystem>
#include <vector>

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

// Of systemd.unit(5), without the directory in which cc-ci makes its links. /lib is a directory of
// its own on hosts without a merged /usr.
constexpr std::array<std::string_view, 12> unit_directories{
    "/etc/systemd/system.control",  "/run/systemd/system.control",  "/run/systemd/transient",
    "/run/systemd/generator.early", "/etc/systemd/system",          "/etc/systemd/system.attached",
    "/run/systemd/system",          "/run/systemd/system.attached", "/run/systemd/generator",
    "/usr/lib/systemd/system",      "/lib/systemd/system",          "/run/systemd/generator.late"};

// systemd.unit(5): a unit is masked by a link to /dev/null or by an empty file.
bool masks(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::read_symlink(path, error);
  if (!error) return target == "/dev/null";
  const auto size = fs::file_size(path, error);
  return !error && size == 0;
}

}  // namespace

std::string other_unit_file(const Layout& layout, const std::string& unit) {
  std::error_code error;
  for (const std::string_view directory : unit_directories) {
    const std::string path = std::string(directory) + "/" + unit;
    if (fs::exists(fs::symlink_status(layout.at(path), error))) return path;
  }
  return {};
}

std::string user_unit_file(const Layout& layout, const std::string& unit) {
  constexpr std::size_t most_homes = 1000;
  std::vector<std::string> directories{"/etc/systemd/user", "/usr/local/lib/systemd/user",
                                       "/usr/lib/systemd/user", "/root/.config/systemd/user"};
  std::error_code error;
  for (const auto& home : fs::directory_iterator(layout.at("/home"), error)) {
    if (directories.size() == most_homes) break;
    directories.push_back("/home/" + home.path().filename().native() + "/.config/systemd/user");
  }
  for (const std::string& directory : directories) {
    const std::string path = directory + "/" + unit;
    std::error_code unreadable;
    if (fs::exists(fs::symlink_status(layout.at(path), unreadable))) return path;
  }
  return {};
}

base::Result<void> require_free_names(const Layout& layout, const Generation& generation) {
  std::vector<base::Error> errors;
  for (const auto& [unit, digest] : generation.units) {
    if (unit.find('/') != std::string::npos) continue;  // a drop-in for somebody else's unit
    const std::string path = other_unit_file(layout, unit);
    if (path.empty()) continue;
    const bool masked = masks(layout.at(path));
    errors.push_back(base::fail(masked ? "activate.masked" : "activate.unit-name")
                         .with("unit", unit)
                         .with("name", unit.substr(0, unit.rfind('.')))
                         .with("path", path));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::activate
