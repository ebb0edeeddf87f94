// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/resolver.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/part.hpp"
#include "environment/plan.hpp"
#include "python/diagnosis.hpp"
#include "python/driver.hpp"
#include "python/hashes.hpp"
#include "python/requirements.hpp"
#include "python/sealed_root.hpp"
#include "source/kept.hpp"
#include "store/wheel_text.hpp"

namespace ccci::python {

namespace {

using base::Json;
using environment::Part;

constexpr const char* place = "var/lib/cc-ci-resolver";
constexpr std::uint64_t largest_answer = 256U << 20U;
constexpr std::uint64_t resolver_memory = 2ULL << 30U;
constexpr std::uint64_t resolver_file = 4ULL << 30U;

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

base::Result<std::vector<std::string>> constraints(const declare::Declaration& declaration) {
  std::vector<std::string> lines;
  const declare::PypiSource& source = declaration.pypi;
  for (const declare::Name* file : {&source.constraints, &source.requirements}) {
    if (file->text.empty()) continue;
    CCCI_TRY(const Requirements read, gather_requirements(source.files, *file));
    const bool all = file == &source.constraints;
    if (all) {
      for (const Requirement& one : read.requirements) lines.push_back(one.line);
    }
    for (const Requirement& one : read.constraints) lines.push_back(one.line);
  }
  return lines;
}

// The package of Debian with the metadata of the project: "requests-2.28.1.egg-info".
std::string supplier(const std::vector<Part>& parts, const std::string& project) {
  constexpr std::string_view modules = "usr/lib/python3/dist-packages/";
  for (const Part& part : parts) {
    for (const store::Entry& entry : part.manifest.entries) {
      if (!entry.path.starts_with(modules)) continue;
      const std::string_view name = std::string_view(entry.path).substr(modules.size());
      const std::string_view top = name.substr(0, name.find('/'));
      if (!top.ends_with(".dist-info") && !top.ends_with(".egg-info")) continue;
      if (store::normal_project(top.substr(0, top.find('-'))) == project) return part.package.name;
    }
  }
  return {};
}

// Whether the user asked for another version.
bool is_free(const Request& request, const std::string& name) {
  return std::find(request.update.begin(), request.update.end(), name) != request.update.end();
}

// The versions of the earlier lock, as constraints.
std::vector<std::string> kept_versions(const Request& request, const std::vector<Part>& parts) {
  std::vector<std::string> lines;
  if (request.earlier == nullptr || request.update_all) return lines;
  for (const source::Package& package : request.earlier->packages) {
    if (package.origin != source::Origin::pypi || is_free(request, package.name)) continue;
    const std::string project = package.name.substr(package.name.find(':') + 1);
    // Debian may supply now what the index supplied before.
    const std::string debian = supplier(parts, project);
    if (!debian.empty() && request.earlier->find(debian) == nullptr) continue;
    lines.push_back(project + "==" + package.version);
  }
  return lines;
}

struct KeptWheel {
  std::string file;  // its name on the index
  const source::Package* package = nullptr;
};

// The wheels of the earlier lock that are here.
std::vector<KeptWheel> kept_wheels(const store::Store& store, const Request& request) {
  std::vector<KeptWheel> wheels;
  if (!request.offline || request.earlier == nullptr) return wheels;
  for (const source::Package& package : request.earlier->packages) {
    if (package.origin != source::Origin::pypi) continue;
    if (!source::is_kept(store.archives(), package.origin, package.sha256, package.size)) continue;
    wheels.push_back({package.uri.substr(package.uri.rfind('/') + 1), &package});
  }
  return wheels;
}

std::string host_file(const char* path) {
  constexpr std::uint64_t largest = 1U << 20U;
  return base::read_file(path, largest).value_or(std::string());
}

base::Result<std::vector<environment::OwnFile>> own_files(const store::Store& store,
                                                          const Request& request,
                                                          const std::vector<Part>& parts) {
  constexpr std::uint64_t largest_wheel = 1ULL << 30U;
  std::vector<environment::OwnFile> files;
  const auto add = [&](const std::string& path, std::string content) {
    files.push_back({.path = path, .content = std::move(content)});
  };
  // How this machine finds the index.
  add("etc/resolv.conf", host_file("/etc/resolv.conf"));
  add("etc/hosts", host_file("/etc/hosts"));
  add("etc/nsswitch.conf", "hosts: files dns\n");
  const std::string below = std::string(place) + "/";
  const std::vector<std::string> lines = lines_for_pip(request.wanted);
  CCCI_TRY(const std::vector<std::string> fixed, constraints(request.declaration));
  const std::vector<std::string> keep = kept_versions(request, parts);
  Json known = Json::object();
  for (const auto& [module, project] : known_projects()) known[module] = project;
  Json wheels = Json::object();
  for (const KeptWheel& wheel : kept_wheels(store, request)) {
    wheels[wheel.file] = wheel.package->uri;
    CCCI_TRY(std::string content,
             base::read_file(source::kept_path(store.archives(), *wheel.package), largest_wheel));
    add(below + "wheels/" + wheel.file, std::move(content));
  }
  add(below + "requirements.txt", text_of(lines));
  add(below + "constraints.txt", text_of(fixed));
  add(below + "keep.txt", text_of(keep));
  add(below + "ca.pem", request.authorities);
  add(below + "driver.py", std::string(driver_program()));
  add(below + "request.json", Json{{"index", request.declaration.pypi.index},
                                   {"offline", request.offline},
                                   {"wheels", wheels},
                                   {"constraints", !fixed.empty()},
                                   {"keep", !keep.empty()},
                                   {"known", known}}
                                  .dump());
  return files;
}

base::Result<Json> read_answer(const seal::SealedOutcome& outcome) {
  const auto failed = [&](std::string_view cause) {
    return base::unexpected(
        base::fail("python.failed")
            .with("output",
                  base::printable_lines(outcome.output.substr(
                      outcome.output.size() - std::min<std::size_t>(outcome.output.size(), 600))))
            .with("cause", cause));
  };
  if (outcome.timed_out) return base::unexpected(base::fail("python.slow"));
  auto file = base::open_in_root(outcome.upper.get(), std::string(place) + "/answer.json",
                                 O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return failed("it gave no answer");
  CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_answer, "answer.json"));
  auto json = Json::parse(text);
  if (!json) return failed("its answer is no JSON");
  return std::move(*json);
}

base::Result<Json> ask(store::Store& store, const std::vector<Part>& parts,
                       const Request& request) {
  CCCI_TRY(const std::vector<environment::OwnFile> files, own_files(store, request, parts));
  CCCI_TRY(const SealedRoot root, SealedRoot::keep(store, "pip-resolver", parts, files));
  seal::SealedRun run;
  run.network = true;
  run.memory_limit = resolver_memory;
  run.file_limit = resolver_file;
  run.commands = {{"/usr/bin/python3", "-I", std::string("/") + place + "/driver.py"}};
  run.variables = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC0", "PYTHONDONTWRITEBYTECODE=1"};
  run.variables.insert(run.variables.end(), request.variables.begin(), request.variables.end());
  if (!request.user.empty()) {
    run.variables.push_back("CC_CI_INDEX_USER=" + request.user);
    run.variables.push_back("CC_CI_INDEX_PASSWORD=" + request.password);
  }
  auto outcome = root.run(std::move(run));
  if (!outcome) return base::unexpected(std::move(outcome).error().with("packages", "pip"));
  return read_answer(*outcome);
}

// A project may not put other bytes behind a version that was locked.
base::Result<void> refuse_replaced(const std::vector<source::Package>& packages,
                                   const Request& request) {
  if (request.earlier == nullptr || request.update_all) return {};
  const auto file = [](const source::Package& package) {
    return package.uri.substr(package.uri.rfind('/') + 1);
  };
  for (const source::Package& package : packages) {
    const source::Package* before = request.earlier->find(package.name);
    if (before == nullptr || is_free(request, package.name)) continue;
    if (file(*before) != file(package) || before->sha256 == package.sha256) continue;
    return base::unexpected(base::fail("python.replaced", base::Condition::mismatch)
                                .with("name", package.name)
                                .with("file", file(package))
                                .with("expected", before->sha256)
                                .with("found", package.sha256));
  }
  return {};
}

}  // namespace

