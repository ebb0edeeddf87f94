// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/resolver.hpp"

#include <fcntl.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "base/base64.hpp"
#include "base/files.hpp"
#include "base/memory.hpp"
#include "base/text.hpp"
#include "environment/part.hpp"
#include "node/diagnosis.hpp"
#include "node/driver.hpp"
#include "python/sealed_root.hpp"
#include "source/kept.hpp"

namespace ccci::node {

namespace {

using base::Json;
using environment::Part;

constexpr const char* place = "var/lib/cc-ci-resolver";
constexpr std::uint64_t largest_answer = 256U << 20U;
constexpr std::uint64_t largest_file = 4ULL << 30U;
constexpr int longest_install = 280;  // seconds

bool is_free(const Request& request, const std::string& name) {
  return request.update_all ||
         std::find(request.update.begin(), request.update.end(), name) != request.update.end();
}

// Whether a lock of the project names the package.
bool is_of_project(const source::Package& package) { return package.name.starts_with("npm:./"); }

// The versions of the earlier lock by name. npm cannot keep several versions of one name.
Json kept_versions(const Request& request) {
  Json keep = Json::object();
  if (request.earlier == nullptr) return keep;
  std::set<std::string> several;
  for (const source::Package& package : request.earlier->packages) {
    if (package.origin != source::Origin::npm || is_of_project(package)) continue;
    const std::size_t inner = package.name.rfind("/node_modules/");
    if (inner != std::string::npos) {
      several.insert(package.name.substr(inner + std::string_view("/node_modules/").size()));
    }
  }
  for (const source::Package& package : request.earlier->packages) {
    const std::string name = package.name.substr(package.name.find(':') + 1);
    if (package.origin != source::Origin::npm || is_free(request, package.name)) continue;
    if (name.find("/node_modules/") != std::string::npos || several.contains(name)) continue;
    keep[name] = package.version;
  }
  return keep;
}

std::string host_file(const char* path) {
  constexpr std::uint64_t largest = 1U << 20U;
  return base::read_file(path, largest).value_or(std::string());
}

// What one run of the driver is asked, in a directory of its own.
struct Job {
  Json request;
  std::vector<environment::OwnFile> files = {};  // named relative to the directory
};

std::string directory_of(std::size_t job) {
  return std::string(place) + "/" + std::to_string(job) + "/";
}

Json request_of(const Access& access, const char* mode) {
  std::vector<std::string> names;
  for (const std::string& variable : access.variables) {
    names.push_back(variable.substr(0, variable.find('=')));
  }
  Json scopes = Json::object();
  for (const auto& [scope, registry] : access.scopes) scopes[scope] = registry.address;
  return Json{{"mode", mode},
              {"registry", access.registry.address},
              {"scopes", scopes},
              {"variables", names},
              {"authorities", !access.authorities.empty()},
              {"seconds", longest_install}};
}

Job job_of_registry(const Request& request) {
  Job job{request_of(request.access, "install")};
  Json wanted = Json::object();
  for (const Wanted& one : request.wanted) wanted[one.name] = one.version;
  job.request["wanted"] = wanted;
  job.request["keep"] = kept_versions(request);
  return job;
}

Job job_of_lock(const Request& request, const ProjectLock& lock) {
  return {request_of(request.access, "lock"),
          {{.path = "project-lock.json", .content = lock.lock.dump()},
           {.path = "description.json", .content = lock.description.dump()}}};
}

std::vector<environment::OwnFile> own_files(const std::vector<Job>& jobs, const Access& access) {
  std::vector<environment::OwnFile> files{
      // How this machine finds the registry.
      {.path = "etc/resolv.conf", .content = host_file("/etc/resolv.conf")},
      {.path = "etc/hosts", .content = host_file("/etc/hosts")},
      {.path = "etc/nsswitch.conf", .content = "hosts: files dns\n"}};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string below = directory_of(i);
    files.push_back({.path = below + "ca.pem", .content = access.authorities});
    files.push_back({.path = below + "driver.js", .content = std::string(driver_program())});
    files.push_back({.path = below + "request.json", .content = jobs[i].request.dump()});
    for (environment::OwnFile file : jobs[i].files) {
      file.path = below + file.path;
      files.push_back(std::move(file));
    }
  }
  return files;
}

// npm's form for the credentials of one registry: "//HOST/PATH/:_authToken=TOKEN".
std::string credentials(const Registry& registry) {
  const std::size_t host = registry.address.find("//");
  if (host == std::string::npos) return {};
  std::string where = registry.address.substr(host);
  if (!where.ends_with('/')) where += '/';
  if (!registry.token.empty()) return where + ":_authToken=" + registry.token + "\n";
  if (registry.user.empty()) return {};
  return where + ":_auth=" + base::base64(registry.user + ":" + registry.password) + "\n";
}

std::string npmrc(const Access& access) {
  std::string lines = credentials(access.registry);
  for (const auto& [scope, registry] : access.scopes) {
    lines += scope + ":registry=" + registry.address + "\n" + credentials(registry);
  }
  return lines;
}

base::Result<Json> read_answer(const seal::SealedOutcome& outcome, std::size_t job) {
  const auto failed = [&](std::string_view cause) {
    return base::unexpected(
        base::fail("node.failed")
            .with("name", "npm")
            .with("output", std::string(cause) + "\n" + cause_of(outcome.output)));
  };
  if (outcome.timed_out) return base::unexpected(base::fail("node.slow"));
  auto file = base::open_in_root(outcome.upper.get(), directory_of(job) + "answer.json",
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return failed("it gave no answer");
  CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_answer, "answer.json"));
  auto json = Json::parse(text);
  if (!json) return failed("its answer is no JSON");
  return std::move(*json);
}

