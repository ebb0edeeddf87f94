// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/resolve.hpp"

#include <algorithm>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/house_certificates.hpp"
#include "environment/part.hpp"
#include "node/resolver.hpp"
#include "node/scripts.hpp"
#include "project/acceptance.hpp"
#include "project/lock_status.hpp"
#include "project/network_access.hpp"
#include "project/tool_check.hpp"
#include "python/resolver.hpp"
#include "source/archive/archive.hpp"
#include "source/debian/archive.hpp"
#include "source/kept.hpp"
#include "source/pypi/netrc.hpp"
#include "source/pypi/wheels.hpp"
#include "store/package.hpp"

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

// The path of a declared keyring. A relative one is a file of the project.
base::Result<std::string> keyring_of(const Project& project, const std::string& key,
                                     const std::string& source) {
  if (key.empty() || key.front() == '/' || key.front() == '~') return key;
  auto file = base::open_of_project(project.directory(), key);
  if (!file && file.error().is(std::errc::no_such_file_or_directory)) {
    base::Error error =
        base::fail("source.no-keyring").with("path", (project.directory() / key).native());
    if (!source.empty()) error = std::move(error).with("source", source);
    return base::unexpected(std::move(error));
  }
  if (!file) return base::unexpected(std::move(file).error());
  return fs::absolute(project.directory() / key).lexically_normal().native();
}

// The declared archives, with the paths of their keys.
base::Result<source::Sources> sources_of(const Project& project) {
  source::Sources sources{project.declaration.debian, project.declaration.apt_sources};
  CCCI_TRY(sources.debian.signed_by, keyring_of(project, sources.debian.signed_by, {}));
  for (auto& [name, source] : sources.others) {
    CCCI_TRY(source.signed_by, keyring_of(project, source.signed_by, name));
  }
  return sources;
}

}  // namespace

base::Result<void> unpacked(const Project& project, const Context& context, store::Store& store,
                            const std::vector<source::Package>& packages,
                            const std::vector<source::Release>& locked) {
  std::vector<source::Package> missing;
  std::vector<store::PackageSource> sources;
  for (const source::Package& package : packages) {
    if (store.has(environment::object_address(package))) continue;
    const fs::path file = host::kept_archive(store, package);
    if (!fs::exists(file)) missing.push_back(package);
    sources.push_back(environment::package_source(package, file));
  }
  if (!missing.empty()) CCCI_CHECK(fetcher(project, context, store, locked)(missing));
  if (!sources.empty()) CCCI_CHECK(store::add_packages(store, sources, context.progress));
  return {};
}

base::Result<std::vector<std::string>> known_packages(const Project& project,
                                                      const Context& context,
                                                      const store::Store& store,
                                                      const std::vector<std::string>& names) {
  CCCI_TRY(source::debian::Archive archive,
           source::debian::Archive::open(context.state / "apt", store.archives(), context.offline,
                                         {.authorities = house_authorities(project.declaration)}));
  CCCI_TRY(const source::Sources sources, sources_of(project));
  return archive.known(names, sources, context.progress);
}

