// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "store/archives.hpp"
#include "store/full.hpp"
#include "store/in_use.hpp"
#include "store/meta.hpp"
#include "store/scan.hpp"
#include "store/upkeep.hpp"

namespace ccci::store {

namespace {

// Objects that need others are removed first and restored last. So at no time, also not after a
// SIGKILL, the store contains an object without the objects that it needs.
constexpr std::array removal_order{Kind::system,   Kind::entrypoint,    Kind::environment,
                                   Kind::launcher, Kind::configuration, Kind::package};
static_assert(removal_order.size() == all_kinds.size());

// The needs of all objects, read before anything is moved.
class Graph {
 public:
  static base::Result<Graph> read(const Store& store) {
    Graph graph;
    std::vector<Address> listed;
    for (const Kind kind : removal_order) {
      CCCI_TRY(std::vector<Address> of_kind, store.list(kind));
      std::move(of_kind.begin(), of_kind.end(), std::back_inserter(listed));
    }
    for (const Address& address : listed) {
      auto needed = needs(store, address);
      // If no root reaches this object, its needs do not matter. If a root does, reach() returns
      // the error.
      if (needed) {
        graph.edges_[address] = std::move(*needed);
      } else {
        graph.broken_.emplace(address, std::move(needed).error());
      }
    }
    graph.order(listed);
    return graph;
  }

  // Adds `address` and all it needs. [store.meta]
  base::Result<void> reach(const Address& address, std::set<Address>& reached) const {
    std::vector<Address> next{address};
    while (!next.empty()) {
      Address at = std::move(next.back());
      next.pop_back();
      if (const auto broken = broken_.find(at); broken != broken_.end()) {
        return base::unexpected(broken->second);
      }
      const auto edges = edges_.find(at);
      if (edges == edges_.end() || !reached.insert(at).second) continue;
      next.insert(next.end(), edges->second.begin(), edges->second.end());
    }
    return {};
  }

  std::vector<Address> objects;  // in removal order

 private:
  // Each object before what it needs, also within a kind: a configuration may need another.
  void order(const std::vector<Address>& listed) {
    std::set<Address> seen;
    std::vector<std::pair<Address, std::size_t>> path;  // an object, and which of its needs is next
    for (auto at = listed.rbegin(); at != listed.rend(); ++at) {
      if (seen.insert(*at).second) path.emplace_back(*at, 0);
      while (!path.empty()) {
        const auto edges = edges_.find(path.back().first);
        if (edges == edges_.end() || path.back().second == edges->second.size()) {
          objects.push_back(std::move(path.back().first));
          path.pop_back();
          continue;
        }
        const Address& next = edges->second[path.back().second++];
        const bool here = edges_.contains(next) || broken_.contains(next);
        if (here && seen.insert(next).second) path.emplace_back(next, 0);
      }
    }
    std::reverse(objects.begin(), objects.end());
  }

  std::map<Address, std::vector<Address>> edges_;
  std::map<Address, base::Error> broken_;
};

// Counts bytes by inode, so a file that two objects share counts once.
class Weigher {
 public:
  Weigher(const Store& store, const std::vector<Address>& objects) {
    Inodes inodes;
    std::vector<ObjectScan> scans(objects.size());
    in_parallel(objects.size(), 0,
                [&](std::size_t at) { scans[at] = scan(store, objects[at], inodes); });
    std::map<InodeKey, std::size_t> numbers;
    for (const ObjectScan& object : scans) {
      std::vector<std::size_t>& files = files_[object.address];
      for (const Found& found : object.found) {
        if (found.type != 'f') continue;
        const auto [place, fresh] = numbers.try_emplace(found.inode, sizes_.size());
        if (fresh) sizes_.push_back(inodes.at(found.inode).size);
        files.push_back(place->second);
      }
    }
    users_.resize(sizes_.size());
  }

  // Counts each file of the objects once.
  void use(const std::set<Address>& objects) {
    each_file(objects, [&](std::size_t file) { ++users_[file]; });
  }

  Weight weight(const std::string& root, const std::set<Address>& objects) const {
    Weight weight{root, 0, 0};
    each_file(objects, [&](std::size_t file) {
      weight.total += sizes_[file];
      if (users_[file] == 1) weight.only += sizes_[file];
    });
    return weight;
  }

