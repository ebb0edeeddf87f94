// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/moved_volumes.hpp"

#include <map>
#include <set>

#include "base/text.hpp"

namespace ccci::run {

namespace {

// volume's name -> paths in containers
std::map<std::string, std::set<std::string>> mounts_of(const recipe::Stack& stack) {
  std::map<std::string, std::set<std::string>> found;
  for (const recipe::Service& service : stack.services) {
    for (const recipe::Mount& mount : service.mounts) {
      const auto volume = stack.volumes.find(mount.source);
      if (mount.type == recipe::Mount::Type::volume && volume != stack.volumes.end())
        found[volume->second.name].insert(mount.target);
    }
  }
  return found;
}

std::string listed(const std::set<std::string>& paths) {
  return base::join(std::vector<std::string>(paths.begin(), paths.end()), ", ");
}

}  // namespace

std::vector<std::string> moved_volumes(const recipe::Stack& before, const recipe::Stack& after) {
  const auto now = mounts_of(after);
  std::vector<std::string> notes;
  for (const auto& [volume, paths] : mounts_of(before)) {
    const auto found = now.find(volume);
    if (found == now.end()) {
      notes.push_back("volume " + volume + ": no service of the new version mounts it");
      continue;
    }
    bool same = false;
    for (const std::string& path : paths) same = same || found->second.contains(path);
    if (!same)
      notes.push_back("volume " + volume + ": it was mounted at " + listed(paths) + ", now at " +
                      listed(found->second));
  }
  return notes;
}

}  // namespace ccci::run
