// SPDX-License-Identifier: GPL-3.0-or-later
// Verify, repair, collect.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace ccci::store {

enum class Damage { changed, missing, alien, mode, unreadable, manifest, archive };

struct Finding {
  Damage damage;
  Address object;    // for Damage::archive: only `label` is set, to the file's name
  std::string path;  // within the object's root
  std::string expected;
  std::string found;

  bool operator==(const Finding&) const = default;
};

struct Verification {
  std::uint64_t objects = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<Finding> findings;  // sorted by object and path
};

// Total: reads every file of every object (or of `only`), and every kept archive, in parallel, goes
// on after every finding, also after one it cannot read. Files shared by hard links are read once.
base::Result<Verification> verify(const Store& store, const std::vector<Address>& only,
                                  base::Progress& progress, unsigned threads = 0);

// Makes damaged package objects anew from their kept archives, gives every damaged file fresh bytes
// in a fresh inode, and puts that inode in the place of the old in every object that shares it.
// Returns what is still wrong [store.beyond-repair is for the caller to say].
base::Result<Verification> repair(Store& store, const Verification& damage,
                                  base::Progress& progress);

// Which objects an object needs: kept in its meta.json under "needs" as "KIND/HASH-LABEL".
struct Root {
  std::string name;  // "system cc-ci", "root ci", "process 4711 (pytest)"
  Address object;
};

struct Weight {
  std::string root;
  std::uint64_t total = 0;  // bytes its closure takes
  std::uint64_t only = 0;   // bytes that would be freed without it
};

struct Collection {
  std::vector<Root> roots;
  std::vector<Weight> weights;
  std::vector<Address> removed;       // with dry_run: would be removed
  std::vector<std::string> archives;  // kept files that no object needs any more
  std::uint64_t bytes = 0;            // freed, shared inodes counted once
};

// Explicit roots: links in STATE/roots.
base::Result<void> add_root(Store& store, const std::string& name, const Address& object);
base::Result<void> remove_root(Store& store, const std::string& name);  // [store.unknown-root]
base::Result<std::vector<Root>> roots(const Store& store);
// Environments that a live process stands in, found through /proc/*/mountinfo and /proc/*/environ.
base::Result<std::vector<Root>> roots_in_use(const Store& store);

// Removes what no root reaches. Objects go to staging by rename first, then /proc is read again:
// what somebody entered meanwhile comes back. `archives`: kept files are removed too when no
// remaining package object was made from them.
base::Result<Collection> collect(Store& store, bool dry_run, bool archives,
                                 base::Progress& progress);

}  // namespace ccci::store
