// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/acceptance.hpp"

#include <algorithm>
#include <set>

#include "environment/libraries.hpp"
#include "environment/part.hpp"
#include "project/resolve.hpp"
#include "source/debian/archive.hpp"
#include "source/kept.hpp"
#include "source/pypi/wheels.hpp"

namespace ccci::project {

namespace {

using environment::Linked;
using environment::MissingLibrary;
using environment::Part;

class Acceptance {
 public:
  Acceptance(const Project& project, const Context& context, store::Store& store,
             const lock::Lock& lock)
      : project_(project), context_(context), store_(store), lock_(lock) {}

  base::Result<void> check() {
    std::vector<base::Error> errors;
    std::set<std::string> named;
    for (const std::string& set : sets()) {
      CCCI_TRY(const std::vector<MissingLibrary> missing, missing_in(set));
      for (const MissingLibrary& one : missing) {
        if (!named.insert(one.library).second) continue;
        CCCI_TRY(base::Error error, explained(one));
        errors.push_back(std::move(error));
      }
    }
    if (errors.empty()) return {};
    return base::unexpected(base::together(std::move(errors)));
  }

 private:
  std::vector<std::string> sets() const {
    std::vector<std::string> all{"shared"};
    for (const auto& [name, host] : project_.declaration.hosts) {
      if (host.has_own_environment()) all.push_back(name);
    }
    return all;
  }

  bool is_here(const source::Package& package) const {
    return store_.has(environment::object_address(package)) ||
           source::is_kept(store_.archives(), package.origin, package.sha256, package.size);
  }

  bool can_be_here(const source::Package& package) const {
    if (is_here(package)) return true;
    if (package.origin == source::Origin::archive) return false;
    const bool index = package.origin != source::Origin::debian;
    return !context_.offline || (index && source::pypi::is_loopback(package.uri));
  }

  base::Result<std::vector<Part>> parts(const std::vector<source::Package>& packages) {
    CCCI_CHECK(unpacked(project_, context_, store_, packages));
    return environment::read_parts(store_, packages);
  }

  base::Result<std::vector<MissingLibrary>> missing_in(const std::string& set) {
    const std::vector<source::Package> closure = lock_.closure(set);
    std::vector<source::Package> chosen;
    for (const source::Package& package : closure) {
      if (environment::has_checked_files(package) && can_be_here(package)) {
        chosen.push_back(package);
      }
    }
    std::vector<MissingLibrary> missing;
    if (chosen.empty()) return missing;
    CCCI_TRY(std::vector<Part> there, parts(chosen));
    CCCI_TRY(const std::vector<Linked> linked, environment::linked_files(store_, there));
    CCCI_CHECK(look(linked, there, missing));
    // The packages with the names of the missing libraries, then all.
    for (const bool all : {false, true}) {
      if (missing.empty()) break;
      const std::set<std::string> likely = names_of(missing);
      std::vector<source::Package> more;
      for (const source::Package& package : closure) {
        if (environment::has_checked_files(package)) continue;
        if (all || likely.contains(package.name)) more.push_back(package);
      }
      // Without the packages, nothing can be said. The build checks it again.
      if (!std::all_of(more.begin(), more.end(),
                       [&](const auto& one) { return can_be_here(one); })) {
        return std::vector<MissingLibrary>();
      }
      CCCI_TRY(std::vector<Part> found, parts(more));
      CCCI_CHECK(look(linked, with(there, std::move(found)), missing));
    }
    return missing;
  }

  static std::vector<Part> with(const std::vector<Part>& some, std::vector<Part> more) {
    more.insert(more.end(), some.begin(), some.end());
    return more;
  }

  base::Result<void> look(const std::vector<Linked>& linked, const std::vector<Part>& parts,
                          std::vector<MissingLibrary>& missing) const {
    CCCI_TRY(missing, environment::missing_libraries(store_, linked, parts,
                                                     project_.declaration.absent_libraries));
    return {};
  }

  static std::set<std::string> names_of(const std::vector<MissingLibrary>& missing) {
    std::set<std::string> names;
    for (const MissingLibrary& one : missing) {
      for (std::string& name : environment::library_packages(one.library)) {
        names.insert(std::move(name));
      }
    }
    return names;
  }

  // Names the package only if Debian's index has it.
  base::Result<base::Error> explained(const MissingLibrary& missing) const {
    base::Error error = environment::missing_library(missing);
    CCCI_TRY(
        const std::vector<std::string> known,
        known_packages(project_, context_, store_, environment::library_packages(missing.library)));
    if (!known.empty()) error = std::move(error).with("package", known.front());
    return error;
  }

  const Project& project_;
  const Context& context_;
  store::Store& store_;
  const lock::Lock& lock_;
};

}  // namespace

base::Result<void> check_before_accepting(const Project& project, const Context& context,
                                          const lock::Lock& lock) {
  const bool any = std::any_of(lock.packages.begin(), lock.packages.end(), [](const auto& package) {
    return environment::has_checked_files(package);
  });
  if (!any) return {};
  CCCI_TRY(store::Store store, store::Store::open(context.state));
  store.report_to(context.progress);
  CCCI_TRY(const store::Hold hold, store.hold());
  return Acceptance(project, context, store, lock).check();
}

}  // namespace ccci::project
