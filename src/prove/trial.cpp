// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/trial.hpp"

#include <array>
#include <map>
#include <set>

#include "declare/declaration.hpp"
#include "project/project.hpp"
#include "project/resolve.hpp"
#include "prove/proofs.hpp"
#include "prove/repository.hpp"
#include "prove/vocabulary.hpp"
#include "wording/message.hpp"

namespace ccci::prove {

namespace {

// Small packages that every Debian and Ubuntu has. The first one that is not declared is tried.
constexpr std::array candidates{"tree", "file", "less", "zip", "unzip", "rsync", "patch"};

// The tools that the lock puts on the PATH for this set. They are read from the packages: a tool
// that was lost in resolution is missing here, even if it is declared.
std::shared_ptr<const std::vector<std::string>> tools_of(const lock::Lock& lock,
                                                         const std::string& set) {
  std::vector<std::string> tools;
  for (const source::Package& package : lock.closure(set)) {
    for (const std::string& because : package.because) {
      if (because.starts_with("tool ")) tools.push_back(because.substr(5));
    }
  }
  return std::make_shared<const std::vector<std::string>>(std::move(tools));
}

// Maps a host to the first host with the same extra tools. Such hosts get the same result, so the
// sources are asked only once for them.
using Representatives = std::map<std::string, std::string>;

Representatives representatives(const declare::Declaration& declaration) {
  std::map<std::set<std::string>, std::string> first;
  Representatives speaks;
  for (const auto& [name, host] : declaration.hosts) {
    std::set<std::string> extras;
    for (const declare::Name& tool : host.extra_tools) extras.insert(tool.text);
    speaks[name] = first.try_emplace(std::move(extras), name).first->second;
  }
  return speaks;
}

std::vector<PlannedConsumer> planned(const declare::Declaration& declaration,
                                     const lock::Lock& lock, const Representatives& speaks) {
  std::map<std::string, std::shared_ptr<const std::vector<std::string>>> lists;
  const auto shared = tools_of(lock, "shared");
  std::vector<PlannedConsumer> consumers;
  std::string host;
  auto own = shared;
  for (const Expected& expected : expected_consumers(declaration)) {
    const auto found = declaration.hosts.find(expected.host);
    if (expected.host != host && found != declaration.hosts.end()) {
      host = expected.host;
      auto& list = lists[speaks.at(host)];
      if (!list) {
        list = found->second.has_own_environment() ? tools_of(lock, speaks.at(host)) : shared;
      }
      own = list;
    }
    consumers.push_back({expected.host, expected.name, expected.name == "PATH" ? own : shared});
  }
  return consumers;
}

// Uses the local index first: the question is whether one edit reaches all consumers, not which
// version is the newest.
base::Result<lock::Lock> resolved(const project::Project& project, const project::Context& context,
                                  const lock::Lock& lock) {
  const project::Context offline{context.state, true, context.progress};
  auto here = project::resolve(project, offline, &lock, {});
  if (!here && !context.offline) here = project::resolve(project, context, &lock, {});
  if (!here) return base::unexpected(std::move(here).error());
  return std::move(here->lock);
}

}  // namespace

Trial plan_trial(const project::Project& project, const project::Context& context,
                 const lock::Lock& lock) {
  Trial trial;
  const Vocabulary vocabulary(project.declaration);
  for (const char* candidate : candidates) {
    if (vocabulary.any(candidate)) continue;
    project::Project edited = project;
    edited.declaration.tools.push_back({candidate, {}});
    const Representatives speaks = representatives(project.declaration);
    std::erase_if(edited.declaration.hosts,
                  [&](const auto& host) { return speaks.at(host.first) != host.first; });
    trial.tool = candidate;
    const auto after = resolved(edited, context, lock);
    if (!after) {
      trial.unavailable = wording::one_line(after.error());
      break;
    }
    trial.package = edited.declaration.debian_package(candidate).value_or(candidate);
    if (const source::Package* package = after->find(trial.package)) {
      trial.version = package->version;
    }
    trial.before = planned(project.declaration, lock, speaks);
    trial.after = planned(project.declaration, *after, speaks);
    break;
  }
  return trial;
}

}  // namespace ccci::prove
