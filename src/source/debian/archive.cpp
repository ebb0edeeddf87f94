// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/archive.hpp"

#include <apt-pkg/configuration.h>

#include <algorithm>
#include <iterator>
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

  Bounds bounds() const { return {.patience = machine.patience}; }

  base::Result<std::vector<Entry>> prepare(const declare::DebianSource& source) const {
    CCCI_CHECK(configure(root, machine));
    CCCI_TRY(std::vector<Entry> asked,
             entries(source, machine, _config->Find("APT::Architecture")));
    CCCI_CHECK(ask(root, asked));
    return asked;
  }

  // The mirrors of the package's own suite first. Another suite often has the same mirror.
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

  std::filesystem::path place(const Order& order) const {
    return kept / kept_name(Origin::debian, order.arrival.sha256);
  }

  // A file that is no longer at the path in the lock may have moved: the next point release moves
  // an update from the security suite to the main suite. The index finds the file by its digest.
  base::Result<std::vector<Failure>> look_elsewhere(std::vector<Failure> failures,
                                                    const std::vector<Package>& packages,
                                                    const std::vector<Entry>& entries,
                                                    base::Progress& progress) const {
    const auto missing = [](const Failure& failure) {
      return failure.error.is(base::Condition::not_found);
    };
    if (std::none_of(failures.begin(), failures.end(), missing)) return failures;
    // Without fresh indexes the missing files cannot be found: report them as missing.
    if (!refresh(progress, machine.patience) || !verify_indexes()) return failures;
    CCCI_TRY(const auto catalogue, Catalogue::open({}, kept));
    std::vector<Order> moved;
    std::vector<Failure> rest;
    for (Failure& failure : failures) {
      Order order = failure.order;
      for (const Package& package : packages) {
        if (!missing(failure) || package.sha256 != order.arrival.sha256) continue;
        CCCI_TRY(const std::vector<Package> offers, catalogue->offered(package));
        for (const Package& offer : offers) {
          for (const std::string& uri : uris(entries, offer)) order.uris.push_back(uri);
        }
        break;
      }
      if (order.uris.empty()) {
        rest.push_back(std::move(failure));
      } else {
        moved.push_back(std::move(order));
      }
    }
    CCCI_TRY(std::vector<Failure> again,
             fetch_all(moved, kept, "fetching archives that moved", progress, bounds()));
    std::move(again.begin(), again.end(), std::back_inserter(rest));
    return rest;
  }

  base::Error told(Failure failure) const {
    if (!failure.error.is(base::Condition::not_found)) return std::move(failure.error);
    const std::string& name = failure.order.arrival.name;
    return base::fail("source.gone")
        .with("name", name)
        .with("package", name.substr(0, name.find(' ')))
        .with("sha256", failure.order.arrival.sha256)
        .with("uri", failure.error.field("uri"))
        .with("path", place(failure.order).native());
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
  if (!impl_->offline) CCCI_CHECK(refresh(progress, impl_->machine.patience));
  Answer answer;
  CCCI_TRY(answer.releases, verify_indexes());
  CCCI_TRY(const auto catalogue, Catalogue::open(to_keep(query), impl_->kept));
  CCCI_TRY(answer.packages, resolution(*catalogue, query, progress));
  return answer;
}

base::Result<void> Archive::fetch(const std::vector<Package>& packages,
                                  const declare::DebianSource& source, base::Progress& progress) {
  const Surroundings surroundings;
  CCCI_TRY(const base::Fd held, lock(impl_->root, progress));
  const std::vector<Order> wanted = impl_->orders(packages, {});
  if (wanted.empty()) return {};
  if (impl_->offline) {
    std::vector<base::Error> errors;
    for (const Order& order : wanted) {
      errors.push_back(base::fail("source.offline")
                           .with("name", order.arrival.name)
                           .with("path", impl_->place(order).native()));
    }
    return base::unexpected(base::together(std::move(errors)));
  }
  CCCI_TRY(const std::vector<Entry> entries, impl_->prepare(source));
  CCCI_TRY(std::vector<Failure> failures,
           fetch_all(impl_->orders(packages, entries), impl_->kept, "fetching archives", progress,
                     impl_->bounds()));
  CCCI_TRY(failures, impl_->look_elsewhere(std::move(failures), packages, entries, progress));
  if (failures.empty()) return {};
  std::vector<base::Error> errors;
  for (Failure& failure : failures) errors.push_back(impl_->told(std::move(failure)));
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::source::debian
