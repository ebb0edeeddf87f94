// SPDX-License-Identifier: GPL-3.0-or-later
// What this machine's dpkg knows: the package of a file, and the dependencies between packages.
// With what pip knows of the modules that it has installed.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "learn/pip_projects.hpp"

namespace ccci::learn {

struct PackageFacts {
  std::string name;
  std::string source;
  std::vector<std::string> depends;   // Pre-Depends and Depends, every alternative
  std::vector<std::string> provides;  // virtual names
  bool essential = false;

  bool operator==(const PackageFacts&) const = default;
};

struct HostPackages {
  std::map<std::string, PackageFacts, std::less<>> packages;  // the installed ones
  std::map<std::string, std::string, std::less<>> owners;     // path as asked for -> package
  PipProjects pip;                                            // of the directories of those paths

  const std::string* owner(std::string_view path) const;
  // The packages and all their dependencies that are installed here.
  std::set<std::string> closure(const std::set<std::string>& names) const;
};

// read_facts parses the output of `dpkg-query --show` with facts_format. read_owners parses the
// output of `dpkg-query --search`: "a, b:amd64: /path". A path with several packages gets no owner.
extern const char* const facts_format;
std::map<std::string, PackageFacts, std::less<>> read_facts(std::string_view output);
std::map<std::string, std::string, std::less<>> read_owners(std::string_view output);

// The paths under which dpkg may know the file: the path itself, with and without the /usr of
// merged /usr, the target of its links, and the source file of Python byte code.
std::vector<std::string> spellings(const std::string& path);

// Empty if this machine has no dpkg. [base.exec]
base::Result<HostPackages> ask_host(const std::vector<std::string>& paths,
                                    base::ProcessRunner& processes);

}  // namespace ccci::learn
