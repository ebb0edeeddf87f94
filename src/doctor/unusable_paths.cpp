// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/unusable_paths.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>
#include <string_view>

#include "base/files.hpp"
#include "doctor/host_paths.hpp"
#include "doctor/unit_paths.hpp"
#include "doctor/waiting_mount.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_unit = 1U << 20U;

// With the drop-in, these directories are the environment's.
bool is_of_environment(const std::string& path) {
  static constexpr std::array<std::string_view, 6> tops{"/usr/", "/bin/",   "/sbin/",
                                                        "/lib/", "/lib64/", "/etc/"};
  return std::any_of(tops.begin(), tops.end(),
                     [&](std::string_view top) { return path.starts_with(top); });
}

// Whether the path may be on the host once the service starts. What cannot be looked at may be
// there: a network's file system, or another user's directory.
bool may_be_there(const fs::path& host, const std::string& path) {
  std::error_code error;
  if (fs::status(on(host, path), error).type() != fs::file_type::not_found) return true;
  return is_waiting_mount(host, path);
}

bool may_match(const fs::path& host, const std::string& pattern) {
  std::vector<std::string> matches;
  add_matches(host, pattern, matches);
  if (!matches.empty()) return true;
  const std::string fixed = pattern.substr(0, pattern.rfind('/', pattern.find_first_of("*?[")));
  const bool closed = access(on(host, fixed + "/").c_str(), R_OK | X_OK) != 0 && errno == EACCES;
  return closed || is_waiting_mount(host, fixed);
}

// What is not on the host, or what may not be looked at, has no wrong type.
std::optional<PathFault> wrong_type(const fs::path& host, const UnitPath& one) {
  std::error_code error;
  const fs::file_type type = fs::status(on(host, one.path), error).type();
  if (type == fs::file_type::directory)
    return one.setting == "EnvironmentFile" ? std::optional(PathFault::directory) : std::nullopt;
  const bool wants_directory = one.setting == "WorkingDirectory" ||
                               one.setting == "StandardOutput" || one.setting == "StandardError";
  const bool known = type != fs::file_type::not_found && type != fs::file_type::none &&
                     type != fs::file_type::unknown;
  return wants_directory && known ? std::optional(PathFault::no_directory) : std::nullopt;
}

// Whether a unit that is started before this one, with it, makes the directory (StateDirectory= …).
bool is_made_before(const std::vector<std::string>& texts, const fs::path& host,
                    const std::string& path) {
  std::set<std::string> before;
  for (const std::string& value : host::settings(texts, "Unit", "After")) {
    const auto words = host::unit_words(value);
    if (words) before.insert(words->begin(), words->end());
  }
  for (const char* setting : {"Requires", "Wants", "BindsTo"}) {
    for (const std::string& value : host::settings(texts, "Unit", setting)) {
      const auto words = host::unit_words(value);
      if (!words) continue;
      for (const std::string& name : *words) {
        const fs::path file = before.contains(name) ? unit_file(host, name) : fs::path();
        if (file.empty()) continue;
        const auto text = base::read_file(file, largest_unit);
        if (text && makes_directory({*text}, path)) return true;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<UnusablePath> unusable_paths(const ObservedUnit& unit, const std::string& root,
                                         const fs::path& host) {
  std::vector<UnusablePath> all;
  for (const UnitPath& one : required_paths(unit)) {
    const bool pattern =
        one.setting == "EnvironmentFile" && one.path.find_first_of("*?[") != std::string::npos;
    bool there = pattern ? may_match(host, one.path) : may_be_there(host, one.path);
    if (pattern) {
      // Looked for on the host only.
    } else if (one.inside && is_of_environment(one.path)) {
      // check_surroundings() tells of a directory below /usr, with what to do about it.
      if (one.setting == "WorkingDirectory" || root.empty()) continue;
      there = is_there(root, one.path);
    } else if (one.inside && !there && !root.empty()) {
      there = is_there(root, one.path);
    }
    UnusablePath found{one.setting, one.path, PathFault::absent};
    if (!there) {
      if (is_made_before(unit.texts(), host, one.path)) continue;
    } else if (const auto fault = wrong_type(host, one)) {
      found.fault = *fault;
    } else {
      continue;
    }
    if (std::find(all.begin(), all.end(), found) == all.end()) all.push_back(std::move(found));
  }
  return all;
}

}  // namespace ccci::doctor
