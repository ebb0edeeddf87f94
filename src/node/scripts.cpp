// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/scripts.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "configure/results.hpp"
#include "environment/build.hpp"
#include "environment/plan.hpp"
#include "seal/sealed_run.hpp"
#include "store/meta.hpp"

namespace ccci::node {

namespace {

using base::Json;
using environment::Part;

constexpr const char* script_place = "var/lib/cc-ci-scripts";
constexpr std::uint64_t largest_report = 16U << 20U;

// Runs the scripts in npm's order: each kind for all packages, and the packages by their places.
constexpr std::string_view runner = R"js('use strict';
const {spawnSync} = require('child_process');
const fs = require('fs');
const path = require('path');

const request = JSON.parse(fs.readFileSync(path.join(__dirname, 'request.json'), 'utf8'));

// Commands of the modules around the package, the nearest first.
function search_path(directory) {
  const found = [];
  for (let at = directory; at !== '/'; at = path.dirname(at)) {
    if (path.basename(at) !== 'node_modules') found.push(path.join(at, 'node_modules', '.bin'));
  }
  return [...found, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':');
}

function script_of(directory, about, kind) {
  const scripts = about.scripts || {};
  if (scripts[kind]) return scripts[kind];
  const builds = kind === 'install' && !scripts.preinstall && about.gypfile !== false &&
    fs.existsSync(path.join(directory, 'binding.gyp'));
  return builds ? 'node-gyp rebuild' : '';
}

const report = {ran: [], failed: null};
for (const kind of ['preinstall', 'install', 'postinstall']) {
  for (const directory of request.directories) {
    if (report.failed) break;
    const file = path.join(directory, 'package.json');
    const about = JSON.parse(fs.readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    const script = script_of(directory, about, kind);
    if (!script) continue;
    const env = {...process.env, PATH: search_path(directory), HOME: '/root', INIT_CWD: directory,
      NODE: process.execPath, npm_node_execpath: process.execPath, npm_command: 'ci',
      npm_lifecycle_event: kind, npm_lifecycle_script: script, npm_package_json: file,
      npm_package_name: about.name || '', npm_package_version: about.version || '',
      npm_config_user_agent: `npm/9.2.0 node/${process.version} linux ${process.arch}`,
      npm_config_offline: 'true', CI: 'true'};
    const run = spawnSync('/bin/sh', ['-c', script],
      {cwd: directory, env, encoding: 'utf8', maxBuffer: 16 << 20, stdio: ['ignore', 'pipe', 'pipe']});
    report.ran.push(`${directory} ${kind}`);
    if (run.status !== 0) {
      report.failed = {directory, kind,
        output: `${run.stdout || ''}${run.stderr || ''}${run.error || ''}`.slice(-1200)};
    }
  }
}
fs.writeFileSync(path.join(__dirname, 'report.json'), JSON.stringify(report));
)js";

std::string_view name_of(std::string_view package) {
  constexpr std::string_view directory = "node_modules/";
  const std::size_t at = package.rfind(directory);
  return at == std::string_view::npos ? package.substr(package.find(':') + 1)
                                      : package.substr(at + directory.size());
}

// Whether the package belongs to the tree from which the rule's tool comes.
bool is_in_tree(const declare::NpmPackage& rule, std::string_view package) {
  const std::string place = rule.lock.text.empty() ? "" : declare::npm_place(rule.lock.text);
  const std::string_view own = package.substr(package.find(':') + 1);
  return place.empty() ? !own.starts_with("./") : own.starts_with(place);
}

// The rules of npm with scripts.
std::vector<std::pair<const declare::PackageRule*, const declare::NpmPackage*>> rules_with_scripts(
    const declare::Declaration& declaration) {
  std::vector<std::pair<const declare::PackageRule*, const declare::NpmPackage*>> all;
  for (const auto& [name, rule] : declaration.packages) {
    const auto* npm = std::get_if<declare::NpmPackage>(&rule.from);
    if (npm != nullptr && !npm->scripts.empty()) all.emplace_back(&rule, npm);
  }
  return all;
}

// The directories of the packages whose scripts run, with the tool whose rule says so.
std::map<std::string, std::string> directories_of(const declare::Declaration& declaration,
                                                  const std::vector<Part>& parts) {
  std::map<std::string, std::string> directories;
  for (const auto& [rule, npm] : rules_with_scripts(declaration)) {
    for (const Part& part : parts) {
      if (part.generated || part.package.origin != source::Origin::npm) continue;
      const bool named = std::binary_search(npm->scripts.begin(), npm->scripts.end(),
                                            std::string(name_of(part.package.name)));
      if (!named || !is_in_tree(*npm, part.package.name)) continue;
      directories.emplace("/" + environment::own_directory(part.package), rule->name.text);
    }
  }
  return directories;
}

std::vector<environment::OwnFile> own_files(const std::map<std::string, std::string>& directories) {
  std::vector<std::string> names;
  for (const auto& [directory, tool] : directories) names.push_back(directory);
  std::vector<environment::OwnFile> files;
  for (const char* name : {"dev", "etc", "home", "proc", "root", "run", "sys", "tmp", "var/tmp"}) {
    files.push_back({.path = name, .directory = true});
  }
  const std::string below = std::string(script_place) + "/";
  files.push_back({.path = "etc/hosts", .content = "127.0.0.1 localhost\n::1 localhost\n"});
  files.push_back({.path = seal::script_library_path, .content = seal::script_library()});
  files.push_back({.path = below + "runner.js", .content = std::string(runner)});
  files.push_back({.path = below + "request.json", .content = Json{{"directories", names}}.dump()});
  return files;
}

std::vector<std::string> variables_at(std::int64_t epoch) {
  const std::string seconds = std::to_string(epoch);
  return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
          "LC_ALL=C.UTF-8",
          "TZ=UTC0",
          "SOURCE_DATE_EPOCH=" + seconds,
          "PYTHONHASHSEED=0",
          "PYTHONDONTWRITEBYTECODE=1",
          std::string("LD_PRELOAD=/") + seal::script_library_path,
          "CC_CI_CLOCK=" + seconds};
}

base::Result<void> check_report(const seal::SealedOutcome& outcome,
                                const std::map<std::string, std::string>& directories) {
  const auto failed = [&](const std::string& directory, std::string_view kind,
                          std::string_view output) {
    const auto tool = directories.find(directory);
    return base::unexpected(base::fail("node.script-failed")
                                .with("name", "npm:" + base::printable(name_of(directory)))
                                .with("script", base::printable(kind))
                                .with("tool", tool == directories.end() ? "" : tool->second)
                                .with("output", base::printable_lines(std::string(output))));
  };
  const std::string& first = directories.begin()->first;
  if (outcome.timed_out) return failed(first, "install", "it did not end in 10 minutes");
  const auto file =
      base::open_in_root(outcome.upper.get(), std::string(script_place) + "/report.json",
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file) return failed(first, "install", outcome.output);
  CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_report, "report.json"));
  const auto report = Json::parse(text);
  if (!report) return failed(first, "install", "its report is no JSON");
  const Json& what = (*report)["failed"];
  if (!what.is_object()) return {};
  return failed(what["directory"].text_or_empty(), what["kind"].text_or_empty(),
                what["output"].text_or_empty());
}

