// SPDX-License-Identifier: GPL-3.0-or-later
// The declaration that a command works on, the lock beside it, and what is made of both.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/invocation.hpp"
#include "declare/declaration.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "store/store.hpp"

namespace ccci::cli {

struct Project {
  std::filesystem::path file;       // cc-ci.toml, as given
  std::filesystem::path lock_file;  // cc-ci.lock beside it
  declare::Declaration declaration;

  std::filesystem::path directory() const;  // that holds both
};

// [cli.no-declaration], [declare.*]
base::Result<Project> open_project(const Invocation& invocation);

// The lock, or nothing where there is none yet. [lock.*]
base::Result<std::optional<lock::Lock>> read_lock(const Project& project);

// The lock that answers the declaration as it stands. [cli.no-lock], [cli.stale-lock]
base::Result<lock::Lock> current_lock(const Project& project);

// What the lock lacks and what it has beyond the declaration: "tool jq"; both sorted.
struct Disagreement {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  bool other = false;  // the source or a rule changed
};
std::optional<Disagreement> disagreement(const declare::Declaration& declaration,
                                         const lock::Lock& lock);

// Asks the sources; where --offline or `offline` says so, what of them is kept here. `earlier`
// keeps its versions where they can stay.
base::Result<lock::Lock> resolve(const Project& project, Invocation& invocation,
                                 const lock::Lock* earlier, const std::vector<std::string>& update,
                                 bool update_all, bool offline = false);

// `resolves`: where there is no lock yet or a stale one, it is made first, as `cc-ci lock` does;
// otherwise what current_lock() says.
base::Result<lock::Lock> lock_for_build(const Project& project, Invocation& invocation,
                                        bool resolves);

// Fetches archives into the store as --offline allows.
host::Fetch fetcher(const Project& project, Invocation& invocation, const store::Store& store);

// All declared hosts, or those named. [cli.unknown-host]
base::Result<std::vector<std::string>> hosts(const Project& project,
                                             const std::vector<std::string>& names);

// The explicit roots that a build has, by name.
std::map<std::string, store::Address> root_names(const Project& project, const host::Build& build);

// Builds what is missing, and roots what this declaration now has in the place of what it had.
base::Result<host::Build> build(const Project& project, Invocation& invocation, store::Store& store,
                                const lock::Lock& lock, const std::vector<std::string>& hosts);

}  // namespace ccci::cli
