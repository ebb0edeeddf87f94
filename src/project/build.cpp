// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/build.hpp"

#include <algorithm>
#include <set>

#include "base/hash.hpp"
#include "environment/command_index.hpp"
#include "environment/part.hpp"
#include "environment/script_rights.hpp"
#include "host/entrypoint_object.hpp"
#include "host/small_object.hpp"
#include "project/build_cache.hpp"
#include "project/declared_files.hpp"
#include "project/resolve.hpp"
#include "python/check.hpp"
#include "source/debian/archive.hpp"
#include "store/meta.hpp"
#include "store/package.hpp"
#include "store/upkeep.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

// "cc-ci-1a2b3c4d": the directory's name is for people. The digest of the path distinguishes
// projects in directories of the same name.
std::string root_prefix(const Project& project) {
  const fs::path path = fs::weakly_canonical(fs::absolute(project.file));
  std::string name;
  const fs::path directory = path.parent_path().filename();
  for (const char c : directory.native()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name.push_back(plain ? c : '-');
  }
  return name.substr(0, 40) + "-" + base::sha256(path.native()).hex().substr(0, 8);
}

// Returns true for the system of a declared host that this build did not include. It keeps its
// root.
bool still_wanted(const Project& project, const host::Build& build, const store::Root& root) {
  const std::string& host = root.object.label;
  return root.object.kind == store::Kind::system && project.declaration.hosts.contains(host) &&
         !build.systems.contains(host);
}

// New roots are added before old ones are removed, because gc may run at any moment.
base::Result<void> replace_roots(const Project& project, store::Store& store,
                                 const host::Build& build) {
  const std::map<std::string, store::Address> wanted = root_names(project, build);
  CCCI_TRY(std::vector<store::Root> present, store::roots(store));
  // store::roots() returns explicit roots as "root NAME".
  constexpr std::string_view kind = "root ";
  std::erase_if(present, [&](store::Root& root) {
    if (!root.name.starts_with(kind)) return true;
    root.name.erase(0, kind.size());
    return false;
  });
  std::set<std::string> there;
  for (const store::Root& root : present) {
    const auto same = wanted.find(root.name);
    if (same != wanted.end() && same->second == root.object) there.insert(root.name);
  }
  std::map<std::string, store::Address> missing = wanted;
  std::erase_if(missing, [&](const auto& root) { return there.contains(root.first); });
  CCCI_CHECK(store::add_roots(store, missing));
  const std::string prefix = root_prefix(project) + ".";
  std::vector<std::string> stale;
  for (const store::Root& root : present) {
    const bool ours = root.name.starts_with(prefix) && !wanted.contains(root.name);
    if (ours && !still_wanted(project, build, root)) stale.push_back(root.name);
  }
  return store::drop_roots(store, stale);
}

// An entrypoint's first line has the launcher's path, which the kernel must be able to read. Asked
// before the work, and not when the first entrypoint is written.
base::Result<void> check_state_path(const store::Store& store, const fs::path& from) {
  CCCI_TRY(const host::PlannedLauncher launcher, host::plan_launcher(store, from));
  environment::Environment environment;
  environment.address = store::address(store::Kind::environment, "shared", "");
  environment.root = (store.path(environment.address) / "root").native();
  environment::Exposed essential;
  essential.directory = "/usr/lib/cc-ci/essential";
  environment.exposed.push_back(std::move(essential));
  CCCI_CHECK(host::plan_entrypoint(store, launcher.path, environment, "any", {}));
  return {};
}

}  // namespace

std::map<std::string, store::Address> root_names(const Project& project, const host::Build& build) {
  const std::string prefix = root_prefix(project) + ".";
  std::map<std::string, store::Address> names;
  for (const store::Address& object : build.objects()) {
    names[prefix + std::string(store::kind_name(object.kind)) + "." + object.label + "." +
          object.hash.substr(0, 8)] = object;
  }
  return names;
}

base::Result<host::Build> build(const Project& project, const Context& context, store::Store& store,
                                const lock::Lock& lock, const std::vector<std::string>& hosts) {
  // The digests of another architecture's packages are right too.
  const std::string machine = source::debian::native_architecture();
  if (lock.architecture != machine) {
    return base::unexpected(base::fail("lock.architecture")
                                .with("path", project.lock_file.native())
                                .with("found", lock.architecture)
                                .with("expected", machine));
  }
  // First, because without /proc nothing else gets far, and says so in other words.
  CCCI_TRY(const fs::path launcher, host::find_launcher());
  CCCI_CHECK(check_state_path(store, launcher));
  CCCI_CHECK(python::check_wheels(lock));
  CCCI_TRY(const store::Hold hold, store.hold());
  host::Builder builder(store, project.declaration, lock,
                        fetcher(project, context, store, lock.releases), context.progress);
  CCCI_TRY(host::Build build, builder.build(hosts));
  CCCI_CHECK(replace_roots(project, store, build));
  return build;
}

