// SPDX-License-Identifier: GPL-3.0-or-later
// What other archives than Debian's offer, as their verified indexes say it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/relation.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

struct Offer {
  std::string source;  // of [sources]
  std::string suite;
  std::string component;
  std::string name;
  std::string version;
  std::string architecture;
  std::string path;  // below the address of the archive
  std::string sha256;
  std::string size;
  std::string source_package;
  std::string multi_arch;
  std::vector<Alternatives> pre_depends;
  std::vector<Alternatives> depends;
  std::vector<Alternatives> recommends;
  std::vector<Alternatives> conflicts;
  std::vector<Alternatives> breaks;
  std::vector<Alternatives> provides;
};

// By source, then by the name of the package. The newest version of a package is first.
using Offers = std::map<std::string, std::map<std::string, std::vector<Offer>>>;

// Reads the indexes of the entries that have a source. verify_indexes() must have verified them.
// Records without a usable name, version or path are left out.
base::Result<Offers> read_offers(const std::vector<Entry>& entries,
                                 const std::string& architecture);

// Adds packages of an earlier lock that no index lists any more, if `kept` has their files.
void add_kept_offers(Offers& offers, const std::vector<Package>& earlier,
                     const std::filesystem::path& kept);

}  // namespace ccci::source::debian
