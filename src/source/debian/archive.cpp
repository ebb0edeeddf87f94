// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/archive.hpp"

#include <apt-pkg/configuration.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "source/debian/catalogue.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/indexes.hpp"
#include "source/debian/pool.hpp"
#include "source/debian/resolution.hpp"
#include "source/debian/setup.hpp"
#include "source/kept.hpp"

namespace ccci::source::debian {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string without_slash(std::string uri) {
  while (uri.ends_with('/')) uri.pop_back();
  return uri;
}

}  // namespace

struct Archive::Impl {
  std::filesystem::path root;
  std::filesystem::path kept;
  bool offline = false;
  Machine machine;

  Bounds bounds() const { return {.patience = machine.patience}; }

  base::Result<std::vector<Entry>> prepare(const Sources& sources) const {
    CCCI_CHECK(configure(root, machine));
    CCCI_TRY(std::vector<Entry> asked,
             entries(sources.debian, machine, _config->Find("APT::Architecture")));
    CCCI_TRY(std::vector<Entry> more, other_entries(sources.others, root / "etc/keys"));
    std::move(more.begin(), more.end(), std::back_inserter(asked));
    CCCI_CHECK(ask(root, asked));
    return asked;
  }

  // The release files that the answer is based on, all of them verified.
  base::Result<std::vector<Release>> releases(const std::vector<Entry>& entries,
                                              base::Progress& progress) const {
    if (!offline) {
      auto fresh = refresh(progress, machine.patience);
      if (!fresh) return base::unexpected(name_source(std::move(fresh).error(), entries));
    }
    auto verified = verify_indexes();
    if (!verified) return base::unexpected(name_source(std::move(verified).error(), entries));
    return verified;
  }

  // libapt sees Debian's indexes as they are, and of other archives only what select() chose.
  base::Result<std::unique_ptr<Catalogue>> catalogue(const Query& query,
                                                     const std::vector<Entry>& entries) const {
    const std::vector<Package> keep = to_keep(query);
    Offers offers;
    if (!query.others.empty()) {
      CCCI_TRY(offers, read_offers(entries, _config->Find("APT::Architecture")));
      add_kept_offers(offers, keep, kept);
      std::vector<Entry> of_debian;
      std::copy_if(entries.begin(), entries.end(), std::back_inserter(of_debian),
                   [](const Entry& entry) { return entry.source.empty(); });
      CCCI_CHECK(ask(root, of_debian));
    }
    CCCI_TRY(auto catalogue, Catalogue::open(keep, kept));
    CCCI_CHECK(catalogue->prefer(
        {.choices = query.choices, .strict = !query.source.further_suites.empty()}));
    if (query.others.empty()) return catalogue;
    CCCI_TRY(Selection chosen, selection(offers, query, keep, catalogue->debian()));
    CCCI_CHECK(catalogue->add(std::move(chosen), root / "state/others_Packages", offers));
    return catalogue;
  }

