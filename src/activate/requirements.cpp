// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/requirements.hpp"

#include <pwd.h>
#include <sys/statvfs.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "activate/unit_names.hpp"
#include "base/shell.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

base::Result<void> all_of(std::vector<base::Error> errors) {
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace

base::Result<void> require_runners(const Layout& layout, const Generation& generation,
                                   const Observed& observed) {
  std::vector<base::Error> errors;
  std::map<std::string, std::string> owners;  // by the unit's own name
  for (const std::string& name : attached_of(generation)) {
    const UnitState* unit = observed.unit(name);
    if (unit != nullptr && unit->load == "loaded" && !unit->id.empty()) {
      const auto [owner, first] = owners.emplace(unit->id, name);
      if (!first) {
        errors.push_back(base::fail("activate.one-unit")
                             .with("unit", name)
                             .with("other", owner->second)
                             .with("id", unit->id));
      }
    }
    if (unit == nullptr || unit->load == "loaded") continue;
    const bool absent = unit->load.empty() || unit->load == "not-found";
    base::Error error = base::fail(absent                   ? "activate.no-runner"
                                   : unit->load == "masked" ? "activate.masked-runner"
                                                            : "activate.broken-runner")
                            .with("unit", name)
                            .with("load", unit->load);
    const std::string of_user = absent ? user_unit_file(layout, name) : std::string();
    if (!of_user.empty()) error = std::move(error).with("user_unit", of_user);
    errors.push_back(std::move(error));
  }
  return all_of(std::move(errors));
}

std::string read_only_at(const Layout& layout, std::string_view path) {
  fs::path there = layout.at(path);
  std::error_code error;
  while (there.has_relative_path() && !fs::exists(there, error)) there = there.parent_path();
  struct statvfs status {};
  const bool read_only = statvfs(there.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
  return read_only ? there.native() : std::string();
}

std::vector<std::string> written_places(const std::vector<Generation>& generations) {
  std::set<std::string> places{std::string(home_directory)};
  for (const Generation& generation : generations) {
    for (const auto& [path, text] : wanted_links(generation))
      places.insert(fs::path(path).parent_path().native());
  }
  return {places.begin(), places.end()};
}

base::Result<void> require_writable(const Layout& layout,
                                    const std::vector<Generation>& generations) {
  std::vector<base::Error> errors;
  for (const std::string& place : written_places(generations)) {
    const std::string at = read_only_at(layout, place);
    if (!at.empty()) errors.push_back(base::fail("activate.read-only").with("path", place));
  }
  return all_of(std::move(errors));
}

base::Result<void> require_users(const std::map<std::string, std::string>& texts) {
  std::vector<base::Error> errors;
  for (const auto& [path, text] : texts) {
    const std::vector<std::string> users = host::settings({text}, "Service", "User");
    if (users.empty() || users.back().empty()) continue;
    const std::string& user = users.back();
    const bool number = user.find_first_not_of("0123456789") == std::string::npos;
    if (number || getpwnam(user.c_str()) != nullptr) continue;
    errors.push_back(base::fail("activate.user").with("user", user).with("unit", path));
  }
  return all_of(std::move(errors));
}

base::Result<void> require_directories(const Layout& layout, const Generation& generation,
                                       const std::map<std::string, std::string>& texts) {
  std::vector<base::Error> errors;
  for (const auto& [path, text] : texts) {
    const std::string directory = working_directory(generation, text);
    std::error_code error;
    if (directory.empty() || fs::is_directory(layout.at(directory), error)) continue;
    errors.push_back(base::fail("activate.directory")
                         .with("directory", directory)
                         .with("unit", path)
                         .with("word", base::shell_quoted(directory)));
  }
  return all_of(std::move(errors));
}

base::Result<void> require_secret_files(const Layout& layout,
                                        const std::map<std::string, std::string>& texts) {
  std::vector<base::Error> errors;
  const auto require = [&](const std::string& unit, const std::string& file) {
    std::error_code error;
    if (!file.starts_with('/') || fs::is_regular_file(layout.at(file), error)) return;
    errors.push_back(base::fail("activate.secret-file").with("unit", unit).with("file", file));
  };
  for (const auto& [path, text] : texts) {
    if (!path.ends_with(".service")) continue;
    for (const std::string& file : host::settings({text}, "Service", "EnvironmentFile"))
      require(path, file);
    for (const std::string& value : host::settings({text}, "Service", "LoadCredential"))
      require(path, value.substr(value.find(':') + 1));
  }
  return all_of(std::move(errors));
}

}  // namespace ccci::activate
