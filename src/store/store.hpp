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

#include <compare>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/result.hpp"

namespace ccci::store {

enum class Kind { package, environment, entrypoint, system, launcher };
std::string_view kind_name(Kind kind);

// `hash`: 32 lower-case hex digits (the first half of a SHA-256 over what the object is made from).
// `label` is for people: [a-z0-9+.-], at most 80 bytes, and no part of the identity.
struct Address {
  Kind kind = Kind::package;
  std::string hash;
  std::string label;

  std::string directory() const;  // "HASH-LABEL"
  auto operator<=>(const Address&) const = default;
};

// The address of an object made from `inputs`: a text that names everything its content depends on.
Address address(Kind kind, std::string_view label, std::string_view inputs);

// An object being made, exclusively. Dropped without publish: its staging directory is removed.
class Staging {
 public:
  Staging(Staging&&) noexcept;
  Staging& operator=(Staging&&) noexcept;
  ~Staging();

  int directory() const;               // O_PATH-free descriptor of the staging directory
  std::filesystem::path path() const;  // for programs that take paths; not stable after publish

 private:
  friend class Store;
  struct State;
  explicit Staging(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

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

  // Waits until no other process makes this object; then either it exists (nothing) or the caller
  // is the one to make it. Concurrent builds of one thing so share the work.
  base::Result<std::optional<Staging>> claim(const Address& address);

  // Syncs contents and directories, makes the tree read-only to its mode rules, renames it into
  // place, syncs the parent. After this returns, power may fail. [store.publish], [store.no-space]
  base::Result<void> publish(Staging staging);
  // The same for several at once: one sync of the file system instead of one per file.
  base::Result<void> publish(std::vector<Staging> staged);

  std::vector<Address> list(Kind kind) const;
  // The object whose hash begins with `prefix` (4 digits at least). [store.unknown],
  // [store.ambiguous]
  base::Result<Address> find(std::string_view prefix) const;

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ccci::store
