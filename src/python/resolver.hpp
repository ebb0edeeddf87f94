// SPDX-License-Identifier: GPL-3.0-or-later
// Resolves modules by pip's own resolver. pip is Debian's, locked and run sealed off in a root with
// the environment's interpreter and Debian's modules. So markers, tags and what Debian already
// supplies are right without rules of our own. No configuration of pip on the host has influence.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "lock/lock.hpp"
#include "python/report.hpp"
#include "store/store.hpp"

namespace ccci::python {

// What the declaration asks of the index: projects with a rule, modules that the lock does not have
// from Debian, and the requirements. `debian`: the lock without the index. [python.*]
base::Result<std::vector<Wanted>> wanted(const declare::Declaration& declaration,
                                         const lock::Lock& debian);

// The packages of the lock that the resolver's root needs: Python, pip and the modules of Debian.
std::vector<source::Package> resolver_packages(const lock::Lock& debian);

struct Request {
  const declare::Declaration& declaration;
  std::vector<Wanted> wanted;
  const lock::Lock* earlier = nullptr;  // its versions are kept if that is possible
  std::vector<std::string> update;      // except these: "pypi:NAME"
  bool update_all = false;
  bool offline = false;  // pip sees the wheels of the earlier lock that are here
  std::string user;      // for the declared index, and for no other; may be empty
  std::string password;
  std::vector<std::string> variables;  // NAME=value: the proxies of the network
  std::string authorities;             // PEM: whom to trust with TLS
};

struct Resolved {
  std::vector<source::Package> packages;
  // Reasons for packages of Debian that supply what was asked of the index, by package.
  std::map<std::string, std::vector<std::string>> supplied;
};

// The packages of resolver_packages() must be in the store. Asks the index. Offline, wheels that
// are here may be the answer too: [python.offline] if they are not. [python.*], [seal.*], [store.*]
base::Result<Resolved> resolve(store::Store& store, const lock::Lock& debian,
                               const Request& request, base::Progress& progress);

}  // namespace ccci::python
