// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of an environment without a store: manifests and control texts, for tests of planning.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "environment/part.hpp"

namespace ccci::test {

// Entries by a small notation: "usr/bin/git" an ordinary file, "usr/bin/git*" a program,
// "usr/bin/sh -> dash" a link, "usr/lib/" a directory. Parents are added.
inline store::Manifest manifest(const std::vector<std::string>& lines) {
  store::Manifest result;
  const auto add = [&](store::Entry entry) {
    const auto same = [&](const store::Entry& other) { return other.path == entry.path; };
    if (std::none_of(result.entries.begin(), result.entries.end(), same)) {
      result.entries.push_back(std::move(entry));
    }
  };
  for (std::string line : lines) {
    store::Entry entry;
    if (const std::size_t arrow = line.find(" -> "); arrow != std::string::npos) {
      entry.type = store::Entry::Type::link;
      entry.target = line.substr(arrow + 4);
      line.resize(arrow);
    } else if (line.ends_with('/')) {
      entry.type = store::Entry::Type::directory;
      line.pop_back();
    } else if (line.ends_with('*')) {
      entry.executable = true;
      line.pop_back();
    }
    for (std::size_t slash = line.find('/'); slash != std::string::npos;
         slash = line.find('/', slash + 1)) {
      store::Entry parent;
      parent.type = store::Entry::Type::directory;
      parent.path = line.substr(0, slash);
      add(std::move(parent));
    }
    entry.path = line;
    if (entry.type == store::Entry::Type::file) entry.content = base::sha256(line);
    add(std::move(entry));
  }
  std::sort(result.entries.begin(), result.entries.end(),
            [](const store::Entry& a, const store::Entry& b) { return a.path < b.path; });
  return result;
}

struct PartOptions {
  bool essential = false;
  std::string source = {};
  std::vector<std::string> depends = {};
  std::vector<std::string> provides = {};
  std::map<std::string, std::string> control = {};
  source::Origin origin = source::Origin::debian;
};

inline environment::Part part(const std::string& name, const std::vector<std::string>& files,
                              PartOptions options = {}) {
  environment::Part result;
  result.package.name = name;
  result.package.version = "1.0";
  result.package.sha256 = base::sha256(name).hex();
  result.package.essential = options.essential;
  result.package.source_package = options.source.empty() ? name : options.source;
  result.package.depends = std::move(options.depends);
  result.package.provides = std::move(options.provides);
  result.package.origin = options.origin;
  result.package.because = {"tool " + name};
  result.package.sets = {"shared"};
  result.object = environment::object_address(result.package);
  result.manifest = manifest(files);
  result.control = std::move(options.control);
  return result;
}

}  // namespace ccci::test
