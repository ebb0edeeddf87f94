// SPDX-License-Identifier: GPL-3.0-or-later
// Does what maintainer scripts request with update-alternatives(1). There is one link per name. It
// leads through /etc/alternatives to the candidate with the highest priority. The slaves of that
// candidate are linked too.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::environment {

struct Candidate {
  struct Slave {
    std::string link;    // "usr/share/man/man1/awk.1.gz": merged-/usr, relative to the root
    std::string name;    // "awk.1.gz"
    std::string target;  // as `link`
    bool operator==(const Slave&) const = default;
  };
  std::string package;
  std::string link;    // "usr/bin/awk"
  std::string name;    // "awk"
  std::string target;  // "usr/bin/mawk"
  int priority = 0;
  std::vector<Slave> slaves;

  bool operator==(const Candidate&) const = default;
};

struct Candidates {
  std::vector<Candidate> found;
  std::vector<std::string> unresolved;  // calls with arguments that could not be evaluated
};

// From the text of a maintainer script.
Candidates read_alternatives(std::string_view script, const std::string& package);

struct Alternative {
  std::string link;
  std::string name;
  std::string target;
  std::string package;  // of the candidate
  bool operator==(const Alternative&) const = default;
};

// The selected alternatives with their slaves, sorted by link. `exists` tells whether a path
// (relative to the root) exists. Candidates whose program does not exist are ignored. Slaves whose
// file does not exist are omitted. If priorities are equal, the first target in byte order wins,
// because there is no order of installation.
std::vector<Alternative> choose(std::vector<Candidate> candidates,
                                const std::function<bool(const std::string&)>& exists);

// "/bin/x" -> "usr/bin/x", "/usr/bin/x" -> "usr/bin/x", "/etc/x" -> "etc/x". Empty if the path
// leaves the root or is not absolute.
std::string merged_path(std::string_view absolute);

}  // namespace ccci::environment