base::Result<std::optional<host::Build>> plan(const Project& project, const Context& context,
                                              store::Store& store, const lock::Lock& lock,
                                              const std::vector<std::string>& hosts) {
  host::Builder builder(store, project.declaration, lock, {}, context.progress);
  if (!builder.missing(hosts).environments.empty()) return std::optional<host::Build>{};
  CCCI_TRY(host::Build planned, builder.plan(hosts));
  return std::optional(std::move(planned));
}

base::Json to_json(const host::Build& build) {
  const environment::Environment& environment = build.environment;
  base::Json json{{"schema", 1},
                  {"environment",
                   {{"hash", environment.address.hash},
                    {"digest", environment.digest},
                    {"path", environment.path},
                    {"root", environment.root},
                    {"bytes", environment.bytes},
                    {"entries", environment.entries},
                    {"paths", environment.paths()},
                    {"variables", environment.variables}}},
                  {"entrypoints", base::Json::object()},
                  {"hosts", base::Json::object()}};
  for (const auto& [name, entrypoint] : build.entrypoints) {
    json["entrypoints"][name] = {{"path", entrypoint.path}, {"digest", entrypoint.digest}};
  }
  for (const auto& [name, system] : build.systems) {
    json["hosts"][name] = {{"path", system.path},
                           {"digest", system.digest},
                           {"environment", system.environment->address.hash},
                           {"paths", system.paths}};
  }
  return json;
}

base::Result<store::Address> build_system(const Project& project, const Context& context,
                                          store::Store& store, const std::string& host,
                                          bool may_resolve) {
  if (const auto cache = BuildCache::open(project.file, context.state, {host})) {
    if (const auto system = cache->find_system(store, host)) return *system;
  }
  CCCI_TRY(const lock::Lock lock, lock_for_build(project, context, may_resolve));
  CCCI_TRY(const host::Build built, build(project, context, store, lock, {host}));
  // The cache is opened again, because the lock may be new.
  if (const auto cache = BuildCache::open(project.file, context.state, {host})) {
    CCCI_CHECK(
        cache->keep(root_names(project, built), file_digests(project.declaration), to_json(built)));
  }
  return built.systems.at(host).address;
}

base::Result<std::optional<store::Address>> planned_system(const Project& project,
                                                           const Context& context,
                                                           store::Store& store,
                                                           const lock::Lock& lock,
                                                           const std::string& host) {
  if (const auto cache = BuildCache::open(project.file, context.state, {host})) {
    if (const auto system = cache->find_system(store, host)) return system;
  }
  CCCI_TRY(const std::optional<host::Build> planned, plan(project, context, store, lock, {host}));
  if (!planned) return std::optional<store::Address>{};
  return std::optional(planned->systems.at(host).address);
}

namespace {

// What a job starts by its name. A helper elsewhere is started by programs that say what they lack.
bool is_program(const std::string& path) {
  return std::any_of(environment::program_directories.begin(),
                     environment::program_directories.end(), [&](std::string_view directory) {
                       return path.starts_with(directory) &&
                              path.find('/', directory.size()) == std::string::npos;
                     });
}

}  // namespace

base::Result<std::vector<std::string>> lost_rights(const store::Store& store,
                                                   const lock::Lock& lock) {
  std::set<std::string> files;
  for (const source::Package& package : lock.closure("shared")) {
    if (package.essential || package.origin != source::Origin::debian) continue;
    const store::Address object = environment::object_address(package);
    CCCI_TRY(const std::string control, store::control_file(store, object, "control"));
    if (control.find("\nPriority: required\n") != std::string::npos) continue;
    std::vector<std::string> rights;  // "setuid usr/bin/sudo"
    CCCI_TRY(const base::Json meta, store::read_meta(store, object));
    if (const base::Json* dropped = meta.find("dropped")) {
      for (const base::Json& one : *dropped) rights.emplace_back(one.text_or_empty());
    }
    CCCI_TRY(const std::string script, store::control_file(store, object, "postinst"));
    if (!script.empty()) {
      CCCI_TRY(const store::Manifest manifest, store::package_manifest(store, object));
      for (std::string& one : environment::rights_of_script(script, manifest))
        rights.push_back(std::move(one));
    }
    for (const std::string& one : rights) {
      const std::string path = one.substr(one.find(' ') + 1);
      if (is_program(path)) files.insert("/" + path);
    }
  }
  return std::vector<std::string>(files.begin(), files.end());
}

}  // namespace ccci::project
