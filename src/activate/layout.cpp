// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/layout.hpp"

#include "host/unit_text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

fs::path Layout::at(std::string_view path) const {
  return prefix_ / fs::path(path).relative_path();
}

fs::path Layout::generation(std::uint64_t number) const {
  return generations() / std::to_string(number);
}

std::map<std::string, std::string> wanted_links(const Generation& generation) {
  std::map<std::string, std::string> links;
  if (generation.number == 0) return links;
  const std::string current = std::string(home_directory) + "/current/";
  const std::string units = std::string(units_directory) + "/";
  for (const auto& [path, digest] : generation.units) {
    links[units + path] = current + "systemd/" + path;
  }
  for (const std::string& timer : timers_of(generation)) {
    links[std::string(wants_directory) + "/" + timer] = units + timer;
  }
  links[std::string(profile_file)] = current + "profile.sh";
  return links;
}

std::string working_directory(const Generation& generation, const std::string& text) {
  const std::vector<std::string> set = host::settings({text}, "Service", "WorkingDirectory");
  if (set.empty()) return {};
  const bool project = set.back() == std::string(home_directory) + "/current/project";
  return project ? generation.project : set.back();
}

bool is_ours(std::string_view target) {
  return target.starts_with(std::string(home_directory) + "/");
}

}  // namespace ccci::activate
