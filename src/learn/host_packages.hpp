// SPDX-License-Identifier: GPL-3.0-or-later
// What dpkg on this machine knows: which package has a file, and how packages depend on each other.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"

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

  const std::string* owner(std::string_view path) const;
  // The packages and all that they depend on, as far as it is installed here.
  std::set<std::string> closure(const std::set<std::string>& names) const;
};

// The facts in the output of `dpkg-query --show` with facts_format; of owner lines in that of
// `dpkg-query --search`: "a, b:amd64: /path". A path that several packages have has no owner here.
extern const char* const facts_format;
std::map<std::string, PackageFacts, std::less<>> read_facts(std::string_view output);
std::map<std::string, std::string, std::less<>> read_owners(std::string_view output);

// How dpkg may call the file: as asked, with or without the /usr that merging added, where its
// links lead to, and what its byte code was made from.
std::vector<std::string> spellings(const std::string& path);

// Nothing known where this machine has no dpkg. [base.exec]
base::Result<HostPackages> ask_host(const std::vector<std::string>& paths,
                                    base::ProcessRunner& processes);

}  // namespace ccci::learn
