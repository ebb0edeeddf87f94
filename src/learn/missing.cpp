// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <map>
#include <set>

#include "learn/analysis.hpp"

namespace ccci::learn {

namespace {

constexpr std::array<std::string_view, 5> host_directories{"/usr/bin", "/usr/sbin", "/bin", "/sbin",
                                                           "/usr/games"};

std::string in_directory(std::string_view directory, std::string_view name) {
  std::string path(directory);
  path += '/';
  path += name;
  return path;
}

struct Search {
  std::set<std::string, std::less<>> in_vain;  // directories without it
  bool found = false;
  Why why;
};

// The searches, each with the name of the command, in the order of their first appearance.
std::vector<std::pair<std::string, Search>> searches(const Trace& trace,
                                                     const std::set<std::string>& directories) {
  std::vector<std::pair<std::string, Search>> all;
  std::map<std::string, std::size_t, std::less<>> index;
  for (const Seen& seen : trace.seen) {
    if (seen.act == Act::open) continue;
    // A package's internal program tries names, as gcc's does for gnm. What it cannot do without is
    // in its package's Depends.
    if (seen.act == Act::lookup && seen.command.starts_with("/usr/lib")) continue;
    const std::size_t slash = seen.path.rfind('/');
    if (slash == std::string::npos) continue;
    const std::string directory = seen.path.substr(0, slash);
    // A program of a declared tool finds the commands of its package's dependencies there.
    const bool needed = seen.found && directory.starts_with("/usr/lib/cc-ci/needs/");
    if (!directories.contains(directory) && !needed) continue;
    std::string name = seen.path.substr(slash + 1);
    const auto [at, first] = index.emplace(name, all.size());
    if (first) all.emplace_back(std::move(name), Search{{}, false, {seen.command, seen.by}});
    Search& search = all[at->second].second;
    if (seen.found) {
      search.found = true;
    } else {
      search.in_vain.insert(directory);
    }
  }
  return all;
}

std::set<std::string> without_slashes(const std::vector<std::string>& directories) {
  std::set<std::string> all;
  for (std::string directory : directories) {
    while (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
    if (directory.starts_with('/')) all.insert(std::move(directory));
  }
  return all;
}

std::vector<std::pair<std::string, Search>> in_vain(const Trace& trace,
                                                    const std::vector<std::string>& directories) {
  const std::set<std::string> all = without_slashes(directories);
  auto found = searches(trace, all);
  std::erase_if(found, [&](const auto& one) {
    const Search& search = one.second;
    return search.found || search.in_vain.size() != all.size();
  });
  return found;
}

}  // namespace

bool is_program_directory(std::string_view directory) {
  for (const std::string_view one : host_directories) {
    if (one == directory) return true;
  }
  return false;
}

std::vector<Missing> missing_commands(const Trace& trace,
                                      const std::vector<std::string>& path_directories,
                                      const HostPackages& host) {
  std::vector<Missing> all;
  for (auto& [name, search] : in_vain(trace, path_directories)) {
    Missing missing{name, {}, search.why};
    for (const std::string_view directory : host_directories) {
      const std::string* owner = host.owner(in_directory(directory, name));
      if (owner == nullptr) continue;
      missing.package = *owner;
      break;
    }
    all.push_back(std::move(missing));
  }
  return all;
}

std::vector<std::string> paths_to_ask(const Trace& trace,
                                      const std::vector<std::string>& path_directories) {
  std::set<std::string> paths;
  const auto add_by_name = [&](const std::string& name) {
    for (const std::string_view directory : host_directories) {
      paths.insert(in_directory(directory, name));
    }
  };
  for (const Seen& seen : trace.seen) {
    if (!seen.found || seen.act == Act::lookup) continue;
    paths.insert(seen.path);
    if (seen.act == Act::exec) add_by_name(seen.path.substr(seen.path.rfind('/') + 1));
  }
  for (const auto& [name, search] : in_vain(trace, path_directories)) add_by_name(name);
  return {paths.begin(), paths.end()};
}

}  // namespace ccci::learn
