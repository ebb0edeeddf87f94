// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/opened_files.hpp"

#include <algorithm>

namespace ccci::learn {

namespace {

std::string without_version(std::string_view package) {
  std::string name(package);
  std::erase_if(name, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return name;
}

// The package that stands for this one in every release: python3-venv for python3.11-venv, which it
// depends on. A package that has none stands for itself.
std::string lasting_name(const HostPackages& host, const std::string& package) {
  for (const auto& [name, facts] : host.packages) {
    if (name == package || name.size() >= package.size()) continue;
    if (without_version(name) != without_version(package)) continue;
    const auto& depends = facts.depends;
    if (std::find(depends.begin(), depends.end(), package) != depends.end()) return name;
  }
  return package;
}

// Headers, libraries, modules, data. Not settings of the host, nor what its name services, its
// login and its shell's completion open in every program.
bool is_for_jobs(const std::string& path) {
  if (path.starts_with("/etc/ssl/certs/")) return true;
  const bool below_usr = path.starts_with("/usr/") || path.starts_with("/lib/");
  const std::string name = path.substr(path.rfind('/') + 1);
  return below_usr && !name.starts_with("libnss_") && path.find("/security/pam_") == path.npos &&
         path.find("/bash-completion") == path.npos && path.find("/systemd/") == path.npos;
}

}  // namespace

void OpenedFiles::add(const std::string& owner, const std::string& path, const Why& why) {
  // Every program with translations opens these files. Inside, C.UTF-8 is used.
  if (path.starts_with("/usr/share/locale/") || path.starts_with("/usr/lib/locale/")) return;
  const auto [at, first] = files_.emplace(owner, Opened{owner, 0, path, why});
  Opened& opened = at->second;
  ++opened.files;
  if (first) order_.push_back(owner);
  // A person reads first what the package is wanted for.
  if (is_for_jobs(path) && wanted_.insert(owner).second) {
    opened.first = path;
    opened.why = why;
  }
}

void OpenedFiles::finish(Findings& findings) {
  std::set<std::string> proposed;
  for (const Need& need : findings.needs) proposed.insert(need.package);
  const std::set<std::string> brought = host_.closure(proposed);
  std::erase_if(order_, [&](const std::string& owner) { return brought.contains(owner); });
  std::erase_if(wanted_, [&](const std::string& owner) { return brought.contains(owner); });
  // A -dev package brings its library.
  const std::set<std::string> candidates = wanted_;
  for (const std::string& package : candidates) {
    for (const std::string& other : wanted_) {
      if (other == package || !host_.closure({other}).contains(package)) continue;
      wanted_.erase(package);
      break;
    }
  }
  const std::set<std::string> with_them = host_.closure(wanted_);
  for (const std::string& owner : order_) {
    if (wanted_.contains(owner)) {
      findings.packages.push_back(files_.at(owner));
      Opened& added = findings.packages.back();
      added.package = lasting_name(host_, owner);
    } else if (!with_them.contains(owner)) {
      findings.opened.push_back(files_.at(owner));
    }
  }
}

}  // namespace ccci::learn
