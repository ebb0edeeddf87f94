// SPDX-License-Identifier: GPL-3.0-or-later
// Immutable directories. The address of each is a hash of what it was made from. An object is in
// the store complete and durable on disk, or not at all. The store does not know what an
// environment is.
//
//   STATE/store/KIND/HASH-LABEL/     root/ (the content), manifest, meta.json, control/ …
//   STATE/staging/                   objects that are being made or deleted
//   STATE/archives/SHA256.deb        fetched files that the lock names
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
#include "base/progress.hpp"
#include "base/result.hpp"
#include "store/address.hpp"

namespace ccci::store {

// An object that only this process is making. If it is destroyed without publish(), its staging
// directory is removed.
class Staging {
 public:
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) noexcept;
  ~Staging();

  int directory() const;               // O_PATH-free descriptor of the staging directory
  std::filesystem::path path() const;  // for programs that take paths; not stable after publish
  const Address& address() const;
  // Tells publish() that root/ and all below it have their modes and times already. For trees with
  // times of their own, and because a check of each file would take longer than making the tree.
  void root_is_normal();

 private:
  friend class Store;
  struct State;
  explicit Staging(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// As long as a Hold exists, no process collects garbage in this store. A build takes a Hold before
// it calls has() for the first time, and drops it when a root refers to what it made. Every Staging
// also has one.
using Hold = std::shared_ptr<const base::Fd>;

// Nothing below STATE is followed as a link. Root opens only a state that nobody else can change.
class Store {
 public:
  // Creates the missing directories, and removes what dead processes left in staging/.
  // [store.state-directory], [store.state-link], -owner, -mode, -above, -blank
  static base::Result<Store> open(const std::filesystem::path& state,
                                  base::Disk& disk = base::real_disk());
  // For commands that only read: changes nothing. An absent state is an empty store.
  static base::Result<Store> look(const std::filesystem::path& state);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& state() const;
  std::filesystem::path archives() const;
  std::filesystem::path path(const Address& address) const;  // even if it does not exist
  bool has(const Address& address) const;

  bool writable() const;                     // whether this process may publish objects
  void report_to(base::Progress& progress);  // says for which process this Store waits

  // Waits until no collection runs. A user who may not open the lock can only read, and gets a Hold
  // that protects nothing. [store.lock], [base.lock-busy]
  base::Result<Hold> hold();

  // Waits until no other process makes this object. Then it returns nothing if the object exists;
  // otherwise the caller must make it. So concurrent builds of the same object share the work. A
  // caller that claims a second object while it holds a first must not wait before it publishes the
  // first: otherwise two builds could wait for each other. [store.lock], [store.staging]
  base::Result<std::optional<Staging>> claim(const Address& address);

  // Normalises times and modes (755, or 644 for a file without execute permission), writes `seal`
  // (the manifest of all except root/), syncs contents and directories, renames the object into
  // place, and syncs the parent directory. After it returns, the object survives a power failure.
  // [store.publish], [store.no-space]
  base::Result<void> publish(Staging staging);
  // The same for several objects, with one sync of the file system instead of one per file.
  base::Result<void> publish(std::vector<Staging> staged);

  base::Result<std::vector<Address>> list(Kind kind) const;  // sorted. [base.open]
  // The object whose hash begins with `prefix` (4 digits at least). [store.unknown],
  // [store.ambiguous]
  base::Result<Address> find(std::string_view prefix) const;

  // For the other files of this room.
  int directory() const;  // descriptor of STATE
  int directory(Kind kind) const;
  int staging() const;
  int locks() const;
  base::Disk& disk() const;
  // An empty directory in staging/ that belongs to no address: for repairs and deletions.
  base::Result<Staging> scratch(std::string_view label);
  // Waits until no process has a Staging or a Hold, and makes new ones wait. [store.busy] if this
  // same Store has one.
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
