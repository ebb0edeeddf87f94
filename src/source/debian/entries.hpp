// SPDX-License-Identifier: GPL-3.0-or-later
// Which mirrors are used: the machine's own sources entries for the suite, or the declared one.
#pragma once

#include <filesystem>
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
  std::string signed_by;  // comma-separated paths or fingerprints, or an armoured key; empty: the
                          // machine's trusted keys

  auto operator<=>(const Entry&) const = default;
};

// Parsers for the two formats of sources.list(5). Entries for other architectures than
// `architecture` and entries of a type other than deb are skipped. Broken entries are skipped too:
// they are the responsibility of the machine's administrator.
std::vector<Entry> parse_one_line(std::string_view text, const std::string& architecture);
std::vector<Entry> parse_deb822(std::string_view text, const std::string& architecture);

// The entries to use, sorted. If `declared` has a uri, they come from `declared`. Otherwise they
// are the machine's entries whose suite is SUITE or begins with SUITE- or SUITE/.
// [source.no-suite-known], [source.no-entry], [source.no-keyring]
base::Result<std::vector<Entry>> entries(const declare::DebianSource& declared,
                                         const Machine& machine, const std::string& architecture);

// Writes the entries as deb822 text. Keys that are embedded in an entry are written to files in
// `keys`.
base::Result<std::string> render(const std::vector<Entry>& entries,
                                 const std::filesystem::path& keys,
                                 const std::string& architecture);

// The uri without user and password, in its usual spelling, for messages and the lock.
std::string without_password(const std::string& uri);

}  // namespace ccci::source::debian
