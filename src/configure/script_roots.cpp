// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/script_roots.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>

#include "base/files.hpp"
#include "environment/build.hpp"
#include "environment/covered_commands.hpp"
#include "seal/sealed_run.hpp"

namespace ccci::configure {

namespace {

using environment::Operation;
using environment::Part;

// What a root must have so that scripts run in it. Nothing of it is kept.
std::vector<environment::OwnFile> own_files(const std::vector<Part>& members) {
  std::vector<environment::OwnFile> files;
  for (const char* directory :
       {"boot",    "dev",         "etc",       "home",         "media",     "mnt",
        "opt",     "proc",        "root",      "run",          "srv",       "sys",
        "tmp",     "var/backups", "var/cache", "var/lib/misc", "var/local", "var/lock",
        "var/log", "var/mail",    "var/run",   "var/spool",    "var/tmp"}) {
    files.push_back({.path = directory, .directory = true});
  }
  // Scripts that ask before they start a service are told no.
  files.push_back(
      {.path = "usr/sbin/policy-rc.d", .content = "#!/bin/sh\nexit 101\n", .executable = true});
  files.push_back({.path = "etc/hostname", .content = "localhost\n"});
  files.push_back({.path = "etc/hosts", .content = "127.0.0.1 localhost\n::1 localhost\n"});
  files.push_back({.path = "etc/resolv.conf"});
  files.push_back({.path = seal::script_library_path, .content = seal::script_library()});
  // These are first on PATH. They do nothing.
  for (const environment::CoveredCommand& command : environment::covered_commands()) {
    if (command.how != environment::CoveredCommand::How::replaced) continue;
    files.push_back({.path = std::string(replaced_directory) + "/" + std::string(command.name),
                     .content = "#!/bin/sh\n",
                     .executable = true});
  }
  // Packages depend on the program or on a standalone one; where it is absent, nobody needs it.
  files.push_back({.path = std::string(replaced_directory) + "/systemd-sysusers",
                   .content = "#!/bin/sh\n[ ! -x /usr/bin/systemd-sysusers ] ||\n"
                              "  exec /usr/bin/systemd-sysusers \"$@\"\n",
                   .executable = true});
  // Byte code is never kept, and compiling takes longer than all other scripts of python3.
  for (const Part& part : members) {
    for (const store::Entry& entry : part.manifest.entries) {
      if (entry.path.ends_with("/py_compile.py")) files.push_back({.path = entry.path});
    }
  }
  return files;
}

class Layer {
 public:
  Layer(const std::vector<Part>& base_parts, const std::vector<Part>& parts)
      : base_parts_(base_parts), parts_(parts) {}

  // Both are sorted by path.
  std::optional<std::vector<Operation>> over(const std::vector<Operation>& base,
                                             const std::vector<Operation>& full) {
    std::vector<const Operation*> needed;
    auto under = base.begin();
    for (const Operation& one : full) {
      if (under != base.end() && under->path < one.path) return std::nullopt;
      const bool both = under != base.end() && under->path == one.path;
      if (!both || !same(*under, one)) need(one, needed);
      if (both) ++under;
    }
    if (under != base.end()) return std::nullopt;
    std::vector<Operation> layer;
    for (const Operation& one : full) {
      const bool directory = one.kind == Operation::Kind::directory;
      const bool changed = std::binary_search(needed.begin(), needed.end(), &one);
      if (changed || (directory && directories_.contains(one.path))) layer.push_back(one);
    }
    return layer;
  }

 private:
  void need(const Operation& one, std::vector<const Operation*>& needed) {
    needed.push_back(&one);
    std::string_view path = one.path;
    for (std::size_t slash = path.rfind('/'); slash != path.npos; slash = path.rfind('/')) {
      path = path.substr(0, slash);
      if (!directories_.emplace(path).second) return;
    }
  }

  const store::Address* object(const std::vector<Part>& parts, int part) const {
    return part < 0 ? nullptr : &parts[static_cast<std::size_t>(part)].object;
  }