  std::uint64_t unused(const std::set<Address>& objects) const {
    std::uint64_t bytes = 0;
    each_file(objects, [&](std::size_t file) {
      if (users_[file] == 0) bytes += sizes_[file];
    });
    return bytes;
  }

 private:
  template <typename Act>
  void each_file(const std::set<Address>& objects, Act act) const {
    std::vector<bool> seen(sizes_.size());
    for (const Address& address : objects) {
      const auto files = files_.find(address);
      if (files == files_.end()) continue;
      for (const std::size_t file : files->second) {
        if (!seen[file]) act(file);
        seen[file] = true;
      }
    }
  }

  std::vector<std::uint64_t> sizes_;
  std::vector<unsigned> users_;  // how many roots have the file
  std::map<Address, std::vector<std::size_t>> files_;
};

base::Result<void> plan_archives(const Store& store, const std::set<Address>& kept,
                                 Collection& plan) {
  std::set<std::string> needed;
  for (const Address& address : kept) {
    if (address.kind != Kind::package) continue;
    CCCI_TRY(const base::Json meta, read_meta(store, address));
    needed.insert(meta["sha256"].text_or_empty());
  }
  CCCI_TRY(const std::vector<KeptArchive> archives, kept_archives(store));
  for (const KeptArchive& archive : archives) {
    if (needed.contains(archive.sha256)) continue;
    plan.archives.push_back(archive.name);
    plan.bytes += archive.size;
  }
  return {};
}

base::Result<Collection> plan_collection(const Store& store, const Graph& graph, bool archives) {
  Collection plan;
  CCCI_TRY(plan.roots, roots(store));
  CCCI_TRY(std::vector<Root> used, roots_in_use(store));
  std::move(used.begin(), used.end(), std::back_inserter(plan.roots));
  std::set<Address> kept;
  std::vector<std::set<Address>> closures;
  for (const Root& root : plan.roots) {
    CCCI_CHECK(graph.reach(root.object, closures.emplace_back()));
    kept.insert(closures.back().begin(), closures.back().end());
  }
  Weigher weigher(store, graph.objects);
  for (const std::set<Address>& closure : closures) weigher.use(closure);
  for (std::size_t i = 0; i < closures.size(); ++i) {
    plan.weights.push_back(weigher.weight(plan.roots[i].name, closures[i]));
  }
  std::set<Address> removed;
  for (const Address& address : graph.objects) {
    if (kept.contains(address)) continue;
    plan.removed.push_back(address);
    removed.insert(address);
  }
  plan.bytes = weigher.unused(removed);
  if (archives) CCCI_CHECK(plan_archives(store, kept, plan));
  return plan;
}

class Sweep {
 public:
  Sweep(Store& store, const Graph& graph, Collection& plan)
      : store_(store), graph_(graph), plan_(plan) {}

  base::Result<void> run(const std::function<void(const Address&)>& withdrawn,
                         base::Progress& progress) {
    progress.begin("removing objects", plan_.removed.size(), base::Progress::Unit::things);
    std::vector<Address> pending = std::move(plan_.removed);
    plan_.removed.clear();
    while (!pending.empty()) {
      CCCI_TRY(std::vector<Address> moved, move_aside(pending));
      if (withdrawn) {
        for (const Address& address : moved) {
          if (address.kind == Kind::environment) withdrawn(address);
        }
      }
      CCCI_CHECK(bring_back(moved));
      // These syncs come before the first file is deleted: if a directory is back after a power
      // failure, it must be complete.
      for (const Kind kind : removal_order) {
        CCCI_CHECK(store_.disk().sync(store_.directory(kind)));
      }
      CCCI_CHECK(store_.disk().sync(store_.staging()));
      CCCI_CHECK(remove(moved, progress));
      std::move(moved.begin(), moved.end(), std::back_inserter(plan_.removed));
    }
    progress.end();
    return {};
  }

 private:
  // Order does not matter any more: nothing in staging/ is an object.
  base::Result<void> remove(const std::vector<Address>& moved, base::Progress& progress) {
    std::vector<base::Result<void>> removals(moved.size());
    in_parallel(moved.size(), 0, [&](std::size_t at) {
      removals[at] = base::remove_tree(store_.staging(), moved[at].directory());
      progress.advance(1, moved[at].label);
    });
    for (base::Result<void>& removal : removals) CCCI_CHECK(std::move(removal));
    return {};
  }