// What npm wrote lies in the root, and ends with it.
struct Asked {
  python::SealedRoot root;
  seal::SealedOutcome outcome;
};

// Runs the driver for each job in one root, one after the other. npm writes thousands of small
// files that nobody needs afterwards: in memory this takes a fraction of the time.
base::Result<Asked> run_jobs_at(store::Store& store, const lock::Lock& debian,
                                const std::vector<Job>& jobs, const Access& access,
                                bool in_memory) {
  CCCI_TRY(const std::vector<Part> parts,
           environment::read_parts(store, resolver_packages(debian)));
  CCCI_TRY(python::SealedRoot root,
           python::SealedRoot::keep(store, "npm-resolver", parts, own_files(jobs, access)));
  seal::SealedRun run;
  run.network = true;
  run.in_memory = in_memory;
  run.file_limit = largest_file;
  run.time_limit *= static_cast<int>(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    run.commands.push_back({"/usr/bin/node", "/" + directory_of(i) + "driver.js"});
  }
  run.variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC0"};
  run.variables.insert(run.variables.end(), access.variables.begin(), access.variables.end());
  const std::string configuration = npmrc(access);
  if (!configuration.empty()) run.variables.push_back("CC_CI_NPMRC=" + configuration);
  auto outcome = root.run(std::move(run));
  if (!outcome) return base::unexpected(std::move(outcome).error().with("packages", "npm"));
  return Asked{std::move(root), std::move(*outcome)};
}

base::Result<Asked> run_jobs(store::Store& store, const lock::Lock& debian,
                             const std::vector<Job>& jobs, const Access& access) {
  constexpr std::uint64_t least_memory = 4ULL << 30U;
  if (base::free_memory() < least_memory) return run_jobs_at(store, debian, jobs, access, false);
  CCCI_TRY(Asked asked, run_jobs_at(store, debian, jobs, access, true));
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto answer = read_answer(asked.outcome, i);
    // The driver could not write it, or npm says so.
    const bool full = !answer || (*answer)["error"]["code"].text_or_empty() == "ENOSPC";
    if (full && !asked.outcome.timed_out) return run_jobs_at(store, debian, jobs, access, false);
  }
  return asked;
}

// Another file under a version that was locked.
base::Result<void> refuse_replaced(const std::vector<Installed>& installed,
                                   const Request& request) {
  if (request.earlier == nullptr) return {};
  for (const Installed& one : installed) {
    const source::Package& package = one.package;
    const source::Package* before = request.earlier->find(package.name);
    // The project itself says which file its lock names.
    if (is_of_project(package)) continue;
    if (before == nullptr || is_free(request, package.name) || before->version != package.version ||
        before->sha256 == package.sha256) {
      continue;
    }
    return base::unexpected(base::fail("node.replaced", base::Condition::mismatch)
                                .with("name", package.name)
                                .with("version", package.version)
                                .with("expected", before->sha256)
                                .with("found", package.sha256));
  }
  return {};
}

