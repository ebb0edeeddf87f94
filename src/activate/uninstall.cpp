// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/uninstall.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "activate/retention.hpp"
#include "base/directory.hpp"
#include "base/text.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

base::Result<void> remove_path(const fs::path& path) {
  std::error_code error;
  if (fs::symlink_status(path, error).type() == fs::file_type::not_found) return {};
  CCCI_CHECK(base::remove_tree(path));
  CCCI_TRY(const base::Fd parent, base::open_path(path.parent_path(), O_RDONLY | O_DIRECTORY));
  return base::real_disk().sync(parent.get());
}

// Finds the paths on which a drop-in mounts something and for which systemd may have made the mount
// point on the host: BindReadOnlyPaths="…":"/var/lib/ghc".
void add_mount_points(std::string_view drop_in, const Layout& layout, std::set<fs::path>& places) {
  constexpr std::string_view setting = "BindReadOnlyPaths=";
  static constexpr std::array<std::string_view, 4> bases{"/etc/", "/opt/", "/var/cache/",
                                                         "/var/lib/"};
  for (const std::string_view line : base::split(drop_in, '\n')) {
    const std::size_t at = line.rfind(":\"");
    if (!line.starts_with(setting) || at == std::string_view::npos || !line.ends_with('"'))
      continue;
    const std::string_view path = line.substr(at + 2, line.size() - at - 3);
    const bool below = std::any_of(bases.begin(), bases.end(),
                                   [&](std::string_view base) { return path.starts_with(base); });
    if (below && path.find("..") == std::string_view::npos) places.insert(layout.at(path));
  }
}

// Lists all that the generations have left or may have left, complete or not.
base::Result<Removal> removal(const Generations& generations, store::Store& store) {
  const Layout& layout = generations.layout();
  Removal removal;
  std::set<std::string> timers;
  std::set<std::string> environments;
  std::set<fs::path> mount_points;
  CCCI_TRY(const std::vector<std::uint64_t> numbers, generations.numbers());
  for (const std::uint64_t number : numbers) {
    const auto generation = generations.salvage(number);
    // One that went meanwhile has nothing. Of one that cannot be read, timers and mounts would
    // stay.
    if (!generation && generation.error().is(base::Condition::not_found)) continue;
    if (!generation) return base::unexpected(generation.error());
    for (const std::string& timer : timers_of(*generation)) timers.insert(timer);
    environments.insert(generation->environment);
    for (const auto& [unit, environment] : generation->attached) environments.insert(environment);
    for (const auto& [path, digest] : generation->units) {
      add_mount_points(generations.unit_text(*generation, path).value_or(""), layout, mount_points);
    }
    const auto system = store::read_directory(store::Kind::system, generation->system);
    if (!system || !store.has(*system)) continue;
    for (const store::Address& object :
         closure(store, *system).value_or(std::vector<store::Address>{})) {
      if (object.kind == store::Kind::environment) environments.insert(object.hash);
    }
  }
  std::error_code error;
  const auto add = [&](const fs::path& path) {
    if (fs::symlink_status(path, error).type() != fs::file_type::not_found)
      removal.paths.push_back(path);
  };
  add(layout.home());
  for (const std::string& timer : timers) add(stamp_of(layout, timer));
  CCCI_TRY(const auto entries, base::entries_of(layout.at(jobs_directory)));
  for (const fs::directory_entry& entry : entries) {
    std::error_code unreadable;
    const bool directory = entry.is_directory(unreadable) && !entry.is_symlink(unreadable);
    const bool empty = directory && fs::is_empty(entry.path(), unreadable);
    (empty ? removal.paths : removal.kept).push_back(entry.path());
  }
  std::sort(removal.kept.begin(), removal.kept.end());
  environments.erase("");  // the value in a damaged generation
  removal.environments.assign(environments.begin(), environments.end());
  removal.mount_points.assign(mount_points.begin(), mount_points.end());
  CCCI_TRY(removal.roots, generation_roots(store));
  return removal;
}

// Removes the directory in which the launcher keeps namespaces (enter/cache.hpp), if it is empty.
// It may hold namespaces of environments that are not part of this host's system; they are kept.
base::Result<void> remove_kept(const Layout& layout) {
  const fs::path kept = layout.at("/run/cc-ci/ns");
  std::error_code error;
  if (fs::symlink_status(kept, error).type() != fs::file_type::not_found) {
    CCCI_TRY(const auto entries, base::entries_of(kept));
    if (!entries.empty()) return {};
    if (layout.real()) umount2(kept.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW);
  }
  return remove_path(kept.parent_path());
}

// Removes empty directories that are ours or that nothing else needs.
void remove_empty(const Layout& layout) {
  for (const std::string_view path :
       {units_directory, std::string_view("/usr/local/lib/systemd"), wants_directory,
        std::string_view("/var/lib/systemd/timers"), jobs_directory}) {
    rmdir(layout.at(path).c_str());
  }
}

}  // namespace

base::Result<Removal> uninstall(Switcher& switcher, store::Store& store,
                                const UninstallRequest& request) {
  const Generations& generations = switcher.generations();
  CCCI_TRY(Removal planned, removal(generations, store));
  RollbackRequest nothing;
  if (request.purge) {
    planned.paths.insert(planned.paths.end(), planned.kept.begin(), planned.kept.end());
    planned.kept.clear();
  }
  nothing.dry_run = true;
  nothing.announce = [&](const Plan& plan, const Generation&) { planned.plan = plan; };
  CCCI_CHECK(switcher.roll_back(nothing));
  if (request.announce) request.announce(planned);
  // Before anything is removed.
  for (const fs::path& path : planned.paths) CCCI_CHECK(base::refuse_mounts(path));
  if (request.dry_run) return planned;
  nothing.dry_run = false;
  nothing.announce = nullptr;
  // A runner cannot run without the environment if its program is only there. The removal
  // continues.
  if (auto gone = switcher.roll_back(nothing); !gone) {
    if (!gone.error().is(base::Condition::unhealthy))
      return base::unexpected(std::move(gone).error());
    planned.unhealthy = std::move(gone).error();
  }
  for (const fs::path& path : planned.paths) CCCI_CHECK(remove_path(path));
  for (const std::string& name : planned.roots) {
    auto removed = store::remove_root(store, name);
    if (!removed && !removed.error().is(base::Condition::not_found)) {
      return base::unexpected(std::move(removed).error());
    }
  }
  if (request.release) {
    std::set<std::string> environments(planned.environments.begin(), planned.environments.end());
    if (request.whole_store) {
      CCCI_TRY(const std::vector<store::Address> all, store.list(store::Kind::environment));
      for (const store::Address& one : all) environments.insert(one.hash);
    }
    for (const std::string& environment : environments) {
      CCCI_CHECK(request.release(environment));
    }
  }
  for (const fs::path& place : planned.mount_points) rmdir(place.c_str());
  remove_empty(generations.layout());
  // The lock file is removed last. A process that waits for it finds nothing to do.
  CCCI_CHECK(remove_path(generations.layout().run()));
  CCCI_CHECK(remove_kept(generations.layout()));
  return planned;
}

}  // namespace ccci::activate