  bool same(const Operation& under, const Operation& one) const {
    if (under.kind != one.kind) return false;
    if (one.kind == Operation::Kind::directory) return true;
    const store::Address* const a = object(base_parts_, under.part);
    const store::Address* const b = object(parts_, one.part);
    const bool same_object = a == nullptr || b == nullptr ? a == b : *a == *b;
    return same_object && under.entry == one.entry && under.path_in_part == one.path_in_part &&
           under.content == one.content;
  }

  const std::vector<Part>& base_parts_;
  const std::vector<Part>& parts_;
  std::set<std::string, std::less<>> directories_;
};

// The entries of both, each path once; that of `top` holds.
store::Manifest merged(const store::Manifest& under, store::Manifest top) {
  store::Manifest all;
  all.entries.reserve(under.entries.size() + top.entries.size());
  auto next = top.entries.begin();
  for (const store::Entry& entry : under.entries) {
    while (next != top.entries.end() && next->path < entry.path)
      all.entries.push_back(std::move(*next++));
    if (next != top.entries.end() && next->path == entry.path) continue;
    all.entries.push_back(entry);
  }
  std::move(next, top.entries.end(), std::back_inserter(all.entries));
  return all;
}

base::Result<base::Fd> lower_of(const store::Staging& staging) {
  if (mkdirat(staging.directory(), "lower", 0755) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", "lower").with_errno(errno));
  }
  return base::open_in_root(staging.directory(), "lower", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

}  // namespace

std::optional<std::vector<Operation>> layer_over(const environment::Plan& base,
                                                 const std::vector<Part>& base_parts,
                                                 const environment::Plan& full,
                                                 const std::vector<Part>& parts) {
  return Layer(base_parts, parts).over(base.operations, full.operations);
}

bool ScriptRoots::is_over(const std::vector<Part>& base) const {
  return std::equal(base.begin(), base.end(), base_.begin(), base_.end(),
                    [](const Part& a, const Part& b) { return a.object == b.object; });
}

base::Result<void> ScriptRoots::make_base() {
  const std::lock_guard lock(mutex_);
  if (scratch_) return {};
  CCCI_TRY(plan_, environment::plan_root(base_, {}, own_files(base_)));
  CCCI_TRY(store::Staging scratch, store_.scratch("scripts"));
  CCCI_TRY(const base::Fd lower, lower_of(scratch));
  CCCI_TRY(store::WrittenTree made,
           environment::compose_root(store_, plan_, base_, lower.get(), scratch.path() / "lower"));
  manifest_ = std::move(made.manifest);
  scratch_ = std::move(scratch);
  return {};
}

base::Result<ScriptRoot> ScriptRoots::make(const std::vector<Part>& members,
                                           const environment::DpkgPending& pending,
                                           store::Staging& staging) {
  CCCI_CHECK(make_base());
  CCCI_TRY(const base::Fd lower, lower_of(staging));
  CCCI_TRY(environment::Plan plan, environment::plan_root(members, pending, own_files(members)));
  std::optional<std::vector<Operation>> layer = layer_over(plan_, base_, plan, members);
  const bool layered = layer.has_value();
  const bool inside = layered && plan.linker_cache;
  if (layered) {
    plan.operations = std::move(*layer);
    plan.linker_cache = false;
  }
  CCCI_TRY(store::WrittenTree made,
           environment::compose_root(store_, plan, members, lower.get(), staging.path() / "lower"));
  ScriptRoot root{
      .lower = "lower", .commands = {}, .manifest = std::move(made.manifest), .epoch = plan.epoch};
  if (layered) {
    // Relative to `staging`, whose directory is next to that of the base.
    root.lower += ":../" + scratch_->path().filename().native() + "/lower";
    root.manifest = merged(manifest_, std::move(root.manifest));
    if (inside) {
      const bool wrapped = root.manifest.find("usr/sbin/ldconfig.real") != nullptr;
      root.commands.push_back(environment::linker_cache_command(wrapped));
    }
  }
  return root;
}

}  // namespace ccci::configure
