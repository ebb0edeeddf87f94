// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/configure.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "base/files.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "base/threads.hpp"
#include "configure/groups.hpp"
#include "configure/results.hpp"
#include "configure/script_roots.hpp"
#include "environment/finishing.hpp"
#include "seal/sealed_run.hpp"
#include "store/meta.hpp"
#include "store/package.hpp"

namespace ccci::configure {

namespace {

using base::Json;
using environment::Part;

constexpr std::uint64_t largest_status = 64U << 20U;

constexpr std::chrono::hours longest_run{1};

std::vector<std::string> variables(std::int64_t epoch) {
  const std::string seconds = std::to_string(epoch);
  return {std::string("PATH=/") + replaced_directory + ":/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME=/root",
          "LC_ALL=C.UTF-8",
          "TZ=UTC0",
          "DEBIAN_FRONTEND=noninteractive",
          "DEBCONF_NONINTERACTIVE_SEEN=true",
          "DPKG_FORCE=unsafe-io,depends,confold",
          "SOURCE_DATE_EPOCH=" + seconds,
          "FORCE_SOURCE_DATE=1",
          "PERL_HASH_SEED=0",
          "PYTHONHASHSEED=0",
          "PYTHONDONTWRITEBYTECODE=1",
          std::string("LD_PRELOAD=/") + seal::script_library_path,
          "CC_CI_CLOCK=" + seconds};
}

std::vector<std::vector<std::string>> commands(const Group& group,
                                               const std::vector<Part>& members) {
  std::vector<std::vector<std::string>> all;
  for (const Part& part : members) {
    if (std::find(group.preinsts.begin(), group.preinsts.end(), part.package.name) ==
        group.preinsts.end()) {
      continue;
    }
    const bool same = part.field("Multi-Arch") == "same";
    const std::string name =
        same ? part.package.name + ":" + part.field("Architecture") : part.package.name;
    all.push_back({"/usr/bin/env", "DPKG_MAINTSCRIPT_NAME=preinst",
                   "DPKG_MAINTSCRIPT_PACKAGE=" + part.package.name,
                   "DPKG_MAINTSCRIPT_ARCH=" + part.field("Architecture"),
                   "DPKG_MAINTSCRIPT_PACKAGE_REFCOUNT=1",
                   "DPKG_ROOT=", "/var/lib/dpkg/info/" + name + ".preinst", "install"});
  }
  // Twice: a hook in another package's configuration may expect that this package is configured.
  // dpkg itself would not have put that configuration in place yet.
  for (int turn = 0; turn < 2; ++turn) {
    all.push_back({"/usr/bin/dpkg", "--abort-after=100000", "--configure", "--pending"});
  }
  return all;
}

base::Result<base::Fd> make_directory(int parent, const char* name, mode_t mode) {
  if (mkdirat(parent, name, mode) != 0) {
    return base::unexpected(base::fail("base.mkdir").with("path", name).with_errno(errno));
  }
  return base::open_in_root(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

// What the package's script said last: dpkg's message comes after it.
std::string last_words(const std::string& output, const std::string& package) {
  const std::string message = "dpkg: error processing package " + package;
  std::string_view before;
  std::string said;
  for (const std::string_view line : base::split(output, '\n')) {
    const bool ends = line.starts_with(message) && line.size() > message.size() &&
                      (line[message.size()] == ' ' || line[message.size()] == ':');
    if (ends) said = before;
    if (!base::trim(line).empty()) before = line;
  }
  return base::printable(said.substr(0, 300));
}

std::string last_line(const std::string& output) {
  const std::string_view text = base::trim(output);
  return base::printable(text.substr(text.rfind('\n') + 1).substr(0, 300));
}

Json printable_lines(const std::string& output) {
  Json lines = Json::array();
  for (const std::string_view line : base::split(output, '\n')) {
    if (!line.empty()) lines.push_back(base::printable(line.substr(0, 400)));
  }
  return lines;
}

// The packages whose configuration did not end well, from dpkg's own record.
base::Result<std::vector<std::pair<std::string, std::string>>> failures(
    const Group& group, const seal::SealedOutcome& outcome) {
  std::set<std::string> good;
  const auto file = base::open_in_root(outcome.upper.get(), "var/lib/dpkg/status",
                                       O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file) {
    CCCI_TRY(const std::string text, base::read_fd(file->get(), largest_status, "status"));
    std::string package;
    for (const std::string_view line : base::split(text, '\n')) {
      if (line.starts_with("Package: ")) package = line.substr(9);
      if (line == "Status: install ok installed") good.insert(package);
    }
  }
  std::vector<std::pair<std::string, std::string>> failed;
  for (const std::string& package : group.runs) {
    if (good.contains(package)) continue;
    std::string why = outcome.timed_out ? "it waited for 10 minutes, and nothing came"
                                        : last_words(outcome.output, package);
    failed.emplace_back(package, why.empty() ? "it failed" : std::move(why));
  }
  return failed;
}

Json meta_of(const Group& group, const Results& results,
             const std::vector<std::pair<std::string, std::string>>& failed) {
  Json meta{{"ran", group.runs},          {"because", group.because},
            {"removed", results.removed}, {"normalised", results.normalised},
            {"left_out", Json::array()},  {"failed", Json::array()}};
  for (const LeftOut& one : results.left_out) {
    meta["left_out"].push_back({{"path", one.path}, {"why", one.why}});
  }
  for (const auto& [package, why] : failed) {
    meta["failed"].push_back({{"package", package}, {"why", why}});
  }
  return meta;
}

// overlayfs leaves a directory with mode 000 in work/.
void remove_scratch(int directory) {
  static_cast<void>(!fchmodat(directory, "work/work", 0700, 0));
  for (const char* name : {"mnt", "work", "upper", "lower"}) {
    static_cast<void>(base::remove_tree(directory, name));
  }
}

// Without it, the scripts' programs would find the libraries of Essential packages only.
base::Result<void> require_linker_cache(const seal::SealedOutcome& outcome) {
  struct stat there {};
  const int found =
      fstatat(outcome.upper.get(), environment::linker_cache, &there, AT_SYMLINK_NOFOLLOW);
  if (found == 0) return {};
  return base::unexpected(base::fail("environment.finishing")
                              .with("step", "linker cache")
                              .with("output", base::printable(outcome.output.substr(0, 400))));
}

// No script made it.
void forget_linker_cache(Results& results) {
  std::erase_if(results.left_out, [](const LeftOut& one) {
    return one.path == environment::linker_cache || one.path == "var/cache/ldconfig";
  });
}

base::Result<void> run_group(const Group& group, ScriptRoots& roots,
                             const std::vector<Part>& members, bool first,
                             store::Staging& staging) {
  const int directory = staging.directory();
  for (const char* name : {"upper", "work", "mnt", "root"}) {
    CCCI_CHECK(make_directory(directory, name, 0755));
  }
  CCCI_TRY(const ScriptRoot root, roots.make(members, group.pending, staging));
  seal::SealedRun run;
  run.directory = directory;
  run.path = staging.path().native();
  run.lower = root.lower;
  run.commands = root.commands;
  for (auto& command : commands(group, members)) run.commands.push_back(std::move(command));
  run.variables = variables(root.epoch);
  run.busy_limit = longest_run;
  auto outcome = seal::run_sealed(run);
  if (!outcome) {
    remove_scratch(directory);
    return base::unexpected(
        std::move(outcome).error().with("packages", base::join(group.runs, ", ")));
  }
  if (outcome->was_busy) {
    // Never kept: another machine would have another result.
    remove_scratch(directory);
    return base::unexpected(base::fail("configure.slow")
                                .with("packages", base::join(group.runs, ", "))
                                .with("output", last_line(outcome->output)));
  }
  if (!root.commands.empty()) CCCI_CHECK(require_linker_cache(*outcome));
  CCCI_TRY(const auto failed, failures(group, *outcome));
  auto results = harvest({.upper = outcome->upper.get(),
                          .directory = directory,
                          .before = root.manifest,
                          .epoch = root.epoch,
                          .accounts = first});
  remove_scratch(directory);
  if (!results) return base::unexpected(std::move(results).error());
  if (!root.commands.empty()) forget_linker_cache(*results);
  Json meta = meta_of(group, *results, failed);
  if (!failed.empty()) meta["output"] = printable_lines(outcome->output);
  staging.root_is_normal();
  return store::write_content(staging, results->tree.manifest, results->tree.digest,
                              std::move(meta));
}

base::Result<Part> read_result(const store::Store& store, const store::Address& address) {
  CCCI_TRY(Part part, environment::read_generated(store, address));
  CCCI_TRY(const Json meta, store::read_meta(store, address));
  base::JsonReader members(meta);
  part.removed = members.texts("removed");
  for (const std::string& package : members.texts("ran")) part.outcome.emplace(package, "");
  part.because = members.text_map("because");
  for (const Json& failed : members.array("failed")) {
    base::JsonReader one(failed);
    part.outcome.insert_or_assign(one.text("package"), one.text("why"));
    members.require(one.good(), "failed");
  }
  if (!members.good()) {
    return base::unexpected(base::fail("store.meta").with("object", store::reference(address)));
  }
  return part;
}

std::vector<Part> chosen(const std::vector<Part>& parts, const std::vector<std::size_t>& which) {
  std::vector<Part> result;
  result.reserve(which.size() + 1);
  for (const std::size_t at : which) result.push_back(parts[at]);
  return result;
}

// Configures the groups of one closure.
class Configuration {
 public:
  Configuration(store::Store& store, const std::vector<Part>& parts, std::vector<Group> groups,
                ScriptRoots& roots, base::Progress& progress)
      : store_(store),
        parts_(parts),
        groups_(std::move(groups)),
        roots_(roots),
        progress_(progress),
        results_(groups_.size()) {}

  // The first group before all others, which then run at the same time.
  base::Result<std::vector<Part>> run() {
    CCCI_CHECK(run_first());
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    base::on_threads(std::min(cores, groups_.size() - 1), [this] { work(); });
    std::vector<Part> all;
    if (first_) all.push_back(std::move(*first_));
    for (std::size_t i = 1; i < groups_.size(); ++i) {
      if (!results_[i]) return base::unexpected(std::move(results_[i]).error());
      all.push_back(std::move(*results_[i]));
    }
    return all;
  }

  base::Result<void> run_first() {
    if (groups_.front().runs.empty()) return {};
    CCCI_TRY(first_, ensure(groups_.front()));
    progress_.advance(0, "configured " + base::join(groups_.front().runs, ", "));
    return {};
  }

 private:
  void work() {
    for (std::size_t at = next_++; at < groups_.size(); at = next_++) {
      progress_.advance(0, "configuring " + base::join(groups_[at].runs, ", "));
      results_[at] = ensure(groups_[at]);
    }
  }

  base::Result<Part> ensure(const Group& group) {
    const store::Address address = address_of(group, parts_, first_ ? &first_->object : nullptr);
    CCCI_TRY(std::optional<store::Staging> staging, store_.claim(address));
    if (staging) {
      std::vector<Part> members = chosen(parts_, group.members);
      if (first_) members.push_back(*first_);
      CCCI_CHECK(run_group(group, roots_, members, !first_, *staging));
      CCCI_CHECK(store_.publish(std::move(*staging)));
    }
    return read_result(store_, address);
  }

  store::Store& store_;
  const std::vector<Part>& parts_;
  std::vector<Group> groups_;
  ScriptRoots& roots_;
  base::Progress& progress_;
  std::optional<Part> first_;  // what the first group made
  std::atomic<std::size_t> next_ = 1;
  std::vector<base::Result<Part>> results_;
};

}  // namespace

std::vector<source::Package> essential_closure(const std::vector<source::Package>& packages) {
  std::map<std::string_view, const source::Package*> by_name;
  for (const source::Package& package : packages) by_name.emplace(package.name, &package);
  std::set<std::string_view> wanted;
  std::vector<const source::Package*> open;
  const auto want = [&](const source::Package& package) {
    if (wanted.insert(package.name).second) open.push_back(&package);
  };
  for (const source::Package& package : packages) {
    if (package.essential) want(package);
  }
  while (!open.empty()) {
    const source::Package& package = *open.back();
    open.pop_back();
    for (const std::string& name : package.depends) {
      if (const auto found = by_name.find(name); found != by_name.end()) want(*found->second);
    }
  }
  std::vector<source::Package> closure;
  std::copy_if(packages.begin(), packages.end(), std::back_inserter(closure),
               [&](const source::Package& package) { return wanted.contains(package.name); });
  return closure;
}

Configurer::Configurer(store::Store& store, base::Progress& progress)
    : store_(store), progress_(progress) {}

Configurer::~Configurer() = default;

void Configurer::use_base(std::vector<Part> base) {
  if (!roots_ || !roots_->is_over(base)) {
    roots_ = std::make_unique<ScriptRoots>(store_, std::move(base));
  }
}

base::Result<void> Configurer::configure_essential(const std::vector<Part>& parts) {
  std::vector<Group> planned = groups(parts);
  planned.resize(1);
  if (planned.front().runs.empty()) return {};
  use_base(chosen(parts, planned.front().base));
  return Configuration(store_, parts, std::move(planned), *roots_, progress_).run_first();
}

base::Result<std::vector<Part>> Configurer::configured(const std::vector<Part>& parts) {
  std::vector<Group> planned = groups(parts);
  use_base(chosen(parts, planned.back().base));
  return Configuration(store_, parts, std::move(planned), *roots_, progress_).run();
}

}  // namespace ccci::configure
