// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/parcel.hpp"

#include <cstdlib>
#include <set>

#include "base/text.hpp"
#include "git/repository.hpp"
#include "project/declared_files.hpp"

namespace ccci::deploy {

namespace fs = std::filesystem;

base::Result<std::vector<std::string>> hosts_meant(const project::Project& project,
                                                   const std::vector<std::string>& named,
                                                   bool all) {
  CCCI_TRY(const std::vector<std::string> declared, project::hosts(project, {}));
  if (all && !declared.empty()) return declared;
  if (named.empty() || declared.empty()) {
    return base::unexpected(base::fail("deploy.no-hosts")
                                .with("file", project.file.native())
                                .with("hosts", base::join(declared, ", ")));
  }
  CCCI_TRY(std::vector<std::string> names, project::hosts(project, named));
  std::set<std::string> seen;
  std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
  return names;
}

base::Result<void> check_state(const fs::path& state) {
  const char* home = std::getenv("HOME");
  for (const std::string_view place : {home == nullptr ? "" : home, "/home", "/root"}) {
    const fs::path relative = state.lexically_relative(place);
    if (place.size() > 1 && !relative.empty() && *relative.begin() != "..") {
      return base::unexpected(base::fail("deploy.home-state").with("state", state.native()));
    }
  }
  return {};
}

base::Result<Parcel> make_parcel(const project::Project& project, const store::Store& store,
                                 lock::Lock lock, std::string version) {
  Parcel parcel;
  parcel.version = std::move(version);
  parcel.state = store.state();
  parcel.directory = project.directory();
  parcel.file = project.file.filename();
  parcel.planned_from = {project.file.filename(), project.lock_file.filename()};
  for (const auto& [path, digest] : project::file_digests(project.declaration)) {
    parcel.planned_from.insert(path);
  }
  // If git fails in a repository, this is an error. Otherwise the host would get an incomplete
  // project, for example without the scripts of its timers.
  CCCI_TRY(std::vector<std::string> paths,
           git::tracked_files(project.directory(), base::real_processes()));
  paths.insert(paths.end(), parcel.planned_from.begin(), parcel.planned_from.end());
  CCCI_TRY(parcel.manifest, gather(parcel.directory, paths));
  for (const auto& [path, entry] : parcel.manifest.entries()) {
    if (!entry.is_link()) parcel.files.emplace(entry.sha256, path);
  }
  parcel.lock = std::move(lock);
  parcel.archives = store.archives();
  CCCI_TRY(parcel.program, Program::own(store.state()));
  return parcel;
}

}  // namespace ccci::deploy
