// SPDX-License-Identifier: GPL-3.0-or-later
// The files of packages outside the environment that a job opened: data, libraries, headers. A
// package with a file that a job needs is proposed; the others are only named.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "learn/findings.hpp"
#include "learn/host_packages.hpp"

namespace ccci::learn {

class OpenedFiles {
 public:
  // `host` must outlive this.
  explicit OpenedFiles(const HostPackages& host) : host_(host) {}

  void add(const std::string& owner, const std::string& path, const Why& why);

  // Fills `packages` (to propose) and `opened` (to name) of `findings`, without what its needs
  // bring.
  void finish(Findings& findings);

 private:
  const HostPackages& host_;
  std::map<std::string, Opened> files_;
  std::vector<std::string> order_;  // of files_
  std::set<std::string> wanted_;    // packages of files_ to propose
};

}  // namespace ccci::learn
