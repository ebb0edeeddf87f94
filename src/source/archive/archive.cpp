// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/archive/archive.hpp"

#include <apt-pkg/strutl.h>
#include <sys/stat.h>

#include <vector>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/pool.hpp"
#include "source/debian/setup.hpp"
#include "source/kept.hpp"

namespace ccci::source::archive {

namespace {

// Keeps the facts of the error, but changes its code to one with a remedy for pinned archives. One
// without a cause says itself what happened: a silent server.
base::Error as_pin(base::Error error, const declare::PackageRule& rule) {
  const auto& archive = std::get<declare::PinnedArchive>(rule.from);
  if (error.is(base::Condition::mismatch)) {
    error.code = "source.pin-mismatch";
  } else if (error.is(base::Condition::not_a_file)) {
    error.code = "source.not-a-file";
  } else if (!error.is(base::Condition::too_large) && !error.is(base::Condition::not_a_file) &&
             error.code.compare(0, 7, "source.") == 0 && !error.field("cause").empty()) {
    error.code = "source.pin-unreachable";
  }
  std::erase_if(error.fields, [](const base::Field& field) {
    return field.name == "name" || field.name == "uri";
  });
  for (base::Field& field : error.fields) {
    const bool digest = field.name == "expected" || field.name == "found";
    if (digest && field.value.compare(0, 7, "sha256 ") == 0) field.value.erase(0, 7);
  }
  if (!rule.name.at.file.empty()) error.where.push_back(rule.name.at);
  return std::move(error)
      .with("name", rule.name.text)
      .with("uri", archive.url.empty() ? archive.file : debian::without_password(archive.url));
}

base::Result<void> fetch_url(const Arrival& arrival, const std::string& url,
                             const std::filesystem::path& root, const std::filesystem::path& kept,
                             base::Progress& progress, const Options& options) {
  const debian::Surroundings surroundings;
  CCCI_CHECK(base::make_directories(root));
  CCCI_TRY(const base::Fd held, debian::lock(root, progress));
  CCCI_CHECK(debian::configure(root, {.authorities = options.authorities}));
  debian::choose_sandbox({root});
  CCCI_TRY(
      std::vector<debian::Failure> failures,
      debian::fetch_all({{.arrival = arrival, .uris = {url}}}, kept, "fetching " + arrival.name,
                        progress, {.limit = arrival.limit, .patience = options.patience}));
  if (failures.empty()) return {};
  return base::unexpected(std::move(failures.front().error));
}

}  // namespace

base::Result<Package> describe(const declare::PackageRule& rule) {
  const auto& archive = std::get<declare::PinnedArchive>(rule.from);
  return Package{.name = rule.name.text,
                 .version = archive.sha256.substr(0, 12),
                 .architecture = "any",
                 .origin = Origin::archive,
                 .sha256 = archive.sha256,
                 .size = 0,
                 .uri = archive.url.empty() ? archive.file : debian::without_password(archive.url),
                 .suite = {},
                 .component = {},
                 .source_package = rule.name.text,
                 .essential = false,
                 .depends = {},
                 .provides = {},
                 .because = {},
                 .sets = {}};
}

std::optional<std::filesystem::path> local_file(const declare::PinnedArchive& archive,
                                                const std::filesystem::path& directory) {
  constexpr std::string_view scheme = "file://";
  if (archive.url.empty()) return directory / archive.file;
  if (archive.url.compare(0, scheme.size(), scheme) != 0) return std::nullopt;
  return DeQuoteString(archive.url.substr(scheme.size()));
}

base::Result<void> fetch(const declare::PackageRule& rule, const std::filesystem::path& directory,
                         const std::filesystem::path& kept, base::Progress& progress,
                         const Options& options) {
  CCCI_TRY(const Package package, describe(rule));
  const auto& archive = std::get<declare::PinnedArchive>(rule.from);
  if (is_kept(kept, Origin::archive, package.sha256, 0)) return {};
  CCCI_CHECK(base::make_directories(kept));
  const std::optional<std::filesystem::path> local = local_file(archive, directory);
  Arrival arrival{.file = local.value_or(std::filesystem::path()),
                  .name = package.name,
                  .origin = Origin::archive,
                  .sha256 = package.sha256,
                  .size = 0,
                  .limit = options.limit};
  if (archive.url.empty()) {
    auto opened = base::open_of_project(directory, archive.file);
    if (!opened) return base::unexpected(as_pin(std::move(opened).error(), rule));
    arrival.opened = std::make_shared<const base::Fd>(std::move(*opened));
  }
  if (!local && options.offline) {
    return base::unexpected(not_kept(kept, {package}));
  }
  const std::filesystem::path whole = std::filesystem::absolute(kept).lexically_normal();
  const auto fetched =
      local ? keep(kept, arrival)
            : fetch_url(arrival, archive.url,
                        options.root.empty() ? whole.parent_path() / "apt" : options.root, whole,
                        progress, options);
  if (fetched) return {};
  base::Error error = fetched.error();
  // A file:// address may name any file of this host, and the message goes to the log of a job.
  struct stat status {};
  const bool hidden = local && error.is(base::Condition::mismatch) &&
                      (stat(local->c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0);
  for (base::Field& field : error.fields) {
    if (hidden && field.name == "found") field.value = "another digest";
  }
  return base::unexpected(as_pin(std::move(error), rule));
}

}  // namespace ccci::source::archive
