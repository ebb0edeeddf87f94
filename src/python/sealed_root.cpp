// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/sealed_root.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/files.hpp"
#include "environment/build.hpp"
#include "environment/finishing.hpp"
#include "store/budget.hpp"
#include "store/meta.hpp"
#include "store/tree_writer.hpp"

namespace ccci::python {

namespace {

using environment::OwnFile;
using environment::Part;

constexpr std::uint64_t largest_file = 256U << 20U;

// Mount points, and what programs write to.
void add_places(std::vector<OwnFile>& files) {
  for (const char* name : {"dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "var/tmp"}) {
    files.push_back({.path = name, .directory = true});
  }
}

base::Result<store::Address> kept_root(store::Store& store, const std::string& label,
                                       const std::vector<Part>& parts) {
  std::string inputs = "sealed root " + std::to_string(environment::finishing_version) + "\n";
  for (const Part& part : parts) inputs += store::reference(part.object) + "\n";
  const store::Address address = store::address(store::Kind::configuration, label, inputs);
  CCCI_TRY(std::optional<store::Staging> staging, store.claim(address));
  if (!staging) return address;
  if (mkdirat(staging->directory(), "root", 0755) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", "root").with_errno(errno));
  }
  CCCI_TRY(const base::Fd root,
           base::open_in_root(staging->directory(), "root", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  std::vector<OwnFile> places;
  add_places(places);
  CCCI_TRY(const environment::Plan plan, environment::plan_root(parts, {}, places));
  CCCI_TRY(const store::WrittenTree made,
           environment::compose_root(store, plan, parts, root.get(), staging->path() / "root"));
  staging->root_is_normal();
  base::Json meta;
  store::set_needs(meta, plan.needs);
  CCCI_CHECK(store::write_content(*staging, made.manifest, made.digest, std::move(meta)));
  CCCI_CHECK(store.publish(std::move(*staging)));
  return address;
}

}  // namespace

base::Result<SealedRoot> SealedRoot::begin(store::Store& store) {
  CCCI_TRY(store::Staging staging, store.scratch("python"));
  SealedRoot root(std::move(staging));
  for (const char* name : {"lower", "upper", "work", "mnt"}) {
    if (mkdirat(root.staging_->directory(), name, 0755) != 0) {
      return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
    }
  }
  return root;
}

base::Result<SealedRoot> SealedRoot::make(store::Store& store, const std::vector<Part>& parts,
                                          const std::vector<OwnFile>& files) {
  CCCI_TRY(SealedRoot root, begin(store));
  CCCI_TRY(const base::Fd lower, base::open_in_root(root.staging_->directory(), "lower",
                                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  std::vector<OwnFile> all = files;
  add_places(all);
  CCCI_TRY(const environment::Plan plan, environment::plan_root(parts, {}, all));
  CCCI_CHECK(
      environment::compose_root(store, plan, parts, lower.get(), root.staging_->path() / "lower"));
  return root;
}

base::Result<SealedRoot> SealedRoot::keep(store::Store& store, const std::string& label,
                                          const std::vector<Part>& parts,
                                          const std::vector<OwnFile>& files) {
  CCCI_TRY(const store::Address kept, kept_root(store, label, parts));
  CCCI_TRY(SealedRoot root, begin(store));
  CCCI_TRY(const base::Fd lower, base::open_in_root(root.staging_->directory(), "lower",
                                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  store::Budget budget({}, largest_file);
  store::TreeWriter tree(lower.get(), store::Shape::as_is, budget, store::Times::own);
  for (const OwnFile& file : files) {
    CCCI_CHECK(tree.begin_file(file.path, file.executable, std::nullopt));
    CCCI_CHECK(tree.data(file.content));
    CCCI_CHECK(tree.end_file());
  }
  CCCI_CHECK(tree.finish());
  // Relative to the staging directory: the path of the state may contain what an option may not.
  root.lower_ = "lower:../../" +
                (store.path(kept) / "root").lexically_relative(store.state()).generic_string();
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
  run.lower = lower_;
  return seal::run_sealed(run);
}

}  // namespace ccci::python
