// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/resolve.hpp"

#include <algorithm>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "project/lock_status.hpp"
#include "source/archive/archive.hpp"
#include "source/debian/archive.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

// Checks the digest of a pinned file now, if this machine has the file, and not at the next build.
// A lock can be made without the file: only a build needs it.
base::Result<void> check_local(const Project& project, const declare::PackageRule& rule,
                               const store::Store& store, base::Progress& progress) {
  const auto file =
      source::archive::local_file(std::get<declare::PinnedArchive>(rule.from), project.directory());
  std::error_code error;
  if (!file || !fs::exists(*file, error)) return {};
  return source::archive::fetch(rule, project.directory(), store.archives(), progress);
}

// The declared source. A relative keyring is a file of the project.
base::Result<declare::DebianSource> source_of(const Project& project) {
  declare::DebianSource source = project.declaration.debian;
  const std::string& key = source.signed_by;
  if (key.empty() || key.front() == '/' || key.front() == '~') return source;
  auto file = base::open_of_project(project.directory(), key);
  if (!file && file.error().is(std::errc::no_such_file_or_directory)) {
    return base::unexpected(
        base::fail("source.no-keyring").with("path", (project.directory() / key).native()));
  }
  if (!file) return base::unexpected(std::move(file).error());
  source.signed_by = fs::absolute(project.directory() / key).lexically_normal().native();
  return source;
}

}  // namespace

base::Result<lock::Lock> resolve(const Project& project, const Context& context,
                                 const lock::Lock* earlier, const Update& update) {
  CCCI_TRY(store::Store store, store::Store::open(context.state));
  store.report_to(context.progress);
  CCCI_TRY(source::debian::Archive archive,
           source::debian::Archive::open(context.state / "apt", store.archives(), context.offline));
  source::Query query = lock::query(project.declaration, earlier, update.packages, update.all);
  CCCI_TRY(query.source, source_of(project));
  CCCI_TRY(source::Answer answer, archive.resolve(query, context.progress));
  std::vector<source::Package> pinned;
  std::vector<base::Error> errors;
  for (const auto& [name, rule] : project.declaration.packages) {
    if (!std::holds_alternative<declare::PinnedArchive>(rule.from)) continue;
    CCCI_TRY(source::Package package, source::archive::describe(rule));
    pinned.push_back(std::move(package));
    auto checked = check_local(project, rule, store, context.progress);
    if (!checked) errors.push_back(std::move(checked).error());
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return lock::make(project.declaration, std::move(answer), std::move(pinned),
                    source::debian::native_architecture());
}

base::Result<lock::Lock> lock_for_build(const Project& project, const Context& context,
                                        bool may_resolve) {
  CCCI_TRY(LockStatus status, lock_status(project));
  if (status.state == LockStatus::State::current) return std::move(status.lock);
  if (!may_resolve) return base::unexpected(lock_error(project, status));
  const bool first = status.state == LockStatus::State::missing;
  CCCI_TRY(lock::Lock lock, resolve(project, context, first ? nullptr : &status.lock, {}));
  CCCI_CHECK(base::replace_file(project.lock_file, lock::write(lock)));
  return lock;
}

base::Result<std::vector<std::string>> packages_of(const Project& project,
                                                   const std::optional<lock::Lock>& earlier,
                                                   const std::vector<std::string>& names) {
  std::vector<std::string> packages;
  std::vector<std::string> known;
  for (const declare::Name& tool : project.declaration.tools) known.push_back(tool.text);
  for (const declare::Name& module : project.declaration.python) known.push_back(module.text);
  for (const declare::Name& name : project.declaration.library_packages) known.push_back(name.text);
  for (const auto& [name, host] : project.declaration.hosts) {
    for (const declare::Name& tool : host.extra_tools) known.push_back(tool.text);
  }
  for (const std::string& name : names) {
    const bool declared = std::find(known.begin(), known.end(), name) != known.end();
    const bool module =
        std::any_of(project.declaration.python.begin(), project.declaration.python.end(),
                    [&](const declare::Name& one) { return one.text == name; });
    if (declared) {
      const auto package = module ? project.declaration.python_package(name)
                                  : project.declaration.debian_package(name);
      packages.push_back(package.value_or(name));
    } else if (earlier && earlier->find(name) != nullptr) {
      packages.push_back(name);
    } else {
      base::Error error = base::fail("cli.unknown-tool").with("name", name);
      const std::string likely = base::likely(name, known);
      if (!likely.empty()) error = std::move(error).with("likely", likely);
      return base::unexpected(std::move(error));
    }
  }
  return packages;
}

host::Fetch fetcher(const Project& project, const Context& context, const store::Store& store) {
  return [&](const std::vector<source::Package>& packages) -> base::Result<void> {
    CCCI_TRY(
        source::debian::Archive archive,
        source::debian::Archive::open(context.state / "apt", store.archives(), context.offline));
    CCCI_TRY(const declare::DebianSource source, source_of(project));
    std::vector<base::Error> errors;
    if (auto fetched = archive.fetch(packages, source, context.progress); !fetched) {
      errors.push_back(std::move(fetched).error());
    }
    for (const source::Package& package : packages) {
      if (package.origin != source::Origin::archive) continue;
      const declare::PackageRule* rule = project.declaration.rule(package.name);
      if (rule == nullptr) continue;
      auto fetched =
          source::archive::fetch(*rule, project.directory(), store.archives(), context.progress,
                                 {.root = {}, .offline = context.offline});
      if (!fetched) errors.push_back(std::move(fetched).error());
    }
    if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
    return {};
  };
}

}  // namespace ccci::project
