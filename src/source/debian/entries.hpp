// SPDX-License-Identifier: GPL-3.0-or-later
// Which mirrors are asked: the machine's own sources entries of the suite, or the declared one.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/debian/archive.hpp"

namespace ccci::source::debian {

// One uri with one suite. What else an entry may say (trusted=yes, check-valid-until=no, …) is
// dropped: it could only weaken the verification.
struct Entry {
  std::string uri;  // may hold user and password: for libapt only
  std::string suite;
  std::vector<std::string> components;
  std::string signed_by;  // paths or fingerprints, comma-joined, or an armoured key; empty: the
                          // machine's trusted keys

  auto operator<=>(const Entry&) const = default;
};

// The two formats of sources.list(5). `architecture`: entries for others are left out. Broken
// entries are skipped, as they belong to whoever configures the machine. Types other than deb too.
std::vector<Entry> parse_one_line(std::string_view text, const std::string& architecture);
std::vector<Entry> parse_deb822(std::string_view text, const std::string& architecture);

// The entries to ask, sorted: `declared`'s own where it names a uri, else those of the machine
// whose suite is SUITE or begins with SUITE- or SUITE/. [source.no-suite-known], [source.no-entry],
// [source.no-keyring]
base::Result<std::vector<Entry>> entries(const declare::DebianSource& declared,
                                         const Machine& machine, const std::string& architecture);

// The entries as a deb822 file; keys that stand in the text go to `keys` as files.
base::Result<std::string> render(const std::vector<Entry>& entries,
                                 const std::filesystem::path& keys,
                                 const std::string& architecture);

// The uri without user and password and as people write it, for messages and the lock.
std::string without_password(const std::string& uri);

}  // namespace ccci::source::debian
