// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "store/archives.hpp"
#include "store/meta.hpp"
#include "store/object_repair.hpp"
#include "store/scan.hpp"
#include "store/state.hpp"
#include "store/tree.hpp"
#include "store/unpack.hpp"
#include "store/upkeep.hpp"

namespace ccci::store {

namespace {

using Content = std::pair<base::Digest, bool>;  // digest, and whether it is executable

std::string below(const Staging& staging, const std::string& path) {
  return "staging/" + staging.path().filename().native() + "/" + path;
}

class Repairer {
 public:
  Repairer(Store& store, ObjectRepair repair) : store_(store), repair_(std::move(repair)) {}

  // Repairs one package object from its archive. Returns false if the archive is not available.
  bool remake(const Address& address) {
    const auto source = source_of(store_, address);
    if (!source) return false;
    auto scratch = repair_.scratch(address.label);
    if (!scratch) return false;
    if (!unpack_again(*source, *scratch)) return false;
    auto again = verify(store_, {address}, base::silent());
    if (!again) return false;
    if (std::any_of(again->findings.begin(), again->findings.end(),
                    [](const Finding& finding) { return !finding.path.starts_with("root"); })) {
      // The files that describe root/ are damaged. They are replaced first, then root/ is verified
      // again.
      replace_description(address, *scratch);
      again = verify(store_, {address}, base::silent());
      if (!again) return false;
    }
    for (const Finding& finding : again->findings) heal_from(*scratch, finding);
    return true;
  }

  // Repairs an object without an archive: takes files with the same content from other objects.
  void patch(const Address& address) {
    auto found = verify(store_, {address}, base::silent());
    auto manifest = object_manifest(store_, address);
    if (!found || !manifest) return;
    for (const Finding& finding : found->findings) {
      if (!finding.path.starts_with("root/")) {
        if (finding.damage == Damage::alien || finding.path == "root") simple(finding, nullptr);
        continue;
      }
      const Entry* entry = manifest->find(std::string_view(finding.path).substr(5));
      if (simple(finding, entry) || entry == nullptr) continue;
      const bool any_time = manifest->times == Times::fixed;
      const auto donor = donor_of({entry->content, entry->executable},
                                  any_time ? std::nullopt : std::optional(entry->time));
      if (donor) replace(finding, *donor);
    }
  }

  // Replaces the damaged inode in every other object that shares it.
  base::Result<void> heal_sharers() {
    if (replaced_.empty()) return {};
    for (const Kind kind : all_kinds) {
      CCCI_TRY(const std::vector<Address> of_kind, store_.list(kind));
      for (const Address& address : of_kind) {
        Inodes inodes;
        const ObjectScan object = scan(store_, address, inodes);
        for (const Found& found : object.found) {
          const auto good = found.type == 'f' ? replaced_.find(found.inode) : replaced_.end();
          if (good == replaced_.end()) continue;
          static_cast<void>(repair_.put_file(address, found.path, good->second));
          touched_.insert(address);
        }
      }
    }
    return {};
  }

  void set_directory_times() {
    for (const Address& address : touched_) {
      const auto manifest = object_manifest(store_, address);
      if (manifest) static_cast<void>(repair_.set_directory_times(address, *manifest));
    }
  }

  const std::set<Address>& touched() const { return touched_; }

 private:
  bool unpack_again(const PackageSource& source, const Staging& scratch) {
    auto unpacked = unpack(source, scratch.directory(), {});
    if (!unpacked) return false;
    const bool normal = source.times == Times::own;
    const bool made =
        write_content(scratch, unpacked->manifest, unpacked->digest, describe(source, *unpacked)) &&
        write_seal(scratch.directory()) && normalise(scratch.directory(), normal ? "root" : "") &&
        // The new bytes must be on the disk before an object refers to them.
        store_.disk().sync_filesystem(store_.directory());
    auto beside = measure(scratch.directory(), "root", Times::fixed);
    if (!made || !beside) return false;
    fresh_.clear();
    for (Entry& entry : beside->entries) fresh_.emplace(entry.path, std::move(entry));
    for (Entry& entry : unpacked->manifest.entries) {
      std::string path = "root/" + entry.path;
      fresh_.emplace(std::move(path), std::move(entry));
    }
    return true;
  }

  void replace_description(const Address& address, const Staging& scratch) {
    static constexpr std::array description{"manifest", "meta.json", "seal"};
    for (const char* name : description) {
      static_cast<void>(repair_.put_file(address, name, below(scratch, name)));
    }
  }

  // Repairs damage that needs no file content. Returns false if content is needed.
  bool simple(const Finding& finding, const Entry* entry) {
    touched_.insert(finding.object);
    if (finding.damage == Damage::alien) {
      static_cast<void>(repair_.remove(finding.object, finding.path));
      return true;
    }
    const bool directory =
        finding.path == "root" || (entry != nullptr && entry->type == Entry::Type::directory);
    if (directory) {
      static_cast<void>(repair_.put_directory(finding.object, finding.path));
      return true;
    }
    if (entry == nullptr) return false;
    if (entry->type == Entry::Type::link) {
      static_cast<void>(repair_.put_link(finding.object, finding.path, entry->target, entry->time));
      return true;
    }
    if (finding.damage == Damage::time) {
      static_cast<void>(repair_.set_time(finding.object, finding.path, entry->time));
      return true;
    }
    if (finding.damage == Damage::mode) {
      static_cast<void>(
          repair_.set_mode(finding.object, finding.path, entry->executable ? 0755 : 0644));
      return true;
    }
    return false;
  }

  void heal_from(const Staging& scratch, const Finding& finding) {
    const auto entry = fresh_.find(finding.path);
    if (simple(finding, entry == fresh_.end() ? nullptr : &entry->second)) return;
    if (entry != fresh_.end()) replace(finding, below(scratch, finding.path));
  }