namespace {

// Adds to the lock what comes from the npm registry.
base::Result<void> resolve_npm(const Project& project, const Context& context, store::Store& store,
                               lock::Lock& lock, const lock::Lock* earlier, const Update& update) {
  CCCI_TRY(node::Access access, npm_access(project));
  node::Request request{.access = std::move(access),
                        .wanted = node::wanted(project.declaration),
                        .locks = {},
                        .earlier = earlier,
                        .update = update.packages,
                        .update_all = update.all};
  for (const auto& [path, tools] : project.declaration.npm_locks()) {
    CCCI_TRY(node::ProjectLock one, node::read_project_lock(project.declaration, path));
    request.locks.push_back(std::move(one));
  }
  if (request.wanted.empty() && request.locks.empty()) return {};
  // A registry on this machine is not a network.
  if (context.offline && !is_on_this_machine(request.access)) {
    const std::string& first =
        request.wanted.empty() ? request.locks.front().path : request.wanted.front().name;
    return base::unexpected(base::fail("node.offline").with("name", first));
  }
  CCCI_TRY(const store::Hold hold, store.hold());
  CCCI_CHECK(unpacked(project, context, store, node::resolver_packages(lock)));
  CCCI_TRY(node::Resolved resolved, node::resolve(store, lock, request, context.progress));
  lock::add_npm(lock, std::move(resolved.packages), std::move(resolved.elsewhere));
  return node::check_scripts(project.declaration, lock);
}

// Adds to the lock what comes from the Python package index.
base::Result<void> resolve_pypi(const Project& project, const Context& context, store::Store& store,
                                lock::Lock& lock, const lock::Lock* earlier, const Update& update) {
  CCCI_TRY(std::vector<python::Wanted> wanted, python::wanted(project.declaration, lock));
  if (wanted.empty()) return {};
  // An index on this machine is not a network.
  const bool offline =
      context.offline && !source::pypi::is_loopback(project.declaration.pypi.index);
  const bool changes =
      earlier == nullptr || update.all ||
      std::any_of(update.packages.begin(), update.packages.end(),
                  [](const std::string& name) { return name.starts_with("pypi:"); });
  if (offline && changes) {
    return base::unexpected(base::fail("python.offline").with("name", wanted.front().line));
  }
  CCCI_TRY(const store::Hold hold, store.hold());
  CCCI_CHECK(unpacked(project, context, store, python::resolver_packages(lock)));
  python::Request request{.declaration = project.declaration,
                          .wanted = std::move(wanted),
                          .earlier = earlier,
                          .update = update.packages,
                          .update_all = update.all,
                          .offline = offline,
                          .user = {},
                          .password = {},
                          .variables = proxies(),
                          .authorities = authorities(project.declaration)};
  CCCI_TRY(const auto login,
           source::pypi::find_login(source::pypi::authority_of(project.declaration.pypi.index),
                                    source::Origin::pypi));
  if (login) {
    request.user = login->user;
    request.password = login->password;
  }
  CCCI_TRY(python::Resolved resolved, python::resolve(store, lock, request, context.progress));
  lock::add_pypi(lock, std::move(resolved.packages), resolved.supplied);
  return {};
}

}  // namespace

base::Result<Resolved> resolve(const Project& project, const Context& context,
                               const lock::Lock* earlier, const Update& update) {
  // A build needs them. Told before anything is fetched, at their place in the declaration.
  CCCI_CHECK(environment::house_certificates(project.declaration));
  CCCI_TRY(store::Store store, store::Store::open(context.state));
  store.report_to(context.progress);
  CCCI_TRY(source::debian::Archive archive,
           source::debian::Archive::open(context.state / "apt", store.archives(), context.offline,
                                         {.authorities = house_authorities(project.declaration)}));
  source::Query query = lock::query(project.declaration, earlier, update.packages, update.all);
  CCCI_TRY(source::Sources sources, sources_of(project));
  query.source = std::move(sources.debian);
  query.others = std::move(sources.others);
  CCCI_TRY(source::Answer answer, archive.resolve(query, context.progress));
  std::vector<std::string> lost = std::move(answer.lost);
  const std::vector<std::string> without_programs = std::move(answer.without_programs);
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
  CCCI_TRY(lock::Lock lock, lock::make(project.declaration, std::move(answer), std::move(pinned),
                                       source::debian::native_architecture()));
  if (earlier != nullptr) lock::keep_releases(lock, *earlier);
  if (project.declaration.uses_pypi()) {
    CCCI_CHECK(resolve_pypi(project, context, store, lock, earlier, update));
  }
  if (project.declaration.uses_npm()) {
    CCCI_CHECK(resolve_npm(project, context, store, lock, earlier, update));
  }
  CCCI_CHECK(lock::check_browsers(project.declaration, lock));
  CCCI_CHECK(check_tools(project, context, store, lock, without_programs));
  return Resolved{std::move(lock), std::move(lost)};
}

base::Result<lock::Lock> lock_for_build(const Project& project, const Context& context,
                                        bool may_resolve) {
  CCCI_TRY(LockStatus status, lock_status(project));
  if (status.state == LockStatus::State::current) return std::move(status.lock);
  if (!may_resolve) return base::unexpected(lock_error(project, status));
  const bool first = status.state == LockStatus::State::missing;
  CCCI_TRY(Resolved resolved, resolve(project, context, first ? nullptr : &status.lock, {}));
  lock::Lock& lock = resolved.lock;
  CCCI_CHECK(check_before_accepting(project, context, lock));
  CCCI_CHECK(base::replace_file(project.lock_file, lock::write(lock)));
  return std::move(lock);
}

