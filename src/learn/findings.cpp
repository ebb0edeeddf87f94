// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/findings.hpp"

namespace ccci::learn {

namespace {

std::vector<std::string> names(const std::vector<Need>& needs, bool python, bool pypi) {
  std::vector<std::string> all;
  for (const Need& need : needs) {
    const bool indexed = need.package.starts_with("pypi:");
    if (need.python == python && indexed == pypi) all.push_back(need.name);
  }
  return all;
}

}  // namespace

std::vector<std::string> Findings::tools() const { return names(needs, false, false); }
std::vector<std::string> Findings::python() const { return names(needs, true, false); }
std::vector<std::string> Findings::pypi() const { return names(needs, true, true); }

}  // namespace ccci::learn
