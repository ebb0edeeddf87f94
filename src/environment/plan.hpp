// SPDX-License-Identifier: GPL-3.0-or-later
// What composing an environment will do, as a value: a dry run, the tests and build() share it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/configuration.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"
#include "lock/lock.hpp"

namespace ccci::environment {

struct Operation {
  enum class Kind { directory, hard_link, link, file };

  Kind kind = Kind::directory;
  std::string path;          // in the root
  store::Entry entry;        // hard_link, link: what stands there then
  int part = -1;             // hard_link: index into the parts
  std::string path_in_part;  // hard_link
  std::string content;       // file

  bool operator==(const Operation&) const = default;
};

struct Plan {
  store::Address address;
  std::vector<store::Address> needs;      // the parts' objects
  std::vector<Operation> operations;      // sorted by path: parents come before what they hold
  std::vector<std::string> certificates;  // paths in the root, to go into the CA bundle
  bool linker_cache = false;              // the root has a linker whose cache must be made
  bool java_store = false;                // the root has Java, which reads another CA bundle
  std::vector<PhpModule> php_modules;     // to be enabled
  std::vector<std::string> left_out;      // files outside usr/ and etc/, "package: path"
  Environment environment;  // without digest, bytes and entries: those are known after
};

// The address alone, from the lock and the declaration: what a build with nothing to do needs. It
// covers everything that the plan depends on. `set` is "shared" or a host's name; a host without
// extra tools has the shared environment.
store::Address address_of(const declare::Declaration& declaration, const lock::Lock& lock,
                          const std::string& set);

// `parts` are those of lock.closure(set), in its order. [environment.*], all at once.
base::Result<Plan> plan(const declare::Declaration& declaration, const lock::Lock& lock,
                        const std::string& set, const std::vector<Part>& parts);

}  // namespace ccci::environment
