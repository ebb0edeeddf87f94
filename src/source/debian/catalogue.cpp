// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/catalogue.hpp"

#include <apt-pkg/error.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/pkgsystem.h>
#include <apt-pkg/policy.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/tagfile.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "declare/known_commands.hpp"
#include "source/debian/failure.hpp"
#include "source/kept.hpp"
#include "source/mirror_path.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;
using VerFileIterator = pkgCache::VerFileIterator;

}  // namespace

base::Result<std::unique_ptr<Catalogue>> Catalogue::open(const std::vector<Package>& keep,
                                                         const std::filesystem::path& kept) {
  auto catalogue = std::make_unique<Catalogue>();
  CCCI_CHECK(catalogue->build());
  for (const Package& package : keep) {
    if (package.origin != Origin::debian || !package.source.empty()) continue;
    catalogue->earlier_.emplace(package.name, package);
    CCCI_TRY(const VerIterator listed, catalogue->find(package, true));
    if (listed.end() && is_kept(kept, Origin::debian, package.sha256, package.size)) {
      catalogue->lost_.push_back(kept_path(kept, package));
    }
  }
  if (!catalogue->lost_.empty()) CCCI_CHECK(catalogue->build());
  CCCI_CHECK(catalogue->find_pins());
  return catalogue;
}

base::Result<void> Catalogue::find_pins() {
  pins_.clear();
  absent_.clear();
  for (const auto& [name, package] : earlier_) {
    CCCI_TRY(VerIterator version, find(package, true));
    if (version.end()) {
      CCCI_TRY(version, find(package, false));
    }
    if (version.end()) {
      absent_.emplace(name, package);
    } else {
      pins_.emplace(name, version);
    }
  }
  return {};
}

std::string Catalogue::lost_suite(const std::string& package) const {
  const auto earlier = earlier_.find(package);
  if (earlier == earlier_.end()) return {};
  const std::string& suite = earlier->second.suite;
  const bool here = std::any_of(places_.begin(), places_.end(),
                                [&](const auto& place) { return place.second.suite == suite; });
  return here ? std::string() : suite;
}

base::Result<void> Catalogue::build() {
  records_.reset();
  states_.reset();
  file_ = std::make_unique<pkgCacheFile>();
  if (!file_->BuildSourceList()) return base::unexpected(apt_failure("reading the sources"));
  std::vector<std::filesystem::path> files = lost_;
  if (!index_.empty()) files.push_back(index_);
  for (const std::filesystem::path& file : files) {
    file_->GetSourceList()->AddVolatileFile(file.native());
  }
  // This can succeed although it could not read a file.
  if (!file_->BuildCaches(nullptr, false)) {
    return base::unexpected(apt_failure("reading the indexes"));
  }
  policy_ = &Policy::give(*file_);
  if (_error->PendingError()) return base::unexpected(apt_failure("reading the indexes"));
  _error->Discard();
  states_ = std::make_unique<States>(*file_);
  records_ = std::make_unique<pkgRecords>(*file_->GetPkgCache());
  return find_places();
}

base::Result<void> Catalogue::find_places() {
  places_.clear();
  other_files_.clear();
  pkgCache& cache = *file_->GetPkgCache();
  for (auto file = cache.FileBegin(); !file.end(); ++file) {
    const bool named = file.FileName() != nullptr && index_ == file.FileName();
    if (named) other_files_.insert(file->ID);
  }
  for (metaIndex* meta : *file_->GetSourceList()) {
    const std::vector<pkgIndexFile*>* indexes = meta->GetIndexFiles();
    if (indexes == nullptr) continue;
    for (const pkgIndexFile* index : *indexes) {
      if (!index->HasPackages()) continue;
      const pkgCache::PkgFileIterator file = index->FindInCache(cache);
      if (file.end()) continue;
      const char* component = file.Component();
      places_[file->ID] = {meta->GetDist(), component != nullptr ? component : ""};
    }
  }
  return {};
}

VerIterator Catalogue::candidate(const std::string& name) {
  const PkgIterator package = file_->GetPkgCache()->FindPkg(name);
  return package.end() ? VerIterator() : file_->GetPolicy()->GetCandidateVer(package);
}

