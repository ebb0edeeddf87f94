// SPDX-License-Identifier: GPL-3.0-or-later
// cc-ci.lock as a value. The lock does not resolve: a source answers, make() records the answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "source/package.hpp"

namespace ccci::lock {

struct Lock {
  int format = 1;
  std::string architecture;  // dpkg's name of it
  std::string asks;          // digest of what the declaration asks to be locked (fingerprint())
  std::vector<source::Release> releases;  // sorted
  std::vector<source::Package> packages;  // sorted by name; a name stands once

  bool operator==(const Lock&) const = default;

  const source::Package* find(std::string_view name) const;
  // The packages of a closure: "shared", or a host's name (shared included). Sorted by name.
  std::vector<source::Package> closure(std::string_view set) const;
};

// What the declaration asks of a lock: tools, python modules, packages, their rules, source, hosts'
// extras; not what leaves the lock alone (variables, timers, comments, order). Hex digest.
std::string fingerprint(const declare::Declaration& declaration);

// The query that the declaration makes, with the earlier lock's versions to keep (if any).
source::Query query(const declare::Declaration& declaration, const Lock* earlier,
                    const std::vector<std::string>& update, bool update_all);

// `pinned_archives` are as source::archive::describe() gives them; why they are there and in which
// closures is filled in here. [lock.name-taken]: one has the name of a Debian package in the
// answer.
base::Result<Lock> make(const declare::Declaration& declaration, source::Answer answer,
                        std::vector<source::Package> pinned_archives, std::string architecture);

inline constexpr std::size_t largest_lock = 64U << 20U;       // bytes
inline constexpr std::size_t largest_lock_line = 64U << 10U;  // bytes

// Text form: sorted lines, one block a package, so that two versions of it diff and merge by what
// changed. Bytes outside 0x20..0x7e and '\' stand as \xNN, as do spaces within a word.
//
//   cc-ci-lock 1
//   architecture amd64
//   asks SHA256
//
//   release URI SUITE
//     date Sat, 11 Jul 2026 10:16:37 UTC
//     sha256 SHA256
//     signed-by FINGERPRINT,…
//
//   package NAME VERSION ARCHITECTURE
//     from debian SUITE COMPONENT        or: from archive
//     uri pool/main/g/git/git_2.39.5-0+deb12u3_amd64.deb
//     sha256 SHA256
//     size BYTES
//     source SOURCE-PACKAGE              where it is not NAME
//     essential
//     provides NAME                      each on a line of its own, as are the next two
//     because tool git
//     in shared
//
//   digest SHA256                        of all lines before it
//
// `depends` does not stand there: it is what the others' "because package NAME" say.
// Rejected: JSON and TOML (a merge of two good files gives a bad one, and a block cannot be read in
// a diff), no digest (a flipped bit in a version would only be found by a confusing fetch).
std::string write(const Lock& lock);
// Only what write() writes: [lock.syntax], [lock.damaged] (its own digest does not match),
// [lock.newer-format], [lock.merge-conflict], [lock.too-large], with place.
base::Result<Lock> read(std::string_view text, const std::string& file);

enum class Movement { added, removed, up, down, rebuilt };  // rebuilt: same version, other bytes

struct Change {
  Movement movement;
  std::string package;
  std::string before;  // version; empty where added
  std::string after;   // version; empty where removed
  std::vector<std::string> because;

  bool operator==(const Change&) const = default;
};

// Sorted by package. Versions compare as dpkg does.
std::vector<Change> changes(const Lock& before, const Lock& after);

// Chains from what was declared to the package: {"tool git", "git", "libcurl3-gnutls"}; the
// shortest first, at most `limit`.
std::vector<std::vector<std::string>> chains(const Lock& lock, std::string_view package,
                                             std::size_t limit = 5);

}  // namespace ccci::lock