// overlayfs leaves a directory with mode 000 in work/.
void remove_rest(int directory) {
  static_cast<void>(!fchmodat(directory, "work/work", 0700, 0));
  for (const char* name : {"mnt", "work", "upper", "lower"}) {
    static_cast<void>(base::remove_tree(directory, name));
  }
}

base::Result<configure::Results> run_in(store::Store& store, const std::vector<Part>& parts,
                                        const std::map<std::string, std::string>& directories,
                                        const store::Staging& staging) {
  const int directory = staging.directory();
  for (const char* name : {"lower", "upper", "work", "mnt", "root"}) {
    if (mkdirat(directory, name, 0755) != 0) {
      return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
    }
  }
  CCCI_TRY(const base::Fd lower,
           base::open_in_root(directory, "lower", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const environment::Plan plan, environment::plan_root(parts, {}, own_files(directories)));
  CCCI_TRY(const store::WrittenTree before,
           environment::compose_root(store, plan, parts, lower.get(), staging.path() / "lower"));
  seal::SealedRun run;
  run.directory = directory;
  run.path = staging.path().native();
  run.commands = {{"/usr/bin/node", std::string("/") + script_place + "/runner.js"}};
  run.variables = variables_at(plan.epoch);
  auto outcome = seal::run_sealed(run);
  if (!outcome) return base::unexpected(std::move(outcome).error().with("packages", "npm"));
  CCCI_CHECK(check_report(*outcome, directories));
  return configure::harvest({.upper = outcome->upper.get(),
                             .directory = directory,
                             .before = before.manifest,
                             .epoch = plan.epoch,
                             .only = environment::npm_directory});
}

}  // namespace

base::Result<void> check_scripts(const declare::Declaration& declaration, const lock::Lock& lock) {
  for (const auto& [rule, npm] : rules_with_scripts(declaration)) {
    std::set<std::string> names;
    for (const source::Package& package : lock.packages) {
      if (package.origin == source::Origin::npm && is_in_tree(*npm, package.name)) {
        names.insert(std::string(name_of(package.name)));
      }
    }
    for (const std::string& name : npm->scripts) {
      if (names.contains(name)) continue;
      base::Error error = base::fail("node.no-script")
                              .with("tool", rule->name.text)
                              .with("name", name)
                              .at(rule->name.at);
      const std::string likely =
          base::likely(name, std::vector<std::string>(names.begin(), names.end()));
      if (!likely.empty()) error = std::move(error).with("likely", likely);
      return base::unexpected(std::move(error));
    }
  }
  return {};
}

base::Result<std::vector<Part>> run_scripts(store::Store& store,
                                            const declare::Declaration& declaration,
                                            const std::vector<Part>& parts,
                                            base::Progress& progress) {
  std::vector<Part> made;
  const std::map<std::string, std::string> directories = directories_of(declaration, parts);
  if (directories.empty()) return made;
  std::string inputs = "scripts of npm 1\n";
  for (const auto& [directory, tool] : directories) inputs += directory + "\n";
  for (const Part& part : parts) {
    inputs += part.package.name + " " + store::reference(part.object) + "\n";
  }
  const store::Address address =
      store::address(store::Kind::configuration, "scripts-of-npm", inputs);
  CCCI_TRY(std::optional<store::Staging> staging, store.claim(address));
  if (staging) {
    progress.advance(
        0, "running the scripts of " + base::counted(directories.size(), "package") + " of npm");
    auto results = run_in(store, parts, directories, *staging);
    remove_rest(staging->directory());
    if (!results) return base::unexpected(std::move(results).error());
    staging->root_is_normal();
    CCCI_CHECK(store::write_content(*staging, results->tree.manifest, results->tree.digest,
                                    Json{{"removed", results->removed}}));
    CCCI_CHECK(store.publish(std::move(*staging)));
  }
  CCCI_TRY(Part part, environment::read_generated(store, address));
  CCCI_TRY(const Json meta, store::read_meta(store, address));
  for (const Json& path : meta["removed"]) part.removed.push_back(path.text_or_empty());
  made.push_back(std::move(part));
  return made;
}

}  // namespace ccci::node
