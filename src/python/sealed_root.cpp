// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/sealed_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.hpp"
#include "environment/build.hpp"

namespace ccci::python {

base::Result<SealedRoot> SealedRoot::make(store::Store& store,
                                          const std::vector<environment::Part>& parts,
                                          const std::vector<environment::OwnFile>& files) {
  CCCI_TRY(store::Staging staging, store.scratch("python"));
  SealedRoot root(std::move(staging));
  const int directory = root.staging_->directory();
  for (const char* name : {"lower", "upper", "work", "mnt"}) {
    if (mkdirat(directory, name, 0755) != 0) {
      return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
    }
  }
  CCCI_TRY(const base::Fd lower,
           base::open_in_root(directory, "lower", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  std::vector<environment::OwnFile> all = files;
  for (const char* name : {"dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "var/tmp"}) {
    all.push_back({.path = name, .directory = true});
  }
  CCCI_TRY(const environment::Plan plan, environment::plan_root(parts, {}, all));
  CCCI_CHECK(
      environment::compose_root(store, plan, parts, lower.get(), root.staging_->path() / "lower"));
  return root;
}

SealedRoot::~SealedRoot() {
  if (!staging_) return;
  const int directory = staging_->directory();
  // overlayfs leaves a directory with mode 000 in work/.
  static_cast<void>(!fchmodat(directory, "work/work", 0700, 0));
  for (const char* name : {"mnt", "work", "upper", "lower"}) {
    static_cast<void>(base::remove_tree(directory, name));
  }
}

base::Result<seal::SealedOutcome> SealedRoot::run(seal::SealedRun run) const {
  run.directory = staging_->directory();
  run.path = staging_->path().native();
  return seal::run_sealed(run);
}

}  // namespace ccci::python
