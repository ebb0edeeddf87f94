// SPDX-License-Identifier: GPL-3.0-or-later
// The packages that the indexes (and kept files) offer, and their records.
#pragma once

#include <apt-pkg/cachefile.h>
#include <apt-pkg/pkgrecords.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "source/debian/preferences.hpp"
#include "source/debian/selection.hpp"
#include "source/debian/solver.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

class Catalogue {
 public:
  // `keep`: packages of an earlier lock that keep their version if possible. A package that is no
  // longer in any index is read from `kept`, if the file there has the digest that the lock names.
  static base::Result<std::unique_ptr<Catalogue>> open(const std::vector<Package>& keep,
                                                       const std::filesystem::path& kept);

  // Restricts Debian's packages to the declared versions and suites. [source.no-version],
  // [source.not-in-suite]
  base::Result<void> prefer(Preferences preferences);
  // Adds what other archives supply. `index` is the file that gets selection.index.
  base::Result<void> add(Selection selection, const std::filesystem::path& index,
                         const Offers& offers);
  // What a selection has to know about the packages of this catalogue.
  Debian debian();

  // Of other archives: the names of their chosen packages, and of those nobody asked for by name.
  const std::set<std::string>& others() const { return others_; }
  const std::set<std::string>& passing() const { return selection_.passing; }
  // Whether the solver may choose packages that nobody asked for by name.
  void show_passing(bool shown);

  pkgCacheFile& file() { return *file_; }
  States& states() { return *states_; }
  const Versions& kept() const { return pins_; }
  // Packages of the earlier lock in versions that neither an index nor the kept files have.
  const std::map<std::string, Package>& absent() const { return absent_; }
  // The suite that the earlier lock has the package from, if no index here is of that suite.
  std::string lost_suite(const std::string& package) const;

  // The version that libapt would choose. end() if there is no package of that name.
  pkgCache::VerIterator candidate(const std::string& name);
  base::Result<std::set<std::string>> essential();
  // Whether the package is of a section that usually has no programs: fonts, data, libraries.
  bool is_without_programs(const std::string& name);
  // [source.unknown-package] with a hint: the packages that provide it, or else the most similar
  // name. The search for a similar name is slow, so only a limited number of errors get one.
  base::Error unknown(const Wanted& wanted);

  // Fills all members except depends, because and sets. [source.weak-hash], [source.bad-record]
  base::Result<Package> describe(const pkgCache::VerIterator& version);

  // Where the archive has exactly this file now: "pool/…" and its suite. Empty if it is gone.
  base::Result<std::vector<Package>> offered(const Package& package);

 private:
  struct Place {
    std::string suite;
    std::string component;
  };

  base::Result<void> build();
  base::Result<void> find_places();
  base::Result<void> find_pins();
  base::Result<void> restrict();
  // The version that an archive supplies, or end().
  pkgCache::VerIterator of_others(const std::string& name);
  std::set<std::string> suites_of(const pkgCache::VerIterator& version);
  // The version of the earlier lock, if the cache has it (with `same_bytes`: with the same digest).
  base::Result<pkgCache::VerIterator> find(const Package& package, bool same_bytes);
  base::Result<std::vector<Package>> records(const pkgCache::VerIterator& version);
  base::Result<bool> is_essential(const pkgCache::VerIterator& version);
  // The record of the version in that file. [source.bad-record], errors of libapt
  base::Result<pkgRecords::Parser*> record(const pkgCache::VerIterator& version,
                                           const pkgCache::VerFileIterator& file);

  std::unique_ptr<pkgCacheFile> file_;
  Policy* policy_ = nullptr;  // of file_
  std::unique_ptr<States> states_;
  std::unique_ptr<pkgRecords> records_;
  std::map<unsigned long, Place> places_;    // by the id of libapt's package file
  std::set<unsigned long> other_files_;      // the ids of the file that add() got
  std::vector<std::filesystem::path> lost_;  // kept files of packages that no index has
  std::filesystem::path index_;              // of add()
  Preferences preferences_;
  Selection selection_;
  std::set<std::string> others_;
  std::map<std::string, std::set<std::string>> elsewhere_;  // the sources that offer a package
  std::map<std::string, Package> earlier_;                  // of `keep`, by name
  std::map<std::string, Package> absent_;                   // some of earlier_
  std::vector<std::string> names_;  // of all packages, sorted; filled by unknown()
  int guessed_ = 0;
  Versions pins_;
};

}  // namespace ccci::source::debian
