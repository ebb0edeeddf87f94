// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/offers.hpp"

#include <apt-pkg/debfile.h>
#include <apt-pkg/debversion.h>
#include <apt-pkg/error.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/tagfile.h>

#include <algorithm>
#include <set>

#include "base/hash.hpp"
#include "source/debian/failure.hpp"
#include "source/kept.hpp"
#include "source/mirror_path.hpp"

namespace ccci::source::debian {

namespace {

bool consists_of(const std::string& text, std::string_view more) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           more.find(c) != std::string_view::npos;
  });
}

constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string one_word(const std::string& text) {
  return text.substr(0, text.find_first_of(" \t\n"));
}

Offer read_offer(const pkgTagSection& stanza) {
  const auto text = [&](const char* field) { return stanza.FindS(field); };
  const auto relations = [&](const char* field) {
    std::string value = text(field);
    std::replace(value.begin(), value.end(), '\n', ' ');
    return read_relations(value);
  };
  Offer offer;
  offer.name = text("Package");
  offer.version = text("Version");
  offer.architecture = text("Architecture");
  offer.path = text("Filename");
  offer.sha256 = text("SHA256");
  offer.size = text("Size");
  offer.source_package = one_word(text("Source"));
  offer.multi_arch = text("Multi-Arch");
  offer.pre_depends = relations("Pre-Depends");
  offer.depends = relations("Depends");
  offer.recommends = relations("Recommends");
  offer.conflicts = relations("Conflicts");
  offer.breaks = relations("Breaks");
  offer.provides = relations("Provides");
  return offer;
}

// The texts become lines of an index that libapt reads.
bool is_usable(const Offer& offer, const std::string& architecture) {
  const bool digest = offer.sha256.empty() || base::Digest::from_hex(offer.sha256);
  const std::string_view modes[] = {"", "allowed", "foreign", "same", "no"};
  return consists_of(offer.name, "+.-") && offer.name.front() != '-' &&
         consists_of(offer.version, std::string(upper) + "+.~:-") &&
         (offer.architecture == architecture || offer.architecture == "all") &&
         is_mirror_path(offer.path) && digest &&
         offer.size.find_first_not_of("0123456789") == std::string::npos &&
         offer.size.size() < 16 &&
         (offer.source_package.empty() ||
          consists_of(offer.source_package, std::string(upper) + "+._-")) &&
         std::find(std::begin(modes), std::end(modes), offer.multi_arch) != std::end(modes);
}

void sort(std::vector<Offer>& offers) {
  std::stable_sort(offers.begin(), offers.end(), [](const Offer& one, const Offer& other) {
    const int order = debVS.CmpVersion(one.version, other.version);
    if (order != 0) return order > 0;
    return std::tie(one.suite, one.component, one.path, one.sha256) <
           std::tie(other.suite, other.component, other.path, other.sha256);
  });
}

base::Result<void> read_index(const IndexTarget& target, const Entry& entry,
                              const std::string& architecture, Offers& offers) {
  const std::string path = target.Option(IndexTarget::EXISTING_FILENAME);
  if (path.empty()) return {};
  FileFd file;
  if (!file.Open(path, FileFd::ReadOnly, FileFd::Extension)) {
    return base::unexpected(apt_failure("reading an index"));
  }
  pkgTagFile stanzas(&file);
  pkgTagSection stanza;
  while (stanzas.Step(stanza)) {
    Offer offer = read_offer(stanza);
    if (!is_usable(offer, architecture)) continue;
    offer.source = entry.source;
    offer.suite = entry.suite;
    offer.component = target.Option(IndexTarget::COMPONENT);
    std::vector<Offer>& list = offers[entry.source][offer.name];
    list.push_back(std::move(offer));
  }
  if (_error->PendingError()) return base::unexpected(apt_failure("reading an index"));
  return {};
}

}  // namespace

base::Result<Offers> read_offers(const std::vector<Entry>& entries,
                                 const std::string& architecture) {
  Offers offers;
  pkgSourceList list;
  if (!list.ReadMainList()) return base::unexpected(apt_failure("reading the sources"));
  for (const metaIndex* meta : list) {
    const std::string uri = without_password(meta->GetURI());
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) {
      return without_password(one.uri) == uri && one.suite == meta->GetDist();
    });
    if (entry == entries.end() || entry->source.empty()) continue;
    for (const IndexTarget& target : meta->GetIndexTargets()) {
      CCCI_CHECK(read_index(target, *entry, architecture, offers));
    }
  }
  for (auto& [source, packages] : offers) {
    for (auto& [name, versions] : packages) sort(versions);
  }
  return offers;
}

void add_kept_offers(Offers& offers, const std::vector<Package>& earlier,
                     const std::filesystem::path& kept) {
  for (const Package& package : earlier) {
    if (package.source.empty()) continue;
    std::vector<Offer>& listed = offers[package.source][package.name];
    const bool there = std::any_of(listed.begin(), listed.end(), [&](const Offer& offer) {
      return offer.sha256 == package.sha256;
    });
    if (there || !is_kept(kept, Origin::debian, package.sha256, package.size)) continue;
    FileFd file(kept_path(kept, package).native(), FileFd::ReadOnly);
    debDebFile deb(file);
    debDebFile::MemControlExtract control("control");
    pkgTagSection stanza;
    if (!_error->PendingError() && control.Read(deb) && control.Control != nullptr &&
        stanza.Scan(control.Control, control.Length + 2)) {
      Offer offer = read_offer(stanza);
      offer.source = package.source;
      offer.suite = package.suite;
      offer.component = package.component;
      offer.path = package.uri;
      offer.sha256 = package.sha256;
      offer.size = std::to_string(package.size);
      const bool same = offer.name == package.name && offer.version == package.version;
      if (same && is_usable(offer, package.architecture)) listed.push_back(std::move(offer));
    }
    _error->Discard();
    sort(listed);
  }
}

}  // namespace ccci::source::debian
