// SPDX-License-Identifier: GPL-3.0-or-later
// A package that a source has resolved: everything needed to fetch it again, to check it, and to
// say why it is there.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::source {

enum class Origin { debian, archive };

struct Package {
  std::string name;
  std::string version;       // of an archive: its sha256's first 12 digits
  std::string architecture;  // "amd64", "all"; of an archive: "any"
  Origin origin = Origin::debian;
  std::string sha256;      // 64 lower-case hex digits: of the .deb or of the archive
  std::uint64_t size = 0;  // bytes of that file; 0 for an archive whose size is not known yet
  std::string uri;         // what to fetch. Debian: the path below the mirror ("pool/main/…"),
                           // so that the lock does not name a mirror. Archive: url, or file path
                           // relative to the declaration
  std::string suite;       // "bookworm", "bookworm-security"; empty for an archive
  std::string component;   // "main"
  std::string source_package;         // "python3-defaults"; equal to name where apt says nothing
  bool essential = false;             // Essential: yes
  std::vector<std::string> depends;   // names in the same lock that its Depends and Pre-Depends led
                                      // to; sorted
  std::vector<std::string> provides;  // virtual names; sorted
  // Why it is there: "tool git", "python pytest", "essential", or "package X" for each dependent;
  // sorted. Never empty.
  std::vector<std::string> because;
  // Which closures hold it: "shared" and/or host names; sorted. A host's own closure is what is in
  // "shared" plus what is in its name, so a package of "shared" lists "shared" only.
  std::vector<std::string> sets;

  auto operator<=>(const Package&) const = default;
};

// A package asked for by name, and the declaration's words for it ("tool git").
struct Wanted {
  std::string package;
  std::string because;
  declare::Position at;
  bool optional = false;  // a source that does not have it is no error
};

struct Query {
  declare::DebianSource source;
  std::vector<Wanted> shared;
  std::map<std::string, std::vector<Wanted>> hosts;  // extras, resolved on top of shared
  std::vector<Package> keep;     // the earlier lock's; these versions stay where they can
  bool update_all = false;       // nothing is kept
  std::set<std::string> update;  // packages that may move (with what they force to move)
};

// One release file that the answer was read from.
struct Release {
  std::string uri;  // without user or password
  std::string suite;
  std::string date;       // its Date field
  std::string sha256;     // of the verified InRelease (or Release)
  std::string signed_by;  // fingerprint(s) of the key that verified it, comma-joined

  auto operator<=>(const Release&) const = default;
};

struct Answer {
  std::vector<Package> packages;  // sorted by name
  std::vector<Release> releases;  // sorted
};

}  // namespace ccci::source
