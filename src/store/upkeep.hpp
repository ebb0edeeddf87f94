// SPDX-License-Identifier: GPL-3.0-or-later
// Verifies and repairs the store, and collects garbage.
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

enum class Damage { changed, missing, alien, mode, time, unreadable, manifest, archive };

struct Finding {
  Damage damage;
  Address object;    // no hash if it is not an object: then `label` is the archive's name, or the
                     // path below STATE of the entry that is not part of the store
  std::string path;  // inside the object: "root/usr/bin/git", "control/postinst", "manifest";
                     // empty: the whole object, which others need, is missing
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

// Reads every file of every object (or only of `only`) and every kept archive, in parallel.
// Continues after every finding, also if a file cannot be read. Files shared by hard links are read
// once.
base::Result<Verification> verify(const Store& store, const std::vector<Address>& only,
                                  base::Progress& progress, unsigned threads = 0);

// Unpacks damaged package objects again from their kept archives. Each damaged file gets new bytes
// in a new inode, and this inode replaces the old one in every object that shares it, also in
// objects that `damage` does not name. If no archive holds the content, an undamaged file with the
// same content in any object is used. Removes alien files, and kept archives whose content does not
// match their name. Returns the remaining damage: the caller must discard() these objects and make
// them again.
base::Result<Verification> repair(Store& store, const Verification& damage,
                                  base::Progress& progress);

// Removes an object from the store, whatever it contains, so that it can be made again.
base::Result<void> discard(Store& store, const Address& object);

struct Root {
  std::string name;  // "system cc-ci", "root ci", "process 4711 (pytest)"
  Address object;
};

struct Weight {
  std::string root;
  std::uint64_t total = 0;  // bytes of its closure
  std::uint64_t only = 0;   // bytes that removing this root would free
};

struct Collection {
  std::vector<Root> roots;
  std::vector<Weight> weights;
  std::vector<Address> removed;       // with dry_run: what would be removed
  std::vector<std::string> archives;  // kept files that no object needs
  std::uint64_t bytes = 0;            // freed; shared inodes count once
};

// Explicit roots are links in STATE/roots. A name has letters, digits, '.', '_', '-', '+', and does
// not begin with '.'. If a root of this name exists, it is changed to `object`. [store.root-name],
// [store.unknown], [store.root-link] for a link that names no object: collect() must not guess.
base::Result<void> add_root(Store& store, const std::string& name, const Address& object);
base::Result<void> remove_root(Store& store, const std::string& name);  // [store.unknown-root]
// These two wait for the disk only once for all roots. A root that no longer exists is not an
// error.
base::Result<void> add_roots(Store& store, const std::map<std::string, Address>& objects);
base::Result<void> drop_roots(Store& store, const std::vector<std::string>& names);
base::Result<std::vector<Root>> roots(const Store& store);
// Environments that a live process uses, found through /proc/*/mountinfo and /proc/*/environ, and
// in another pid namespace than the host's through open files.
base::Result<std::vector<Root>> roots_in_use(const Store& store);

// Removes every object that no root reaches. Roots are explicit roots and live processes; "needs"
// in meta.json is followed. Waits for running builds (store.hpp, Hold). First renames the objects
// to staging/; an object goes before those that it needs. Then calls `withdrawn` for each
// environment among them, so that the launcher's kept namespace is released and no process can join
// it. Then reads /proc again and puts back the environments that a process entered meanwhile.
// `archives`: also removes kept files from which no remaining package object was made.
// [store.busy], [store.meta]
base::Result<Collection> collect(Store& store, bool dry_run, bool archives,
                                 base::Progress& progress,
                                 const std::function<void(const Address&)>& withdrawn = {});

}  // namespace ccci::store