bool Catalogue::is_without_programs(const std::string& name) {
  constexpr std::array<std::string_view, 7> sections{
      "fonts", "localization", "libs", "libdevel", "doc", "debug", "introspection"};
  const auto pin = pins_.find(name);
  const VerIterator version = pin != pins_.end() ? pin->second : candidate(name);
  if (version.end() || version.Section() == nullptr) return false;
  std::string_view section = version.Section();  // "non-free/fonts"
  section.remove_prefix(section.rfind('/') + 1);
  return std::find(sections.begin(), sections.end(), section) != sections.end();
}

base::Result<std::set<std::string>> Catalogue::essential() {
  std::set<std::string> names;
  pkgCache& cache = *file_->GetPkgCache();
  for (PkgIterator package = cache.PkgBegin(); !package.end(); ++package) {
    if ((package->Flags & pkgCache::Flag::Essential) == 0) continue;
    // libapt stores the flag for the package. The chosen version may no longer be essential.
    const auto pin = pins_.find(package.Name());
    const VerIterator version = pin != pins_.end() ? pin->second : candidate(package.Name());
    if (version.end()) continue;
    CCCI_TRY(const bool essential, is_essential(version));
    if (essential) names.insert(package.Name());
  }
  return names;
}

base::Error Catalogue::unknown(const Wanted& wanted) {
  base::Error error = base::fail("source.unknown-package")
                          .with("package", wanted.package)
                          .with("because", wanted.because);
  if (!wanted.at.file.empty()) error.where.push_back(wanted.at);
  pkgCache& cache = *file_->GetPkgCache();
  const PkgIterator package = cache.FindPkg(wanted.package);
  if (!package.end()) {
    std::set<std::string> providers;
    for (auto provide = package.ProvidesList(); !provide.end(); ++provide) {
      const VerIterator version = provide.OwnerVer();
      if (candidate(version.ParentPkg().Name()) == version) {
        providers.insert(version.ParentPkg().Name());
      }
    }
    if (!providers.empty()) {
      const std::vector<std::string> list(providers.begin(), providers.end());
      return std::move(error).with("providers", base::join(list, ", "));
    }
  }
  const auto offering = elsewhere_.find(wanted.package);
  if (offering != elsewhere_.end()) {
    const std::vector<std::string> list(offering->second.begin(), offering->second.end());
    return std::move(error).with("offered", base::join(list, ", ")).with("first", list.front());
  }
  if (!package.end() && package.VersionList().end() && !package.RevDependsList().end()) {
    error = std::move(error).with("architecture", _config->Find("APT::Architecture"));
  }
  const std::string meant(declare::package_of(wanted.package));
  if (!meant.empty() && !candidate(meant).end()) return std::move(error).with("likely", meant);
  constexpr int most_guesses = 50;
  if (guessed_++ >= most_guesses) return error;
  if (names_.empty()) {
    for (PkgIterator other = cache.PkgBegin(); !other.end(); ++other) {
      if (!other.VersionList().end()) names_.emplace_back(other.Name());
    }
    std::sort(names_.begin(), names_.end());
  }
  const std::string likely = base::likely(wanted.package, names_);
  return likely.empty() ? std::move(error) : std::move(error).with("likely", likely);
}

// If libapt cannot read the record, Lookup() does not say so, and the parser still has the record
// that it read before: another package's digest would get into the lock. So the error list is
// checked, and the record's name and version are compared.
base::Result<pkgRecords::Parser*> Catalogue::record(const VerIterator& version,
                                                    const VerFileIterator& file) {
  const std::string name = version.ParentPkg().Name();
  pkgRecords::Parser& found = records_->Lookup(file);
  if (_error->PendingError()) return base::unexpected(apt_failure("reading " + name));
  if (found.Name() != name || found.RecordField("Version") != version.VerStr()) {
    return base::unexpected(
        base::fail("source.bad-record").with("name", name + " " + version.VerStr()));
  }
  return &found;
}

base::Result<bool> Catalogue::is_essential(const VerIterator& version) {
  const bool from_other = others_.contains(version.ParentPkg().Name());
  VerFileIterator file = version.FileList();
  while (!file.end() && other_files_.contains(file.File()->ID) != from_other) ++file;
  if (file.end()) return false;
  CCCI_TRY(pkgRecords::Parser* const found, record(version, file));
  return found->RecordField("Essential") == "yes";
}

