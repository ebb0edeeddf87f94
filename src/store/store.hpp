// SPDX-License-Identifier: GPL-3.0-or-later
// Immutable directories, each under the address of what it was made from. An object is in the store
// complete and on disk, or not at all. The store knows no environments.
//
//   STATE/store/KIND/HASH-LABEL/     root/ (the content), manifest, meta.json, control/ …
//   STATE/staging/                   what is being made, and what is being deleted
//   STATE/archives/SHA256.deb        fetched files, the lock's second half
//   STATE/roots/NAME                 explicit roots: links to objects
//   STATE/locks/                     flock(2) files: one per object being made, one for collection
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"
#include "store/address.hpp"

namespace ccci::store {

// An object being made, exclusively. Dropped without publish: its staging directory is removed.
class Staging {
 public:
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) noexcept;
  ~Staging();

  int directory() const;               // O_PATH-free descriptor of the staging directory
  std::filesystem::path path() const;  // for programs that take paths; not stable after publish
  const Address& address() const;
  // Says that every mode and time below root/ is already what publish() would make it: for trees of
  // links to published files, where looking at each would take longer than making it.
  void root_is_normal();

 private:
  friend class Store;
  struct State;
  explicit Staging(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// While one lives, no process collects garbage in this store. A build takes one before it asks
// has() for the first time and drops it when what it made has a root; every Staging holds one as
// well.
using Hold = std::shared_ptr<const base::Fd>;

class Store {
 public:
  // Makes the layout where it is missing and clears staging left by dead processes.
  // [store.state-directory]
  static base::Result<Store> open(const std::filesystem::path& state,
                                  base::Disk& disk = base::real_disk());
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& state() const;
  std::filesystem::path archives() const;
  std::filesystem::path path(const Address& address) const;  // whether it exists or not
  bool has(const Address& address) const;

  // Waits until no collection runs. [store.lock]
  base::Result<Hold> hold();

  // Waits until no other process makes this object; then either it exists (nothing) or the caller
  // is the one to make it. Concurrent builds of one thing so share the work. Whoever claims a
  // second object while holding a first must not wait with publishing the first: two builds could
  // then wait for each other. [store.lock], [store.staging]
  base::Result<std::optional<Staging>> claim(const Address& address);

  // Normalises modes (755, or 644 for a file nobody may execute) and times, writes `seal` (the
  // manifest of all but root/), syncs contents and directories, renames into place, syncs the
  // parent. After this returns, power may fail. [store.publish], [store.no-space]
  base::Result<void> publish(Staging staging);
  // The same for several at once: one sync of the file system instead of one per file.
  base::Result<void> publish(std::vector<Staging> staged);

  std::vector<Address> list(Kind kind) const;  // sorted
  // The object whose hash begins with `prefix` (4 digits at least). [store.unknown],
  // [store.ambiguous]
  base::Result<Address> find(std::string_view prefix) const;

  // For the other files of this room.
  int directory() const;  // descriptor of STATE
  int directory(Kind kind) const;
  int staging() const;
  int locks() const;
  base::Disk& disk() const;
  // An empty directory in staging/, of nobody's address: for what is being repaired or deleted.
  base::Result<Staging> scratch(std::string_view label);
  // Waits until no Staging and no Hold lives in any process, and keeps new ones waiting.
  // [store.busy] where this very Store has one out.
  base::Result<base::Fd> exclude_builders();

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  base::Result<void> sync_staged(const std::vector<Staging>& staged, bool singly);
  void withdraw(std::vector<Staging>& staged, Kind kind, const base::Error& error,
                std::vector<base::Error>& errors);
  std::unique_ptr<State> state_;
};

}  // namespace ccci::store
