// SPDX-License-Identifier: GPL-3.0-or-later
#include "lock/changes.hpp"

#include <apt-pkg/debversion.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace ccci::lock {

namespace {

Movement movement(const source::Package& before, const source::Package& after) {
  // Versions of the package index are ordered like Debian's in all but rare cases (rc, dev).
  const bool versions =
      before.origin != source::Origin::archive && after.origin != source::Origin::archive;
  // The version of an archive is a part of its digest, so it is neither higher nor lower.
  const int order = versions ? debVS.CmpVersion(before.version, after.version) : 0;
  if (order < 0) return Movement::up;
  if (order > 0) return Movement::down;
  return Movement::rebuilt;
}

}  // namespace

std::vector<Change> changes(const Lock& before, const Lock& after) {
  std::set<std::string> names;
  for (const source::Package& package : before.packages) names.insert(package.name);
  for (const source::Package& package : after.packages) names.insert(package.name);
  std::vector<Change> result;
  for (const std::string& name : names) {
    const source::Package* old = before.find(name);
    const source::Package* fresh = after.find(name);
    if (old == nullptr) {
      result.push_back(
          {Movement::added, name, {}, fresh->version, fresh->because, {}, fresh->source});
    } else if (fresh == nullptr) {
      result.push_back({Movement::removed, name, old->version, {}, old->because, old->source, {}});
    } else if (old->version != fresh->version || old->sha256 != fresh->sha256 ||
               old->source != fresh->source) {
      result.push_back({movement(*old, *fresh), name, old->version, fresh->version, fresh->because,
                        old->source, fresh->source});
    }
  }
  return result;
}

std::map<Descent, std::size_t> descents(const Lock& before, const Lock& after) {
  std::map<Descent, std::size_t> found;
  for (const source::Package& old : before.packages) {
    const source::Package* now = after.find(old.name);
    if (now == nullptr || old.suite == now->suite || old.source != now->source) continue;
    if (old.origin != source::Origin::debian || now->origin != old.origin) continue;
    if (movement(old, *now) == Movement::down) ++found[{old.suite, now->suite}];
  }
  return found;
}

std::vector<std::vector<std::string>> chains(const Lock& lock, std::string_view package,
                                             std::size_t limit) {
  static constexpr std::string_view dependent = "package ";
  std::vector<std::vector<std::string>> found;
  if (lock.find(package) == nullptr) return found;
  // The search is breadth-first, so the shortest chains come first. Each package is visited at most
  // `limit` times. This limits the search even if all packages depend on each other.
  std::map<std::string, std::size_t> passed;
  std::deque<std::vector<std::string>> open{{std::string(package)}};
  while (!open.empty() && found.size() < limit) {
    const std::vector<std::string> path = std::move(open.front());
    open.pop_front();
    const source::Package* first = lock.find(path.front());
    if (first == nullptr || ++passed[path.front()] > limit) continue;
    for (const std::string& reason : first->because) {
      std::vector<std::string> longer = path;
      if (reason.compare(0, dependent.size(), dependent) != 0) {
        longer.insert(longer.begin(), reason);
        if (found.size() < limit) found.push_back(std::move(longer));
        continue;
      }
      const std::string name = reason.substr(dependent.size());
      if (std::find(path.begin(), path.end(), name) != path.end()) continue;
      longer.insert(longer.begin(), name);
      open.push_back(std::move(longer));
    }
  }
  return found;
}

}  // namespace ccci::lock