base::Result<VerIterator> Catalogue::find(const Package& package, bool same_bytes) {
  const PkgIterator found = file_->GetPkgCache()->FindPkg(package.name);
  if (found.end()) return VerIterator();
  for (VerIterator version = found.VersionList(); !version.end(); ++version) {
    if (package.version != version.VerStr()) continue;
    if (!same_bytes) return version;
    CCCI_TRY(const std::vector<Package> listed, records(version));
    for (const Package& one : listed) {
      if (one.sha256 == package.sha256) return version;
    }
  }
  return VerIterator();
}

// One record for each index that lists the version, in a fixed order.
base::Result<std::vector<Package>> Catalogue::records(const VerIterator& version) {
  std::vector<Package> found;
  // libapt takes equal versions of two archives for one. Only the archive that supplies the package
  // counts.
  const bool from_other = others_.contains(version.ParentPkg().Name());
  for (VerFileIterator file = version.FileList(); !file.end(); ++file) {
    if (other_files_.contains(file.File()->ID) != from_other) continue;
    const auto place = places_.find(file.File()->ID);
    if (place == places_.end() && !from_other) {
      // A kept file. It was read because the earlier lock names it, and it was checked.
      const auto earlier = earlier_.find(version.ParentPkg().Name());
      if (earlier != earlier_.end()) found.push_back(earlier->second);
      continue;
    }
    CCCI_TRY(pkgRecords::Parser* const parser, record(version, file));
    const HashStringList hashes = parser->Hashes();
    const HashString* sha256 = hashes.find("SHA256");
    Package package{
        .name = version.ParentPkg().Name(),
        .version = version.VerStr(),
        .architecture = version.Arch(),
        .origin = Origin::debian,
        .sha256 = sha256 != nullptr ? sha256->HashValue() : std::string(),
        .size = version->Size,
        .uri = parser->FileName(),
        .suite = from_other ? parser->RecordField(suite_field) : place->second.suite,
        .component = from_other ? parser->RecordField(component_field) : place->second.component,
        .source_package = version.SourcePkgName(),
        .essential = parser->RecordField("Essential") == "yes",
        .depends = {},
        .provides = {},
        .because = {},
        .sets = {},
        .source = from_other ? parser->RecordField(source_field) : std::string()};
    found.push_back(std::move(package));
  }
  std::sort(found.begin(), found.end(), [](const Package& one, const Package& other) {
    return std::tie(one.suite, one.component, one.uri, one.sha256) <
           std::tie(other.suite, other.component, other.uri, other.sha256);
  });
  return found;
}

base::Result<Package> Catalogue::describe(const VerIterator& version) {
  CCCI_TRY(const std::vector<Package> found, records(version));
  const std::string name = std::string(version.ParentPkg().Name()) + " " + version.VerStr();
  if (found.empty()) return base::unexpected(base::fail("source.bad-record").with("name", name));
  Package package = found.front();
  const auto earlier = package.source.empty() ? earlier_.find(package.name) : earlier_.end();
  for (const Package& one : found) {
    // Prefer the record with the same bytes as in the lock, whichever index lists it now.
    if (earlier != earlier_.end() && one.sha256 == earlier->second.sha256) {
      package = one;
      break;
    }
  }
  if (package.sha256.empty()) {
    return base::unexpected(base::fail("source.weak-hash")
                                .with("uri", package.uri)
                                .with("cause", name + " has no SHA256 in the index"));
  }
  if (!base::Digest::from_hex(package.sha256) || !is_mirror_path(package.uri)) {
    return base::unexpected(base::fail("source.bad-record").with("name", name));
  }
  package.depends.clear();
  package.provides.clear();
  package.because.clear();
  package.sets.clear();
  std::set<std::string> provides;
  for (auto provide = version.ProvidesList(); !provide.end(); ++provide) {
    const std::string provided = provide.Name();
    // Skip what libapt adds itself: "python3:any" for Multi-Arch: allowed, the path of a kept file.
    if (provided != package.name && provided.find_first_of(":/") == std::string::npos) {
      provides.insert(provided);
    }
  }
  package.provides.assign(provides.begin(), provides.end());
  return package;
}

base::Result<std::vector<Package>> Catalogue::offered(const Package& package) {
  std::vector<Package> found;
  CCCI_TRY(const VerIterator version, find(package, true));
  if (version.end()) return found;
  CCCI_TRY(std::vector<Package> listed, records(version));
  for (Package& one : listed) {
    if (one.sha256 == package.sha256 && is_mirror_path(one.uri)) found.push_back(std::move(one));
  }
  return found;
}

}  // namespace ccci::source::debian
