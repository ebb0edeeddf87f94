// SPDX-License-Identifier: GPL-3.0-or-later
// A package that a source has resolved, with everything that is needed to fetch it again, to check
// it, and to explain why it is included.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::source {

enum class Origin { debian, archive, pypi, npm };

struct Package {
  // Of a project of the Python package index: "pypi:NAME". Of a package of the npm registry:
  // "npm:PLACE", its place below node_modules ("npm:a", or "npm:a/node_modules/b" for a's own b).
  std::string name;
  std::string version;       // for an archive: the first 12 digits of its sha256
  std::string architecture;  // "amd64", "all"; for an archive or a wheel: "any"
  Origin origin = Origin::debian;
  std::string sha256;      // of the .deb or the archive: 64 lower-case hex digits
  std::uint64_t size = 0;  // of that file in bytes; 0 for an archive whose size is not known yet
  std::string uri;         // what to fetch. Debian: the path below the mirror ("pool/main/…"),
                           // so that the lock does not name a mirror. Archive: the url, or the
                           // file path relative to the declaration. Wheel: the url
  std::string suite;       // "bookworm", "bookworm-security"; empty for an archive
  std::string component;   // "main"; empty in a flat suite
  std::string source_package;         // "python3-defaults"; equal to name if apt gives none
  bool essential = false;             // Essential: yes
  std::vector<std::string> depends;   // packages in the same lock that satisfy its Depends and
                                      // Pre-Depends; sorted
  std::vector<std::string> provides;  // virtual names; sorted
  // Why it is included: "tool git", "python pytest", "essential", or "package X" for each package X
  // that depends on it. Sorted, never empty.
  std::vector<std::string> because;
  // The closures that contain it: "shared", host names and "image:NAME"; sorted. The closure of a
  // host is the set "shared" plus the set with the host's name, so a package in "shared" lists no
  // host. The closure of an image is only the set with its name.
  std::vector<std::string> sets;
  // Of a package of an apt archive: its name in [sources]; empty: Debian's.
  std::string source = {};

  auto operator<=>(const Package&) const = default;
};

// The set of an image. No host has such a name.
inline std::string image_set(const std::string& image) { return "image:" + image; }

// A package requested by name, and how the declaration calls it ("tool git").
struct Wanted {
  std::string package;
  std::string because;
  declare::Position at;
  bool optional = false;    // it is not an error if the source does not have it
  bool recommends = false;  // with the packages that it recommends
};

struct WantedImage {
  std::vector<Wanted> wanted;
  bool essential = true;  // with the Essential packages

  bool operator==(const WantedImage&) const = default;
};

// What the declaration says about the origin of one package, and where it says so.
struct Choice {
  std::string source = {};   // of [sources]; empty: Debian
  std::string suite = {};    // empty: any suite that supplies packages without being asked
  std::string version = {};  // exact, or a pattern with '*'; empty: any
  declare::Position at = {};

  bool operator==(const Choice&) const = default;
};

// One release file that the answer is based on.
struct Release {
  std::string uri;  // without user or password
  std::string suite;
  std::string date;       // its Date field
  std::string sha256;     // of the verified InRelease (or Release)
  std::string signed_by;  // fingerprint(s) of the key that verified it, comma-separated

  auto operator<=>(const Release&) const = default;
};

// The apt archives. The paths of keys are absolute.
struct Sources {
  declare::DebianSource debian;
  std::map<std::string, declare::AptSource> others;  // by name
  // What the lock was made from. This machine's own mirrors may not have all of it.
  std::vector<Release> locked = {};
};

struct Query {
  declare::DebianSource source;
  std::map<std::string, declare::AptSource> others;  // further archives, by name
  std::map<std::string, Choice> choices;             // by package
  std::vector<Wanted> shared;
  std::map<std::string, std::vector<Wanted>> hosts;  // extra packages, resolved on top of shared
  std::map<std::string, WantedImage> images;         // closures of their own
  std::vector<Package> keep;      // from the earlier lock; these versions are kept if possible
  std::vector<Release> releases;  // of the earlier lock: who else may have these versions
  bool update_all = false;        // no version is kept
  std::set<std::string> update;   // packages that may change version, and may force others to
};

struct Answer {
  std::vector<Package> packages;  // sorted by name
  std::vector<Release> releases;  // sorted
  // Names of packages in another version than query.keep has, for nobody supplies that one. Sorted.
  std::vector<std::string> lost = {};
  // Names of packages of a section that usually has no programs: fonts, data, libraries.
  std::vector<std::string> without_programs = {};
};

}  // namespace ccci::source
