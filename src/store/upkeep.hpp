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
  Address object;    // without a hash for what is no object: `label` is the archive's name, or the
                     // path below STATE of what does not belong into the store
  std::string path;  // within the object: "root/usr/bin/git", "control/postinst", "manifest"
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
// in a fresh inode, and puts that inode in the place of the old in every object that shares it,
// also in those that `damage` does not name. What no archive holds is taken from an undamaged file
// of the same content in any object. Alien files are removed, a kept archive that is not what its
// name says as well. Returns what is still wrong: such objects the caller makes anew after
// discard().
base::Result<Verification> repair(Store& store, const Verification& damage,
                                  base::Progress& progress);

// Takes an object out of the store, whatever it holds, so that it can be made again.
base::Result<void> discard(Store& store, const Address& object);

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

// Explicit roots: links in STATE/roots. A name: letters, digits, '.', '_', '-', '+', not beginning
// with '.'. An existing root of that name moves on to `object`. [store.root-name], [store.unknown],
// [store.root-link] for a link that names no object: collect() must not guess.
base::Result<void> add_root(Store& store, const std::string& name, const Address& object);
base::Result<void> remove_root(Store& store, const std::string& name);  // [store.unknown-root]
// Several wait for the disk once. What is not there any more need not be dropped.
base::Result<void> add_roots(Store& store, const std::map<std::string, Address>& objects);
base::Result<void> drop_roots(Store& store, const std::vector<std::string>& names);
base::Result<std::vector<Root>> roots(const Store& store);
// Environments that a live process stands in, found through /proc/*/mountinfo and /proc/*/environ.
base::Result<std::vector<Root>> roots_in_use(const Store& store);

// Removes what no root reaches, by explicit roots, live processes, and "needs" in meta.json. Waits
// for builds that run (store.hpp, Hold). Objects go to staging by rename first, those that need
// others before those; then `withdrawn` is called for each environment among them (the launcher's
// kept namespace must go, so that nobody joins it any more), then /proc is read again: what
// somebody entered meanwhile comes back. `archives`: kept files are removed too when no remaining
// package object was made from them. [store.busy], [store.meta]
base::Result<Collection> collect(Store& store, bool dry_run, bool archives,
                                 base::Progress& progress,
                                 const std::function<void(const Address&)>& withdrawn = {});

}  // namespace ccci::store