base::Result<std::vector<std::string>> packages_of(const Project& project,
                                                   const std::optional<lock::Lock>& earlier,
                                                   const std::vector<std::string>& names) {
  std::vector<std::string> packages;
  std::vector<std::string> known;
  for (const declare::Name& tool : project.declaration.tools) known.push_back(tool.text);
  for (const declare::Name& module : project.declaration.python) known.push_back(module.text);
  for (const declare::Name& name : project.declaration.library_packages) known.push_back(name.text);
  for (const declare::Name& name : project.declaration.browsers) known.push_back(name.text);
  for (const auto& [name, host] : project.declaration.hosts) {
    for (const declare::Name& tool : host.extra_tools) known.push_back(tool.text);
  }
  for (const std::string& name : names) {
    const bool declared = std::find(known.begin(), known.end(), name) != known.end();
    const bool module =
        std::any_of(project.declaration.python.begin(), project.declaration.python.end(),
                    [&](const declare::Name& one) { return one.text == name; });
    const std::string project_name = declare::pypi_package(name);
    if (declared) {
      for (std::string& package : module ? project.declaration.module_packages(name)
                                         : project.declaration.tool_packages(name)) {
        packages.push_back(std::move(package));
      }
    } else if (earlier && earlier->find(project_name) != nullptr) {
      packages.push_back(project_name);
    } else if (earlier && earlier->find("npm:" + name) != nullptr) {
      packages.push_back("npm:" + name);
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

namespace {

// Nobody else gets the credentials than the registry itself.
base::Result<void> fetch_npm(const Project& project, const Context& context,
                             const store::Store& store,
                             const std::vector<source::Package>& packages) {
  CCCI_TRY(const node::Access access, npm_access(project));
  std::vector<source::Package> by_npm;
  std::vector<source::Package> others;
  for (const source::Package& package : packages) {
    if (package.origin != source::Origin::npm ||
        source::is_kept(store.archives(), package.origin, package.sha256, package.size)) {
      continue;
    }
    const bool may_ask = !context.offline || source::pypi::is_loopback(package.uri);
    (may_ask && needs_npm(access, package.uri) ? by_npm : others).push_back(package);
  }
  CCCI_CHECK(source::pypi::fetch(others, store.archives(), context.progress,
                                 {.root = context.state / "apt",
                                  .offline = context.offline,
                                  .index = access.registry.address,
                                  .origin = source::Origin::npm,
                                  .authorities = house_authorities(project.declaration)}));
  if (by_npm.empty()) return {};
  CCCI_TRY(const std::optional<lock::Lock> lock, read_lock(project));
  if (!lock) {
    return base::unexpected(base::fail("cli.no-lock").with("path", project.lock_file.native()));
  }
  CCCI_TRY(store::Store own, store::Store::open(context.state));
  CCCI_CHECK(unpacked(project, context, own, node::resolver_packages(*lock), lock->releases));
  return node::fetch(own, *lock, access, by_npm, context.progress);
}

}  // namespace

host::Fetch fetcher(const Project& project, const Context& context, const store::Store& store,
                    std::vector<source::Release> locked) {
  return [&, locked = std::move(locked)](
             const std::vector<source::Package>& packages) -> base::Result<void> {
    CCCI_TRY(
        source::debian::Archive archive,
        source::debian::Archive::open(context.state / "apt", store.archives(), context.offline,
                                      {.authorities = house_authorities(project.declaration)}));
    CCCI_TRY(source::Sources sources, sources_of(project));
    sources.locked = locked;
    std::vector<base::Error> errors;
    if (auto fetched = archive.fetch(packages, sources, context.progress); !fetched) {
      errors.push_back(std::move(fetched).error());
    }
    for (const source::Package& package : packages) {
      if (package.origin != source::Origin::archive) continue;
      const declare::PackageRule* rule = project.declaration.rule(package.name);
      if (rule == nullptr) continue;
      auto fetched =
          source::archive::fetch(*rule, project.directory(), store.archives(), context.progress,
                                 {.root = {},
                                  .offline = context.offline,
                                  .authorities = house_authorities(project.declaration)});
      if (!fetched) errors.push_back(std::move(fetched).error());
    }
    auto wheels = source::pypi::fetch(packages, store.archives(), context.progress,
                                      {.root = context.state / "apt",
                                       .offline = context.offline,
                                       .index = project.declaration.pypi.index,
                                       .authorities = house_authorities(project.declaration)});
    if (!wheels) errors.push_back(std::move(wheels).error());
    auto tarballs = fetch_npm(project, context, store, packages);
    if (!tarballs) errors.push_back(std::move(tarballs).error());
    if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
    return {};
  };
}

}  // namespace ccci::project