  // Moves objects from the front of `pending` to staging/, as many as it has room for, and returns
  // them in order. They go into staging/ itself, because on a full disk no new directory can be
  // made, and a full disk is the usual reason for a collection. staging/ cannot grow on a full disk
  // either. So some objects are deleted first, which frees space for the names of the others.
  base::Result<std::vector<Address>> move_aside(std::vector<Address>& pending) {
    std::vector<Address> moved;
    auto next = pending.begin();
    for (; next != pending.end(); ++next) {
      if (kept_.contains(*next)) continue;
      // May be left from a collection that was killed, if no open() has removed it since.
      CCCI_CHECK(base::remove_tree(store_.staging(), next->directory()));
      auto renamed = store_.disk().rename_new(store_.directory(next->kind), next->directory(),
                                              store_.staging(), next->directory());
      if (renamed) {
        moved.push_back(*next);
        continue;
      }
      if (moved.empty() || !is_full(renamed.error())) {
        return base::unexpected(std::move(renamed).error());
      }
      break;
    }
    pending.erase(pending.begin(), next);
    return moved;
  }

  // Puts back the environments that a process entered after the plan was made. The objects that
  // they need come later in `pending`, so they are kept.
  base::Result<void> bring_back(std::vector<Address>& moved) {
    std::vector<Address> environments;
    for (const Address& address : moved) {
      if (address.kind == Kind::environment) environments.push_back(address);
    }
    if (environments.empty()) return {};
    CCCI_TRY(std::vector<Root> used, in_use(environments));
    for (Root& root : held_elsewhere(store_.staging(), environments))
      used.push_back(std::move(root));
    for (const Root& root : used) {
      plan_.roots.push_back(root);
      CCCI_CHECK(graph_.reach(root.object, kept_));
    }
    std::vector<Address> gone;
    for (auto at = moved.rbegin(); at != moved.rend(); ++at) {
      if (!kept_.contains(*at)) {
        gone.insert(gone.begin(), *at);
        continue;
      }
      CCCI_CHECK(store_.disk().rename_new(store_.staging(), at->directory(),
                                          store_.directory(at->kind), at->directory()));
    }
    moved = std::move(gone);
    return {};
  }

  Store& store_;
  const Graph& graph_;
  Collection& plan_;
  std::set<Address> kept_;  // not removed although planned
};

// No process has these locks: claim() takes the lock against collection first.
void remove_locks(const Store& store) {
  const auto names = base::names_in(store.locks());
  if (!names) return;  // they cost almost nothing
  for (const std::string& name : *names)
    if (read_directory(Kind::package, name + "-x")) unlinkat(store.locks(), name.c_str(), 0);
}

}  // namespace

base::Result<Collection> collect(Store& store, bool dry_run, bool archives,
                                 base::Progress& progress,
                                 const std::function<void(const Address&)>& withdrawn) {
  base::Fd alone;
  if (!dry_run) {
    CCCI_TRY(alone, store.exclude_builders());
  }
  CCCI_TRY(const Graph graph, Graph::read(store));
  CCCI_TRY(Collection plan, plan_collection(store, graph, archives));
  if (dry_run) return plan;
  // Before anything is removed, also before a mount moves to staging/ with its object.
  for (const Address& address : plan.removed) {
    CCCI_CHECK(base::refuse_mounts(store.directory(address.kind), address.directory()));
  }
  Sweep sweep(store, graph, plan);
  CCCI_CHECK(sweep.run(withdrawn, progress));
  if (!plan.archives.empty()) {
    CCCI_TRY(const base::Fd kept, base::open_in_root(store.directory(), "archives",
                                                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    for (const std::string& name : plan.archives) CCCI_CHECK(base::remove_tree(kept.get(), name));
  }
  remove_locks(store);
  return plan;
}

base::Result<void> discard(Store& store, const Address& object) {
  CCCI_TRY(const base::Fd alone, store.exclude_builders());
  if (!store.has(object)) {
    return base::unexpected(base::fail("store.unknown").with("object", reference(object)));
  }
  CCCI_CHECK(base::refuse_mounts(store.directory(object.kind), object.directory()));
  CCCI_CHECK(store.disk().rename_new(store.directory(object.kind), object.directory(),
                                     store.staging(), object.directory()));
  CCCI_CHECK(store.disk().sync(store.directory(object.kind)));
  CCCI_CHECK(store.disk().sync(store.staging()));
  return base::remove_tree(store.staging(), object.directory());
}

}  // namespace ccci::store
