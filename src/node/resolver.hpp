// SPDX-License-Identifier: GPL-3.0-or-later
// Resolves packages of the npm registry by npm itself. npm is Debian's, locked and run sealed off
// in a root of its own. No configuration of npm on the host has influence, and no script of a
// package runs. npm also fetches the files and checks their digests; they are kept for the build.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "lock/lock.hpp"
#include "node/installed.hpp"
#include "node/project_lock.hpp"
#include "store/store.hpp"

namespace ccci::node {

// The packages of the registry that the declaration asks for.
std::vector<Wanted> wanted(const declare::Declaration& declaration);

// The packages of the lock that the resolver's root needs: npm with all that it depends on.
std::vector<source::Package> resolver_packages(const lock::Lock& debian);

struct Registry {
  std::string address;  // empty: npm's own
  std::string token;    // either this, or user and password; may be empty
  std::string user;
  std::string password;
};

// How npm asks the registries.
struct Access {
  Registry registry;
  std::map<std::string, Registry> scopes;  // "@company": for its packages
  std::vector<std::string> variables;      // NAME=value: the proxies of the network
  std::string authorities;                 // PEM: whom to trust with TLS
};

struct Request {
  Access access;
  std::vector<Wanted> wanted;
  std::vector<ProjectLock> locks;
  const lock::Lock* earlier = nullptr;  // its versions are kept if that is possible
  std::vector<std::string> update;      // except these: "npm:NAME"
  bool update_all = false;
};

struct Resolved {
  std::vector<source::Package> packages;
  std::vector<lock::Elsewhere> elsewhere;
};

// The packages of resolver_packages() must be in the store. Asks the registry. [node.*], [seal.*],
// [store.*]
base::Result<Resolved> resolve(store::Store& store, const lock::Lock& debian,
                               const Request& request, base::Progress& progress);

// Fetches the files of packages by npm, for a registry that only a token opens: libapt sends none.
// The same must be in the store. [node.*], [source.*], [seal.*], [store.*]
base::Result<void> fetch(store::Store& store, const lock::Lock& debian, const Access& access,
                         const std::vector<source::Package>& packages, base::Progress& progress);

}  // namespace ccci::node