// Moves the files that npm fetched to the kept ones. Their digests are computed again.
base::Result<void> keep_files(const store::Store& store, const base::Fd& upper, std::size_t job,
                              const std::vector<Installed>& installed) {
  for (const Installed& one : installed) {
    const source::Package& package = one.package;
    if (source::is_kept(store.archives(), package.origin, package.sha256, package.size)) continue;
    const std::string path = directory_of(job) + one.file;
    CCCI_TRY(base::Fd file,
             base::open_in_root(upper.get(), path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    CCCI_CHECK(
        source::keep(store.archives(), {.file = path,
                                        .opened = std::make_shared<const base::Fd>(std::move(file)),
                                        .name = package.name + " " + package.version,
                                        .origin = package.origin,
                                        .sha256 = package.sha256,
                                        .size = package.size,
                                        .limit = largest_file}));
  }
  return {};
}

}  // namespace

std::vector<Wanted> wanted(const declare::Declaration& declaration) {
  std::vector<Wanted> all;
  const auto add = [&](const std::vector<declare::Name>& tools, const std::string& set) {
    for (const declare::Name& tool : tools) {
      const declare::PackageRule* rule = declaration.rule(tool.text);
      const auto* npm = rule == nullptr ? nullptr : std::get_if<declare::NpmPackage>(&rule->from);
      if (npm == nullptr) continue;
      if (!npm->lock.text.empty()) continue;
      all.push_back({npm->name, npm->version, "tool " + tool.text, set, tool.at});
    }
  };
  add(declaration.tools, "shared");
  for (const auto& [name, host] : declaration.hosts) add(host.extra_tools, name);
  return all;
}

std::vector<source::Package> resolver_packages(const lock::Lock& debian) {
  std::set<std::string> names;
  std::deque<std::string> open{"npm", "nodejs"};
  while (!open.empty()) {
    const source::Package* package = debian.find(open.front());
    open.pop_front();
    if (package == nullptr || !names.insert(package->name).second) continue;
    open.insert(open.end(), package->depends.begin(), package->depends.end());
  }
  std::vector<source::Package> chosen;
  for (const source::Package& package : debian.closure(lock::npm_resolver)) {
    if (names.contains(package.name)) chosen.push_back(package);
  }
  return chosen;
}

base::Result<Resolved> resolve(store::Store& store, const lock::Lock& debian,
                               const Request& request, base::Progress& progress) {
  std::vector<Job> jobs;
  const bool asks = !request.wanted.empty();
  if (asks) jobs.push_back(job_of_registry(request));
  for (const ProjectLock& lock : request.locks) jobs.push_back(job_of_lock(request, lock));
  progress.begin("asking npm which packages fit", 1, base::Progress::Unit::things);
  auto asked = run_jobs(store, debian, jobs, request.access);
  progress.advance(1, "npm");
  progress.end();
  if (!asked) return base::unexpected(std::move(asked).error());
  Resolved resolved;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const ProjectLock* lock = asks && i == 0 ? nullptr : &request.locks[i - (asks ? 1 : 0)];
    const std::vector<Wanted>& wanted = lock == nullptr ? request.wanted : lock->wanted;
    const std::string prefix = lock == nullptr ? "" : declare::npm_place(lock->path);
    CCCI_TRY(const Json answer, read_answer(asked->outcome, i));
    if (!answer["tree"].is_object()) {
      return base::unexpected(explain(answer, wanted, lock == nullptr ? "" : lock->path));
    }
    CCCI_TRY(const std::vector<Installed> installed, read_installed(answer, wanted, prefix));
    CCCI_CHECK(refuse_replaced(installed, request));
    CCCI_CHECK(keep_files(store, asked->outcome.upper, i, installed));
    for (const Installed& one : installed) resolved.packages.push_back(one.package);
    for (lock::Elsewhere& one : read_elsewhere(answer["lock"], answer["tree"], prefix)) {
      resolved.elsewhere.push_back(std::move(one));
    }
  }
  return resolved;
}

base::Result<void> fetch(store::Store& store, const lock::Lock& debian, const Access& access,
                         const std::vector<source::Package>& packages, base::Progress& progress) {
  std::vector<std::string> urls;
  for (const source::Package& package : packages) urls.push_back(package.uri);
  std::vector<Job> jobs{{request_of(access, "fetch")}};
  jobs.front().request["urls"] = urls;
  progress.begin("fetching packages of npm", 1, base::Progress::Unit::things);
  auto asked = run_jobs(store, debian, jobs, access);
  progress.advance(1, "npm");
  progress.end();
  if (!asked) return base::unexpected(std::move(asked).error());
  CCCI_TRY(const Json answer, read_answer(asked->outcome, 0));
  std::vector<Installed> fetched;
  const source::Package* missing = nullptr;
  for (const source::Package& package : packages) {
    const std::string file = answer["fetched"][package.sha256].text_or_empty();
    if (file.empty()) {
      missing = &package;
    } else {
      fetched.push_back({package, file});
    }
  }
  CCCI_CHECK(keep_files(store, asked->outcome.upper, 0, fetched));
  if (missing == nullptr) return {};
  const Wanted wanted{missing->name.substr(missing->name.find(':') + 1), {}, {}, {}, {}};
  if (answer["error"].is_object() && !answer["error"].empty()) {
    return base::unexpected(explain(answer, {wanted}, {}));
  }
  return base::unexpected(base::fail("source.npm-changed", base::Condition::mismatch)
                              .with("name", missing->name + " " + missing->version)
                              .with("package", missing->name)
                              .with("uri", missing->uri)
                              .with("expected", "sha256 " + missing->sha256)
                              .with("found", "another file"));
}

}  // namespace ccci::node