base::Result<Resolved> resolve(store::Store& store, const lock::Lock& debian,
                               const Request& request, base::Progress& progress) {
  Resolved resolved;
  if (request.wanted.empty()) return resolved;
  const source::Package* python = debian.find("python3");
  const auto target =
      python == nullptr ? std::nullopt : target_of(python->version, debian.architecture);
  if (!target) return base::unexpected(base::fail("python.no-python"));
  CCCI_TRY(const std::vector<Part> parts,
           environment::read_parts(store, resolver_packages(debian)));
  progress.begin("asking pip which Python modules fit", 1, base::Progress::Unit::things);
  auto answer = ask(store, parts, request);
  progress.advance(1, "pip");
  progress.end();
  if (!answer) return base::unexpected(std::move(answer).error());
  if (request.offline && !(*answer)["report"].is_object()) {
    return base::unexpected(base::fail("python.offline").with("name", request.wanted.front().line));
  }
  if (!(*answer)["report"].is_object()) {
    return base::unexpected(explain(*answer, request.wanted, *target));
  }
  CCCI_CHECK(refuse_yanked((*answer)["output"].text_or_empty(), request.wanted));
  CCCI_TRY(Chosen chosen, read_report((*answer)["report"], request.wanted));
  for (const auto& [name, reasons] : chosen.supplied) {
    const std::string package = supplier(parts, name.substr(name.find(':') + 1));
    if (package.empty()) continue;  // a marker says that it is not needed here
    auto& all = resolved.supplied[package];
    all.insert(all.end(), reasons.begin(), reasons.end());
  }
  CCCI_CHECK(check_hashes(chosen.packages, request.wanted));
  CCCI_CHECK(refuse_replaced(chosen.packages, request));
  for (const source::Package& package : chosen.packages) {
    const std::string hidden = supplier(parts, package.name.substr(package.name.find(':') + 1));
    if (!hidden.empty()) {
      progress.note(package.name + " " + package.version + " hides the module of " + hidden +
                    ", whose version does not fit");
    }
  }
  resolved.packages = std::move(chosen.packages);
  return resolved;
}

}  // namespace ccci::python
