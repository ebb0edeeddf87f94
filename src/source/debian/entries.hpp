// SPDX-License-Identifier: GPL-3.0-or-later
// Which mirrors are used: the machine's own sources entries for the suite, or the declared one.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/debian/archive.hpp"

namespace ccci::source::debian {

// One uri with one suite. All other options of an entry (trusted=yes, check-valid-until=no, …) are
// dropped: they could only weaken the verification.
struct Entry {
  std::string uri;  // may contain user and password, so pass it only to libapt
  std::string suite;
  std::vector<std::string> components;
  std::string signed_by;    // comma-separated paths or fingerprints, or an armoured key; empty: the
                            // machine's trusted keys
  std::string source = {};  // its name in [sources]; empty: Debian
  bool may_be_expired = false;  // a dated state: its Valid-Until has passed

  auto operator<=>(const Entry&) const = default;
};

// Parsers for the two formats of sources.list(5). Entries for other architectures than
// `architecture` and entries of a type other than deb are skipped. Broken entries are skipped too:
// they are the responsibility of the machine's administrator.
std::vector<Entry> parse_one_line(std::string_view text, const std::string& architecture);
std::vector<Entry> parse_deb822(std::string_view text, const std::string& architecture);

// The entries to use, sorted. If `declared` has a uri, they come from `declared`. Otherwise they
// are the machine's entries whose suite is SUITE or begins with SUITE- or SUITE/. If it has none,
// they are those of its own release, with SUITE in the place of that: a mirror has all releases.
// [source.no-suite-known], [source.no-entry], [source.no-keyring]
base::Result<std::vector<Entry>> entries(const declare::DebianSource& declared,
                                         const Machine& machine, const std::string& architecture);

// The entries of the other archives. Writes their keys to `keys` as binary keyrings, because apt
// decides by a file's name whether it is armoured. [source.no-keyring], [source.bad-keyring]
base::Result<std::vector<Entry>> other_entries(
    const std::map<std::string, declare::AptSource>& declared, const std::filesystem::path& keys);

// The address of a dated state of the archive: of BASE it is BASE/STAMP. If the address has
// @SNAPSHOTID@, as the Snapshots field of a Release file has, STAMP replaces that.
std::string at_snapshot(const std::string& uri, const std::string& stamp);

// Adds the field "source" to errors about an address of another archive than Debian's.
base::Error name_source(base::Error error, const std::vector<Entry>& entries);

// Writes the entries as deb822 text. Keys that are embedded in an entry are written to files in
// `keys`.
base::Result<std::string> render(const std::vector<Entry>& entries,
                                 const std::filesystem::path& keys,
                                 const std::string& architecture);

// The uri without user and password, in its usual spelling, for messages and the lock.
std::string without_password(const std::string& uri);

}  // namespace ccci::source::debian
