// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/archive.hpp"

#include <apt-pkg/configuration.h>

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "source/debian/catalogue.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/indexes.hpp"
#include "source/debian/pool.hpp"
#include "source/debian/resolution.hpp"
#include "source/debian/setup.hpp"
#include "source/kept.hpp"

namespace ccci::source::debian {

struct Archive::Impl {
  std::filesystem::path root;
  std::filesystem::path kept;
  bool offline = false;
  Machine machine;

  base::Result<std::vector<Entry>> prepare(const declare::DebianSource& source) const {
    CCCI_CHECK(configure(root, machine));
    CCCI_TRY(std::vector<Entry> asked,
             entries(source, machine, _config->Find("APT::Architecture")));
    CCCI_CHECK(ask(root, asked));
    return asked;
  }

  // The mirrors of the package's own suite first; a mirror of another suite often is the same.
  static std::vector<std::string> uris(const std::vector<Entry>& entries, const Package& package) {
    std::vector<std::string> found;
    const auto add = [&](const std::string& uri) {
      if (std::find(found.begin(), found.end(), uri) == found.end()) found.push_back(uri);
    };
    for (const bool own_suite : {true, false}) {
      for (const Entry& entry : entries) {
        if ((entry.suite == package.suite) == own_suite) add(entry.uri + package.uri);
      }
    }
    return found;
  }

  std::vector<Order> orders(const std::vector<Package>& packages,
                            const std::vector<Entry>& entries) const {
    std::vector<Order> result;
    std::set<std::string> seen;
    for (const Package& package : packages) {
      if (package.origin != Origin::debian || !seen.insert(package.sha256).second) continue;
      if (is_kept(kept, Origin::debian, package.sha256, package.size)) continue;
      result.push_back({.arrival = {.file = {},
                                    .name = package.name + " " + package.version,
                                    .origin = Origin::debian,
                                    .sha256 = package.sha256,
                                    .size = package.size},
                        .uris = uris(entries, package)});
    }
    return result;
  }
};

Archive::Archive(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Archive::~Archive() = default;
Archive::Archive(Archive&&) noexcept = default;
Archive& Archive::operator=(Archive&&) noexcept = default;

base::Result<Archive> Archive::open(const std::filesystem::path& root,
                                    const std::filesystem::path& kept, bool offline,
                                    const Machine& machine) {
  auto impl = std::make_unique<Impl>();
  impl->root = std::filesystem::absolute(root).lexically_normal();
  impl->kept = std::filesystem::absolute(kept).lexically_normal();
  impl->offline = offline;
  impl->machine = machine;
  const Surroundings surroundings;
  CCCI_CHECK(base::make_directories(impl->root));
  CCCI_CHECK(base::make_directories(impl->kept));
  return Archive(std::move(impl));
}

base::Result<Answer> Archive::resolve(const Query& query, base::Progress& progress) {
  const Surroundings surroundings;
  CCCI_TRY(const base::Fd held, lock(impl_->root, progress));
  CCCI_CHECK(impl_->prepare(query.source));
  if (!impl_->offline) CCCI_CHECK(refresh(progress));
  Answer answer;
  CCCI_TRY(answer.releases, verify_indexes());
  CCCI_TRY(const auto catalogue, Catalogue::open(to_keep(query), impl_->kept));
  CCCI_TRY(answer.packages, resolution(*catalogue, query));
  return answer;
}

base::Result<void> Archive::fetch(const std::vector<Package>& packages,
                                  const declare::DebianSource& source, base::Progress& progress) {
  const Surroundings surroundings;
  CCCI_TRY(const base::Fd held, lock(impl_->root, progress));
  if (impl_->orders(packages, {}).empty()) return {};
  CCCI_TRY(const std::vector<Entry> entries, impl_->prepare(source));
  return fetch_all(impl_->orders(packages, entries), impl_->kept, "fetching archives", progress);
}

}  // namespace ccci::source::debian