  // The mirrors of the package's own suite first. Another suite often has the same mirror.
  static std::vector<std::string> uris(const std::vector<Entry>& entries, const Package& package) {
    std::vector<std::string> found;
    const auto add = [&](const std::string& uri) {
      if (std::find(found.begin(), found.end(), uri) == found.end()) found.push_back(uri);
    };
    for (const bool own_suite : {true, false}) {
      for (const Entry& entry : entries) {
        if (entry.source != package.source) continue;
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

  // The archives that have a part of the order. The lock may name one that is not declared.
  static base::Result<Sources> needed(const std::vector<Order>& wanted,
                                      const std::vector<Package>& packages,
                                      const Sources& declared) {
    Sources result{declared.debian, {}, {}};
    std::set<std::string> digests;
    for (const Order& order : wanted) digests.insert(order.arrival.sha256);
    for (const Package& package : packages) {
      if (package.source.empty() || !digests.contains(package.sha256)) continue;
      const auto found = declared.others.find(package.source);
      if (found == declared.others.end()) {
        return base::unexpected(base::fail("source.undeclared")
                                    .with("name", package.name + " " + package.version)
                                    .with("source", package.source));
      }
      result.others.insert(*found);
    }
    return result;
  }

  std::filesystem::path place(const Order& order) const {
    return kept / kept_name(Origin::debian, order.arrival.sha256);
  }

  // The lock names the mirrors that it was made from. Nobody else has a security update if this
  // machine's apt has no entry for that suite. Only Debian's: the others are declared.
  static std::vector<std::string> locked_uris(const Sources& sources, const Package& package) {
    std::vector<std::string> found;
    if (!package.source.empty()) return found;
    for (const Release& release : sources.locked) {
      const bool other = std::any_of(
          sources.others.begin(), sources.others.end(),
          [&](const auto& one) { return release.uri == without_slash(one.second.uri) + "/"; });
      const bool reachable = release.uri.starts_with("http://") ||
                             release.uri.starts_with("https://") ||
                             release.uri.starts_with("file:");
      if (release.suite != package.suite || other || !reachable) continue;
      found.push_back(without_slash(release.uri) + "/" + package.uri);
    }
    return found;
  }

  // Asks the mirrors of the lock for what this machine's own ones do not deliver. If they have no
  // answer either, the failure is still that of the own mirrors.
  base::Result<std::vector<Failure>> ask_locked(std::vector<Failure> failures,
                                                const std::vector<Package>& packages,
                                                const Sources& sources,
                                                base::Progress& progress) const {
    std::vector<Order> more;
    for (const Failure& failure : failures) {
      Order order = failure.order;
      order.uris.clear();
      for (const Package& package : packages) {
        if (package.sha256 != order.arrival.sha256) continue;
        for (std::string& uri : locked_uris(sources, package)) {
          if (!contains(failure.asked, uri)) order.uris.push_back(std::move(uri));
        }
        break;
      }
      if (!order.uris.empty()) more.push_back(std::move(order));
    }
    CCCI_TRY(const std::vector<Failure> again,
             fetch_all(more, kept, "fetching archives from the mirrors of the lock", progress,
                       bounds()));
    const auto still_missing = [&](const Failure& failure) {
      return !is_kept(kept, Origin::debian, failure.order.arrival.sha256,
                      failure.order.arrival.size);
    };
    std::vector<Failure> rest;
    std::copy_if(std::make_move_iterator(failures.begin()), std::make_move_iterator(failures.end()),
                 std::back_inserter(rest), still_missing);
    for (Failure& failure : rest) {
      for (const Failure& other : again) {
        if (other.order.arrival.sha256 != failure.order.arrival.sha256) continue;
        if (failure.asked.empty()) failure.error = other.error;
        failure.asked.insert(failure.asked.end(), other.asked.begin(), other.asked.end());
      }
    }
    return rest;
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
    if (entries.empty() || std::none_of(failures.begin(), failures.end(), missing)) return failures;
    // Without fresh indexes the missing files cannot be found: report them as missing.
    if (!refresh(progress, machine.patience) || !verify_indexes()) return failures;
    CCCI_TRY(const auto catalogue, Catalogue::open({}, kept));
    std::vector<Order> moved;
    std::map<std::string, std::vector<std::string>> asked;
    std::vector<Failure> rest;
    for (Failure& failure : failures) {
      Order order = failure.order;
      for (const Package& package : packages) {
        if (!missing(failure) || package.sha256 != order.arrival.sha256) continue;
        CCCI_TRY(const std::vector<Package> offers, catalogue->offered(package));
        for (Package offer : offers) {
          offer.source = package.source;
          for (const std::string& uri : uris(entries, offer)) order.uris.push_back(uri);
        }
        break;
      }
      if (order.uris.empty()) {
        rest.push_back(std::move(failure));
      } else {
        asked[order.arrival.sha256] = std::move(failure.asked);
        moved.push_back(std::move(order));
      }
    }
    CCCI_TRY(std::vector<Failure> again,
             fetch_all(moved, kept, "fetching archives that moved", progress, bounds()));
    for (Failure& failure : again) {
      const auto& before = asked[failure.order.arrival.sha256];
      failure.asked.insert(failure.asked.begin(), before.begin(), before.end());
    }
    std::move(again.begin(), again.end(), std::back_inserter(rest));
    return rest;
  }

  // Fetches from this machine's mirrors, then from those of the lock. `entries` may be empty.
  base::Result<std::vector<Failure>> fetch_from_all(const std::vector<Package>& packages,
                                                    const std::vector<Entry>& entries,
                                                    const Sources& sources,
                                                    base::Progress& progress) const {
    std::vector<Order> here = orders(packages, entries);
    std::vector<Failure> failures;
    if (entries.empty()) {
      for (Order& order : here) failures.push_back({.order = std::move(order), .error = {}});
    } else {
      CCCI_TRY(failures, fetch_all(here, kept, "fetching archives", progress, bounds()));
    }
    CCCI_TRY(failures, ask_locked(std::move(failures), packages, sources, progress));
    return look_elsewhere(std::move(failures), packages, entries, progress);
  }

  // Fetches the versions of an earlier lock that no index here has, so that libapt can read what
  // they depend on. What nobody has is given up. Returns whether anything came.
  base::Result<bool> bring_back(const std::vector<Package>& packages,
                                const std::vector<Entry>& entries, const Query& query,
                                base::Progress& progress) const {
    const std::size_t wanted = orders(packages, entries).size();
    CCCI_TRY(
        std::vector<Failure> failures,
        fetch_all(orders(packages, entries), kept, "fetching locked archives", progress, bounds()));
    CCCI_TRY(failures, ask_locked(std::move(failures), packages,
                                  {query.source, query.others, query.releases}, progress));
    return failures.size() < wanted;
  }

  // Those of the packages whose version differs from the one of the earlier lock because that one
  // is absent. All that are absent, if there are no packages: nothing could be installed then.
  static std::vector<Package> lost(const Catalogue& catalogue,
                                   const base::Result<std::vector<Package>>& packages) {
    std::vector<Package> found;
    for (const auto& [name, earlier] : catalogue.absent()) {
      const bool wanted =
          !packages || std::any_of(packages->begin(), packages->end(),
                                   [&, &wanted_name = name](const Package& one) {
                                     return one.name == wanted_name && one.source.empty();
                                   });
      if (wanted) found.push_back(earlier);
    }
    return found;
  }

  base::Error told(Failure failure, const std::vector<Package>& packages) const {
    if (!failure.error.is(base::Condition::not_found)) return std::move(failure.error);
    const std::string& name = failure.order.arrival.name;
    base::Error error = base::fail("source.gone")
                            .with("name", name)
                            .with("package", name.substr(0, name.find(' ')))
                            .with("sha256", failure.order.arrival.sha256)
                            .with("uri", base::join(failure.asked, ", "))
                            .with("path", place(failure.order).native());
    for (const Package& package : packages) {
      const bool same = package.sha256 == failure.order.arrival.sha256;
      if (same && !package.suite.empty()) return std::move(error).with("suite", package.suite);
    }
    return error;
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
  CCCI_TRY(const std::vector<Entry> entries, impl_->prepare({query.source, query.others}));
  Answer answer;
  CCCI_TRY(answer.releases, impl_->releases(entries, progress));
  CCCI_TRY(auto catalogue, impl_->catalogue(query, entries));
  auto packages = resolution(*catalogue, query, progress);
  std::vector<Package> lost = Impl::lost(*catalogue, packages);
  if (!lost.empty() && !impl_->offline) {
    CCCI_TRY(const bool came, impl_->bring_back(lost, entries, query, progress));
    if (came) {
      catalogue.reset();
      CCCI_CHECK(impl_->prepare({query.source, query.others}));
      CCCI_TRY(catalogue, impl_->catalogue(query, entries));
      packages = resolution(*catalogue, query, progress);
      lost = Impl::lost(*catalogue, packages);
    }
  }
  if (!packages) return base::unexpected(std::move(packages).error());
  answer.packages = *std::move(packages);
  for (const Package& package : lost) answer.lost.push_back(package.name);
  for (const Package& package : answer.packages) {
    if (package.source.empty() && catalogue->is_without_programs(package.name)) {
      answer.without_programs.push_back(package.name);
    }
  }
  return answer;
}

base::Result<std::vector<std::string>> Archive::known(const std::vector<std::string>& names,
                                                      const Sources& sources,
                                                      base::Progress& progress) {
  const Surroundings surroundings;
  CCCI_TRY(const base::Fd held, lock(impl_->root, progress));
  CCCI_CHECK(impl_->prepare({sources.debian, {}}));
  CCCI_TRY(const auto catalogue, Catalogue::open({}, impl_->kept));
  std::vector<std::string> found;
  for (const std::string& name : names) {
    if (!catalogue->candidate(name).end()) found.push_back(name);
  }
  return found;
}

base::Result<void> Archive::fetch(const std::vector<Package>& packages, const Sources& sources,
                                  base::Progress& progress) {
  const Surroundings surroundings;
  CCCI_TRY(const base::Fd held, lock(impl_->root, progress));
  const std::vector<Order> wanted = impl_->orders(packages, {});
  if (wanted.empty()) return {};
  if (impl_->offline) {
    std::vector<Package> missing;
    for (const Order& order : wanted) {
      const auto same = [&](const Package& one) { return one.sha256 == order.arrival.sha256; };
      missing.push_back(*std::find_if(packages.begin(), packages.end(), same));
    }
    return base::unexpected(not_kept(impl_->kept, missing));
  }
  CCCI_TRY(const Sources needed, impl_->needed(wanted, packages, sources));
  auto entries = impl_->prepare(needed);
  // A lock can be fetched where apt has no entry at all.
  if (!entries && (sources.locked.empty() || !needed.others.empty())) {
    return base::unexpected(std::move(entries).error());
  }
  const std::vector<Entry> own = entries ? *entries : std::vector<Entry>{};
  CCCI_TRY(std::vector<Failure> failures, impl_->fetch_from_all(packages, own, sources, progress));
  if (failures.empty()) return {};
  std::vector<base::Error> errors;
  for (Failure& failure : failures) {
    if (!entries && failure.asked.empty()) return base::unexpected(std::move(entries).error());
    errors.push_back(impl_->told(std::move(failure), packages));
  }
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::source::debian
