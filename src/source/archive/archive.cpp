// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/archive/archive.hpp"

#include <set>

#include "base/files.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/pool.hpp"
#include "source/debian/setup.hpp"
#include "source/kept.hpp"

namespace ccci::source::archive {

namespace {

bool is_url(const std::string& uri) { return uri.find("://") != std::string::npos; }

// The same facts, under codes whose remedy is a pin's.
base::Error as_pin(base::Error error, const Package& package) {
  const std::string uri = debian::without_password(package.uri);
  base::Error result = std::move(error);
  if (result.code == "source.mismatch") {
    result.code = "source.pin-mismatch";
  } else if (result.code != "source.too-large" && result.code.compare(0, 7, "source.") == 0) {
    result.code = "source.pin-unreachable";
  }
  std::erase_if(result.fields, [](const base::Field& field) {
    return field.name == "name" || field.name == "uri";
  });
  for (base::Field& field : result.fields) {
    const bool digest = field.name == "expected" || field.name == "found";
    if (digest && field.value.compare(0, 7, "sha256 ") == 0) field.value.erase(0, 7);
  }
  return std::move(result).with("name", package.name).with("uri", uri);
}

Arrival arrival(const Package& package, const Place& place) {
  return {.file = place.declaration / package.uri,
          .name = package.name,
          .origin = Origin::archive,
          .sha256 = package.sha256,
          .size = 0,
          .limit = place.limit};
}

base::Result<void> fetch_url(const Package& package, const Place& place, base::Progress& progress) {
  const debian::Surroundings surroundings;
  CCCI_TRY(const base::Fd held, debian::lock(place.root, progress));
  CCCI_CHECK(debian::configure(place.root, {}));
  debian::choose_sandbox({place.root});
  CCCI_TRY(std::vector<debian::Failure> failures,
           debian::fetch_all({{.arrival = arrival(package, place), .uris = {package.uri}}},
                             place.kept, "fetching " + package.name, progress, place.limit));
  if (failures.empty()) return {};
  return base::unexpected(std::move(failures.front().error));
}

base::Result<void> fetch_one(const Package& package, const Place& place, base::Progress& progress) {
  if (!is_url(package.uri)) return keep(place.kept, arrival(package, place));
  if (place.offline) {
    return base::unexpected(base::fail("source.offline")
                                .with("name", package.name)
                                .with("path", kept_path(place.kept, package).native()));
  }
  CCCI_CHECK(base::make_directories(place.root));
  return fetch_url(package, place, progress);
}

}  // namespace

Package describe(const declare::PackageRule& rule) {
  const auto& archive = std::get<declare::PinnedArchive>(rule.from);
  return {.name = rule.name.text,
          .version = archive.sha256.substr(0, 12),
          .architecture = "any",
          .origin = Origin::archive,
          .sha256 = archive.sha256,
          .size = 0,
          .uri = archive.url.empty() ? archive.file : archive.url,
          .suite = {},
          .component = {},
          .source_package = rule.name.text,
          .essential = false,
          .depends = {},
          .provides = {},
          .because = {},
          .sets = {}};
}

base::Result<void> fetch(const std::vector<Package>& packages, const Place& place,
                         base::Progress& progress) {
  std::vector<base::Error> errors;
  std::set<std::string> seen;
  CCCI_CHECK(base::make_directories(place.kept));
  for (const Package& package : packages) {
    if (package.origin != Origin::archive || !seen.insert(package.sha256).second) continue;
    if (is_kept(place.kept, Origin::archive, package.sha256, 0)) continue;
    auto fetched = fetch_one(package, place, progress);
    if (fetched) continue;
    base::Error error = std::move(fetched).error();
    if (error.code != "source.offline") error = as_pin(std::move(error), package);
    errors.push_back(std::move(error));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::source::archive