  void replace(const Finding& finding, const std::string& donor) {
    touched_.insert(finding.object);
    const std::string old = below_state(finding.object, finding.path);
    const auto bad = inode_of(old);
    if (!repair_.put_file(finding.object, finding.path, donor)) return;
    // Later repairs use this file as the good one, because the scratch directory will be removed.
    if (bad) replaced_.emplace(*bad, old);
  }

  std::optional<InodeKey> inode_of(const std::string& path) const {
    const auto file = base::open_in_root(store_.directory(), path, O_PATH | O_NOFOLLOW);
    struct stat status {};
    if (!file || fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return InodeKey{status.st_dev, status.st_ino};
  }

  // `time` is empty if the donor may have any.
  std::optional<std::string> donor_of(const Content& content, std::optional<std::int64_t> time) {
    if (!indexed_) index_contents();
    const auto [first, last] = contents_.equal_range(content);
    for (auto candidate = first; candidate != last; ++candidate) {
      Inode inode;
      inode.path = candidate->second;
      read_content(store_, inode);
      const auto file = base::open_in_root(store_.directory(), inode.path, O_PATH | O_NOFOLLOW);
      struct stat status {};
      const bool mode = file && fstat(file->get(), &status) == 0 &&
                        (status.st_mode & 07777U) == (content.second ? 0755U : 0644U) &&
                        (!time || status.st_mtim.tv_sec == *time);
      if (mode && inode.failure.empty() && inode.content == content.first) return inode.path;
    }
    return std::nullopt;
  }

  void index_contents() {
    indexed_ = true;
    for (const Kind kind : all_kinds) {
      const auto of_kind = store_.list(kind);
      if (!of_kind) continue;  // then what is damaged stays damaged, and is told
      for (const Address& address : *of_kind) {
        const auto manifest = object_manifest(store_, address);
        if (!manifest) continue;
        for (const Entry& entry : manifest->entries) {
          if (entry.type != Entry::Type::file) continue;
          contents_.emplace(Content{entry.content, entry.executable},
                            below_state(address, "root/" + entry.path));
        }
      }
    }
  }

  Store& store_;
  ObjectRepair repair_;
  std::set<Address> touched_;
  std::map<std::string, Entry> fresh_;        // of the current package, by path in the object
  std::map<InodeKey, std::string> replaced_;  // damaged inode, path below STATE of the good one
  std::multimap<Content, std::string> contents_;
  bool indexed_ = false;
};

base::Result<void> remove_stray(Store& store, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  auto parent = base::open_in_root(store.directory(), path.substr(0, slash),
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  auto removed = parent ? base::remove_tree(parent->get(), path.substr(slash + 1))
                        : base::unexpected(std::move(parent).error());
  if (removed) return {};
  return base::unexpected(
      base::fail("store.repair")
          .with("cause", path + ": " + std::string(removed.error().field("cause"))));
}

// [base.mount] if something is mounted where a repair would move or remove things.
base::Result<void> refuse_mounts_in(const Store& store, const Finding& finding) {
  const bool object = !finding.object.hash.empty();
  if (!object && finding.damage != Damage::alien) return {};
  const std::string path =
      object ? below_state(finding.object, finding.path) : finding.object.label;
  const std::size_t slash = path.rfind('/');
  const auto parent = base::open_in_root(store.directory(), path.substr(0, slash),
                                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!parent || slash + 1 == path.size()) return {};
  return base::refuse_mounts(parent->get(), path.substr(slash + 1));
}

}  // namespace

base::Result<Verification> repair(Store& store, const Verification& damage,
                                  base::Progress& progress) {
  CCCI_TRY(const Hold hold, store.hold());
  std::vector<Finding> gone;  // whole objects: nothing of them is left to be repaired
  std::vector<Finding> damaged;
  for (const Finding& finding : damage.findings) {
    const bool whole = finding.damage == Damage::missing && finding.path.empty();
    (whole ? gone : damaged).push_back(finding);
  }
  // Before anything is changed.
  for (const Finding& finding : damaged) CCCI_CHECK(refuse_mounts_in(store, finding));
  std::set<Address> objects;
  for (const Finding& finding : damaged) {
    if (!finding.object.hash.empty()) {
      objects.insert(finding.object);
      continue;
    }
    if (finding.damage == Damage::alien) {
      CCCI_CHECK(remove_stray(store, finding.object.label));
      continue;
    }
    // The archive's content does not match its name. The next fetch downloads it again.
    CCCI_CHECK(remove_stray(store, "archives/" + finding.object.label));
  }
  CCCI_TRY(ObjectRepair object_repair, ObjectRepair::open(store));
  Repairer repairer(store, std::move(object_repair));
  progress.begin("repairing objects", objects.size(), base::Progress::Unit::things);
  // Packages come first (by their sort order), because the other objects take files from them.
  for (const Address& address : objects) {
    const bool done = address.kind == Kind::package && repairer.remake(address);
    if (!done) repairer.patch(address);
    progress.advance(1, address.label);
  }
  CCCI_CHECK(repairer.heal_sharers());
  repairer.set_directory_times();
  progress.end();
  if (auto synced = store.disk().sync_filesystem(store.directory()); !synced) {
    return base::unexpected(
        base::fail("store.repair").with("cause", synced.error().field("cause")));
  }
  objects.insert(repairer.touched().begin(), repairer.touched().end());
  Verification left;
  if (!objects.empty()) {
    CCCI_TRY(left, verify(store, {objects.begin(), objects.end()}, progress));
  }
  left.findings.insert(left.findings.begin(), gone.begin(), gone.end());
  return left;
}

}  // namespace ccci::store
