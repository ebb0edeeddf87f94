// SPDX-License-Identifier: GPL-3.0-or-later
// The steps that compose an environment, as a value. A dry run, the tests and build() use it.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "environment/configuration.hpp"
#include "environment/dpkg_database.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"
#include "lock/lock.hpp"

namespace ccci::environment {

struct Operation {
  // script: the file of a part with another first line. starter: a text file that starts a
  // program; if that is a script, it has lines for the script's interpreter too.
  enum class Kind { directory, hard_link, link, file, script, starter };

  Kind kind = Kind::directory;
  std::string path;          // in the root
  store::Entry entry;        // the resulting entry; of a new file only mode and time
  int part = -1;             // hard_link, script, starter: index into the parts
  std::string path_in_part;  // hard_link, script; starter: of the program
  std::string content;       // file; script, starter: the first line
  std::string program = {};  // starter: its path in the root, "/usr/bin/mocha"
  std::string needs = {};    // starter: the package whose needs it has

  bool operator==(const Operation&) const = default;
};

struct Plan {
  store::Address address;
  std::vector<store::Address> needs;      // the parts' objects
  std::vector<Operation> operations;      // sorted by path: directories before their content
  std::vector<std::string> certificates;  // paths in the root, to go into the CA bundle
  std::int64_t certificates_time = 0;     // the newest time of these
  bool linker_cache = false;              // the root has a linker whose cache must be made
  bool java_store = false;                // the root has Java, which reads another CA bundle
  std::vector<PhpModule> php_modules;     // to be enabled
  std::int64_t epoch = 0;                 // the newest time of a package's file (SOURCE_DATE_EPOCH)
  std::vector<std::string> left_out;      // files that are not composed, "package: path"
  Environment environment;  // without digest, bytes and entries: they are known after the build
};

// Only the address, from the lock and the declaration. A build that has nothing to do needs no
// more. The address covers everything that the plan depends on. `set` is "shared" or a host's name.
// A host without extra tools has the shared environment.
store::Address address_of(const declare::Declaration& declaration, const lock::Lock& lock,
                          const std::string& set);

// `parts` are those of lock.closure(set), in the same order, then what their scripts made. Reports
// all errors at once: [environment.*].
base::Result<Plan> plan(const declare::Declaration& declaration, const lock::Lock& lock,
                        const std::string& set, const std::vector<Part>& parts);

// A file or directory of cc-ci's own in a root.
struct OwnFile {
  std::string path;
  std::string content = {};
  bool executable = false;
  bool directory = false;
};

// A root of packages alone, in which maintainer scripts can run: without commands on PATH and
// without links to the host. `pending`: whose scripts will run. [environment.collision]
base::Result<Plan> plan_root(const std::vector<Part>& parts, const DpkgPending& pending,
                             const std::vector<OwnFile>& files);

}  // namespace ccci::environment
