// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/resolver.hpp"

#include <fcntl.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <set>

#include "base/files.hpp"
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

// The versions of the earlier lock by name. npm cannot keep several versions of one name.
Json kept_versions(const Request& request) {
  Json keep = Json::object();
  if (request.earlier == nullptr) return keep;
  std::set<std::string> several;
  for (const source::Package& package : request.earlier->packages) {
    if (package.origin != source::Origin::npm) continue;
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

std::vector<environment::OwnFile> own_files(const Request& request) {
  const std::string below = std::string(place) + "/";
  Json wanted = Json::object();
  for (const Wanted& one : request.wanted) wanted[one.name] = one.version;
  std::vector<std::string> names;
  for (const std::string& variable : request.variables) {
    names.push_back(variable.substr(0, variable.find('=')));
  }
  return {
      // How this machine finds the registry.
      {.path = "etc/resolv.conf", .content = host_file("/etc/resolv.conf")},
      {.path = "etc/hosts", .content = host_file("/etc/hosts")},
      {.path = "etc/nsswitch.conf", .content = "hosts: files dns\n"},
      {.path = below + "ca.pem", .content = request.authorities},
      {.path = below + "driver.js", .content = std::string(driver_program())},
      {.path = below + "request.json",
       .content = Json{{"registry", request.registry},
                       {"wanted", wanted},
                       {"keep", kept_versions(request)},
                       {"variables", names},
                       {"authorities", !request.authorities.empty()},
                       {"seconds", longest_install}}
                      .dump()},
  };
}

// npm's form for the token of one registry: "//HOST/PATH/:_authToken=TOKEN".
std::string npmrc(const Request& request) {
  const std::size_t host = request.registry.find("//");
  if (request.token.empty() || host == std::string::npos) return {};
  std::string where = request.registry.substr(host);
  if (!where.ends_with('/')) where += '/';
  return where + ":_authToken=" + request.token + "\n";
}

struct Asked {
  Json answer;
  base::Fd upper;
};

base::Result<Asked> read_answer(seal::SealedOutcome outcome) {
  const auto failed = [&](std::string_view cause) {
    constexpr std::size_t shown = 600;
    const std::size_t from = outcome.output.size() - std::min(outcome.output.size(), shown);
    return base::unexpected(
        base::fail("node.failed")
            .with("name", "npm")
            .with("output",
                  std::string(cause) + "\n" + base::printable_lines(outcome.output.substr(from))));
  };
  if (outcome.timed_out) return base::unexpected(base::fail("node.slow"));
  auto file = base::open_in_root(outcome.upper.get(), std::string(place) + "/answer.json",
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return failed("it gave no answer");
  CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_answer, "answer.json"));
  auto json = Json::parse(text);
  if (!json) return failed("its answer is no JSON");
  return Asked{std::move(*json), std::move(outcome.upper)};
}

// Another file under a version that was locked.
base::Result<void> refuse_replaced(const std::vector<Installed>& installed,
                                   const Request& request) {
  if (request.earlier == nullptr) return {};
  for (const Installed& one : installed) {
    const source::Package& package = one.package;
    const source::Package* before = request.earlier->find(package.name);
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
base::Result<void> keep_files(const store::Store& store, const base::Fd& upper,
                              const std::vector<Installed>& installed) {
  for (const Installed& one : installed) {
    const source::Package& package = one.package;
    if (source::is_kept(store.archives(), package.origin, package.sha256, package.size)) continue;
    const std::string path = std::string(place) + "/" + one.file;
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

base::Result<std::vector<source::Package>> resolve(store::Store& store, const lock::Lock& debian,
                                                   const Request& request,
                                                   base::Progress& progress) {
  CCCI_TRY(const std::vector<Part> parts,
           environment::read_parts(store, resolver_packages(debian)));
  CCCI_TRY(const python::SealedRoot root,
           python::SealedRoot::make(store, parts, own_files(request)));
  seal::SealedRun run;
  run.network = true;
  run.file_limit = largest_file;
  run.commands = {{"/usr/bin/node", std::string("/") + place + "/driver.js"}};
  run.variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC0"};
  run.variables.insert(run.variables.end(), request.variables.begin(), request.variables.end());
  const std::string configuration = npmrc(request);
  if (!configuration.empty()) run.variables.push_back("CC_CI_NPMRC=" + configuration);
  progress.begin("asking npm which packages fit", 1, base::Progress::Unit::things);
  auto outcome = root.run(std::move(run));
  progress.advance(1, "npm");
  progress.end();
  if (!outcome) return base::unexpected(std::move(outcome).error().with("packages", "npm"));
  CCCI_TRY(const Asked asked, read_answer(std::move(*outcome)));
  if (!asked.answer["tree"].is_object()) {
    return base::unexpected(explain(asked.answer, request.wanted));
  }
  CCCI_TRY(const std::vector<Installed> installed, read_installed(asked.answer, request.wanted));
  CCCI_CHECK(refuse_replaced(installed, request));
  CCCI_CHECK(keep_files(store, asked.upper, installed));
  std::vector<source::Package> packages;
  for (const Installed& one : installed) packages.push_back(one.package);
  return packages;
}

}  // namespace ccci::node
