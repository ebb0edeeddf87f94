// SPDX-License-Identifier: GPL-3.0-or-later
// Builds everything that a lock describes: packages, the shared environment, its entrypoints, and
// the systems of the hosts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "configure/configure.hpp"
#include "declare/declaration.hpp"
#include "environment/plan.hpp"
#include "host/system.hpp"
#include "lock/lock.hpp"
#include "store/package.hpp"
#include "store/store.hpp"

namespace ccci::host {

struct Build {
  std::string launcher;                                 // path of cc-ci-enter in the store
  environment::Environment environment;                 // the shared one
  std::map<std::string, EntrypointObject> entrypoints;  // the declared ones
  EntrypointObject inside;                              // runs any command in the shared one
  std::map<std::string, System> systems;                // of the requested hosts
  std::map<std::string, EntrypointObject> host_inside;  // like `inside`, for each host

  std::vector<store::Address> objects() const;  // those that need a root, or gc deletes them
};

// What is not yet in the store, in the order in which it would be made. For a dry run.
struct Missing {
  std::vector<source::Package> archives;  // to fetch
  std::vector<source::Package> packages;  // to unpack
  std::vector<store::Address> environments;
};

// Fetches the archives of the packages into the store's directory of archives.
using Fetch = std::function<base::Result<void>(const std::vector<source::Package>&)>;

class Builder {
 public:
  Builder(store::Store& store, const declare::Declaration& declaration, const lock::Lock& lock,
          Fetch fetch, base::Progress& progress)
      : store_(store),
        declaration_(declaration),
        lock_(lock),
        fetch_(std::move(fetch)),
        progress_(progress) {}

  // Every name in `hosts` must be a declared host. [source.*], [store.*], [environment.*], [host.*]
  base::Result<Build> build(const std::vector<std::string>& hosts);
  // What build() would return. Every environment must be in the store. Writes nothing. The systems
  // have no digests.
  base::Result<Build> plan(const std::vector<std::string>& hosts);
  Missing missing(const std::vector<std::string>& hosts) const;
  // Fetches, unpacks and configures the packages of an image. What the scripts made comes last.
  base::Result<std::vector<environment::Part>> parts_of_image(const std::string& image);

 private:
  struct Derived {
    Build build;
    std::vector<PlannedObject> objects;  // all except the systems, each after those that it needs
  };
  using Made = std::shared_ptr<const environment::Environment>;

  base::Result<Derived> derive(const std::vector<std::string>& hosts);
  base::Result<Made> environment(const std::string& set);
  // The packages of a set, and what their scripts made.
  struct Configured {
    std::vector<environment::Part> packages;
    std::vector<environment::Part> made;
  };
  base::Result<Configured> configure(const std::string& set,
                                     configure::Configurer& configurer) const;
  base::Result<environment::Environment> compose(const std::string& set,
                                                 Configured configured) const;
  base::Result<void> compose_all(const std::vector<std::string>& sets,
                                 std::unique_ptr<configure::Configurer> configurer);
  base::Result<void> add_packages(const std::vector<source::Package>& packages,
                                  const store::Early& early = {});

  store::Store& store_;
  const declare::Declaration& declaration_;
  const lock::Lock& lock_;
  Fetch fetch_;
  base::Progress& progress_;
  std::map<store::Address, Made> made_;
};

// The path of a package's archive: SHA256.deb, or SHA256.archive for a pinned archive.
std::filesystem::path kept_archive(const store::Store& store, const source::Package& package);

}  // namespace ccci::host
