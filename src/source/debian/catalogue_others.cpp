// SPDX-License-Identifier: GPL-3.0-or-later
// The part of the catalogue for declared suites and versions, and for other archives.
#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "source/debian/catalogue.hpp"

namespace ccci::source::debian {

namespace {

using PkgIterator = pkgCache::PkgIterator;
using VerIterator = pkgCache::VerIterator;

}  // namespace

base::Result<void> Catalogue::prefer(Preferences preferences) {
  preferences_ = std::move(preferences);
  return restrict();
}

base::Result<void> Catalogue::add(Selection selection, const std::filesystem::path& index,
                                  const Offers& offers) {
  selection_ = std::move(selection);
  others_ = selection_.asked;
  others_.insert(selection_.passing.begin(), selection_.passing.end());
  for (const auto& [source, packages] : offers) {
    for (const auto& [name, versions] : packages) elsewhere_[name].insert(source);
  }
  if (others_.empty()) return {};
  CCCI_CHECK(base::replace_file(index, selection_.index));
  index_ = index;
  CCCI_CHECK(build());
  CCCI_CHECK(find_pins());
  return restrict();
}

// The policy is lost when the cache is built again.
base::Result<void> Catalogue::restrict() {
  states_->forget();
  CCCI_CHECK(apply(preferences_, *file_, *policy_, pins_,
                   [this](const VerIterator& version) { return suites_of(version); }));
  for (const std::string& name : others_) {
    pins_.erase(name);
    const VerIterator version = of_others(name);
    if (version.end()) {
      return base::unexpected(base::fail("source.bad-record").with("name", name));
    }
    policy_->choose_only(version);
  }
  return {};
}

void Catalogue::show_passing(bool shown) {
  states_->forget();
  for (const std::string& name : selection_.passing) {
    const VerIterator version = of_others(name);
    if (shown) {
      policy_->choose_only(version);
    } else {
      policy_->hide(version.ParentPkg());
    }
  }
}

VerIterator Catalogue::of_others(const std::string& name) {
  const PkgIterator package = file_->GetPkgCache()->FindPkg(name);
  if (package.end()) return {};
  for (VerIterator version = package.VersionList(); !version.end(); ++version) {
    for (auto file = version.FileList(); !file.end(); ++file) {
      if (other_files_.contains(file.File()->ID)) return version;
    }
  }
  return {};
}

std::set<std::string> Catalogue::suites_of(const VerIterator& version) {
  std::set<std::string> suites;
  for (auto file = version.FileList(); !file.end(); ++file) {
    const auto place = places_.find(file.File()->ID);
    if (place != places_.end()) {
      suites.insert(place->second.suite);
    } else if (!other_files_.contains(file.File()->ID)) {
      const auto earlier = earlier_.find(version.ParentPkg().Name());
      if (earlier != earlier_.end()) suites.insert(earlier->second.suite);
    }
  }
  return suites;
}

Debian Catalogue::debian() {
  const auto usable = [this](const VerIterator& version) {
    const std::string name = version.ParentPkg().Name();
    const auto pin = pins_.find(name);
    return version == (pin != pins_.end() ? pin->second : candidate(name));
  };
  const auto find = [this](const std::string& name) { return file_->GetPkgCache()->FindPkg(name); };
  Debian view;
  view.has = [find](const std::string& name) {
    const PkgIterator package = find(name);
    return !package.end() && (!package.VersionList().end() || !package.ProvidesList().end());
  };
  view.meets = [find, usable](const Relation& relation) {
    const PkgIterator package = find(relation.name);
    if (package.end()) return false;
    for (VerIterator version = package.VersionList(); !version.end(); ++version) {
      if (relation.is_met_by(version.VerStr()) && usable(version)) return true;
    }
    for (auto provide = package.ProvidesList(); !provide.end(); ++provide) {
      const char* provided = provide.ProvideVersion();
      const bool fits =
          relation.version.empty() || (provided != nullptr && relation.is_met_by(provided));
      if (fits && usable(provide.OwnerVer())) return true;
    }
    return false;
  };
  view.version = [this](const std::string& name) {
    const VerIterator version = candidate(name);
    return version.end() ? std::string("a virtual package") : std::string(version.VerStr());
  };
  view.is_essential = [this, find](const std::string& name) {
    const PkgIterator package = find(name);
    if (package.end() || (package->Flags & pkgCache::Flag::Essential) == 0) return false;
    for (VerIterator version = package.VersionList(); !version.end(); ++version) {
      if (is_essential(version).value_or(false)) return true;
    }
    return false;
  };
  return view;
}

}  // namespace ccci::source::debian
