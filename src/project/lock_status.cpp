// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/lock_status.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "python/resolver.hpp"

namespace ccci::project {

namespace {

// The query goes to the archive of packages only, so it lacks what pinned archives provide.
std::set<std::string> reasons(const declare::Declaration& declaration) {
  const source::Query query = lock::query(declaration, nullptr, {}, false);
  std::set<std::string> all;
  const auto add = [&](const char* kind, const std::vector<declare::Name>& names) {
    for (const declare::Name& name : names) all.insert(kind + name.text);
  };
  add("tool ", declaration.tools);
  add("python ", declaration.python);
  add("library ", declaration.library_packages);
  add("browser ", declaration.browsers);
  for (const auto& [host, value] : declaration.hosts) add("tool ", value.extra_tools);
  for (const source::Wanted& wanted : query.shared) {
    if (!wanted.optional) all.insert(wanted.because);
  }
  for (const auto& [host, extras] : query.hosts) {
    if (host == lock::pypi_resolver || host == lock::npm_resolver) continue;
    for (const source::Wanted& wanted : extras) all.insert(wanted.because);
  }
  for (const auto& [name, image] : query.images) {
    for (const source::Wanted& wanted : image.wanted) all.insert(wanted.because);
  }
  return all;
}

std::set<std::string> reasons(const lock::Lock& lock) {
  std::set<std::string> all;
  for (const source::Package& package : lock.packages) {
    for (const std::string& reason : package.because) {
      const bool declared = reason.starts_with("tool ") || reason.starts_with("python ") ||
                            reason.starts_with("library ") || reason.starts_with("image ") ||
                            reason.starts_with("browser ") || reason.starts_with("requirements ");
      if (declared) all.insert(reason);
    }
  }
  return all;
}

}  // namespace

std::optional<Disagreement> disagreement(const declare::Declaration& declaration,
                                         const lock::Lock& lock) {
  if (lock.asks == lock::fingerprint(declaration)) return std::nullopt;
  std::set<std::string> asked = reasons(declaration);
  // A requirements file that cannot be read was reported when the project was opened.
  const auto wanted = python::wanted(declaration, lock);
  if (wanted) {
    for (const python::Wanted& one : *wanted) asked.insert(one.because);
  }
  const std::set<std::string> locked = reasons(lock);
  Disagreement result;
  std::set_difference(asked.begin(), asked.end(), locked.begin(), locked.end(),
                      std::back_inserter(result.missing));
  std::set_difference(locked.begin(), locked.end(), asked.begin(), asked.end(),
                      std::back_inserter(result.extra));
  result.other = result.missing.empty() && result.extra.empty();
  return result;
}

base::Result<std::optional<lock::Lock>> read_lock(const Project& project) {
  if (!std::filesystem::exists(project.lock_file)) return std::optional<lock::Lock>{};
  CCCI_TRY(const std::string text, base::read_of_project(project.lock_file, lock::largest_lock));
  CCCI_TRY(lock::Lock lock, lock::read(text, project.lock_file.native()));
  return std::optional(std::move(lock));
}

base::Result<LockStatus> lock_status(const Project& project) {
  LockStatus status;
  CCCI_TRY(std::optional<lock::Lock> lock, read_lock(project));
  if (!lock) return status;
  status.lock = *std::move(lock);
  std::optional<Disagreement> differs = disagreement(project.declaration, status.lock);
  status.state = differs ? LockStatus::State::stale : LockStatus::State::current;
  if (differs) status.differs = *std::move(differs);
  return status;
}

base::Error lock_error(const Project& project, const LockStatus& status) {
  if (status.state == LockStatus::State::missing) {
    return base::fail("cli.no-lock", base::Condition::not_found)
        .with("path", project.lock_file.native());
  }
  const Disagreement& differs = status.differs;
  base::Error error = base::fail("cli.stale-lock", base::Condition::mismatch)
                          .with("lock", project.lock_file.native())
                          .with("declaration", project.file.native());
  if (!differs.missing.empty()) {
    error = std::move(error).with("missing", base::join(differs.missing, ", "));
  }
  if (!differs.extra.empty()) {
    error = std::move(error).with("extra", base::join(differs.extra, ", "));
  }
  if (differs.other) error = std::move(error).with("other", "the sources or a package rule");
  return error;
}

base::Result<lock::Lock> current_lock(const Project& project) {
  CCCI_TRY(LockStatus status, lock_status(project));
  if (status.state == LockStatus::State::current) return std::move(status.lock);
  return base::unexpected(lock_error(project, status));
}

}  // namespace ccci::project
