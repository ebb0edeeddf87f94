// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/gather.hpp"

#include <map>
#include <memory>

#include "declare/declaration.hpp"
#include "environment/environment.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/build.hpp"
#include "project/lock_status.hpp"
#include "project/project.hpp"
#include "prove/consumer_reader.hpp"
#include "prove/inside_probe.hpp"
#include "prove/proofs.hpp"
#include "prove/repository.hpp"
#include "prove/trial.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::prove {

namespace {

// Why a missing object is not built; nothing if it may be built.
using Unbuilt = std::optional<std::string>;

// The hosts' systems, and the build that the proofs can look at.
struct Built {
  std::vector<BuiltHost> hosts;
  std::optional<host::Build> build;
  std::string unavailable;  // if there is no build
};

void record(const base::Error& error, BuiltHost& host) {
  if (!error.is(base::Condition::conflict)) {
    if (host.error.empty()) host.error = wording::one_line(error);
    return;
  }
  host.collisions.push_back({std::string(error.field("path")), std::string(error.field("first")),
                             std::string(error.field("second")),
                             "remove the tool that brings one of them (cc-ci why " +
                                 std::string(error.field("package")) + ")"});
}

BuiltHost failed(const std::string& name, const base::Error& error) {
  BuiltHost host;
  host.host = name;
  base::Error alone = error;
  alone.also.clear();
  record(alone, host);
  for (const base::Error& also : error.also) record(also, host);
  return host;
}

// All inputs of the hosts' systems are built. Some of the systems themselves may not be.
Built planned_hosts(store::Store& store, host::Builder& builder,
                    const std::vector<std::string>& names, const std::string& unbuilt) {
  Built built;
  auto plan = builder.plan(names);
  if (!plan) {
    built.unavailable = wording::one_line(plan.error());
    for (const std::string& name : names) built.hosts.push_back(failed(name, plan.error()));
    return built;
  }
  built.build = *std::move(plan);
  for (const auto& [name, system] : built.build->systems) {
    BuiltHost host;
    host.host = name;
    host.built = store.has(system.address);
    if (!host.built) host.unavailable = "its system " + unbuilt;
    built.hosts.push_back(std::move(host));
  }
  return built;
}

BuiltHost good(const host::System& system) {
  BuiltHost host;
  host.host = system.host;
  host.built = true;
  host.digest = system.digest;
  return host;
}

// Builds all hosts at once. If this fails, builds each host alone, so that each failure belongs to
// one host.
Built build_hosts(const project::Project& project, const project::Context& context,
                  store::Store& store, const lock::Lock& lock,
                  const std::vector<std::string>& names) {
  Built built;
  auto all = project::build(project, context, store, lock, names);
  if (all) {
    built.build = *std::move(all);
    for (const auto& [name, system] : built.build->systems) built.hosts.push_back(good(system));
    return built;
  }
  built.unavailable = wording::one_line(all.error());
  for (const std::string& name : names) {
    auto one = project::build(project, context, store, lock, {name});
    if (!one) {
      built.hosts.push_back(failed(name, one.error()));
      continue;
    }
    built.hosts.push_back(good(one->systems.at(name)));
    if (!built.build) {
      built.build = *std::move(one);
    } else {
      built.build->systems.merge(one->systems);
    }
  }
  return built;
}

Built built_hosts(const project::Project& project, const project::Context& context,
                  store::Store& store, const lock::Lock& lock, const Unbuilt& unbuilt) {
  std::vector<std::string> names;
  for (const auto& [name, host] : project.declaration.hosts) names.push_back(name);
  host::Builder builder(store, project.declaration, lock, {}, context.progress);
  if (!unbuilt) return build_hosts(project, context, store, lock, names);
  if (builder.missing(names).environments.empty()) {
    return planned_hosts(store, builder, names, *unbuilt);
  }
  Built built;
  built.unavailable = "the environment " + *unbuilt;
  for (const std::string& name : names) {
    BuiltHost host;
    host.host = name;
    host.unavailable = "its system " + *unbuilt;
    built.hosts.push_back(std::move(host));
  }
  return built;
}

// Hosts with the same environment share one list.
std::vector<HostView> views(const Built& built) {
  using Shown = std::shared_ptr<const std::vector<environment::Exposed>>;
  std::map<store::Address, Shown> lists;
  std::vector<HostView> views;
  for (const BuiltHost& host : built.hosts) {
    HostView view;
    view.host = host.host;
    const bool known = built.build && built.build->systems.contains(host.host);
    if (known) {
      const environment::Environment& own = *built.build->systems.at(host.host).environment;
      Shown& list = lists[own.address];
      if (!list) list = std::make_shared<const std::vector<environment::Exposed>>(own.exposed);
      view.exposed = list;
    } else {
      view.unavailable = host.unavailable.empty() ? "its system does not build" : host.unavailable;
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace

base::Result<std::vector<Proof>> prove_all(const project::Project& project,
                                           const project::Context& context,
                                           const Request& request) {
  const declare::Declaration& declaration = project.declaration;
  CCCI_TRY(const lock::Lock lock, project::current_lock(project));
  CCCI_TRY(store::Store store, request.no_build ? store::Store::look(context.state)
                                                : store::Store::open(context.state));
  store.report_to(context.progress);
  CCCI_TRY(const store::Hold hold, store.hold());
  Unbuilt unbuilt;
  if (request.no_build) {
    unbuilt = "is not built, and --no-build was given";
  } else if (!store.writable()) {
    // The objects that exist can still be proved.
    unbuilt = "is not built, and cannot be here: only the owner of " + store.state().native() +
              " can build in it";
  }
  const Built built = built_hosts(project, context, store, lock, unbuilt);
  const host::Build* build = built.build ? &*built.build : nullptr;
  const ProvenRepository repository(project);
  const std::vector<BaselineList> baselines = repository.baselines();
  std::vector<Consumer> consumers;
  if (build != nullptr) consumers = ConsumerReader(declaration, *build).read();
  const std::string environment = build == nullptr ? "" : build->environment.address.hash;
  const std::vector<environment::Exposed> none;
  const auto& exposed = build == nullptr ? none : build->environment.exposed;

  Inside inside;
  if (build == nullptr) {
    inside.unavailable = built.unavailable;
  } else if (!store.has(build->inside.address)) {
    inside.unavailable = "its entrypoint " + unbuilt.value_or("is not built");
  } else {
    inside = look_inside(*build, declaration.host_files);
  }
  std::vector<Proof> proofs;
  proofs.push_back(builds(declaration, built.hosts));
  proofs.push_back(single_source(declaration, repository.readings(), declaration.ignored, consumers,
                                 environment));
  proofs.push_back(
      superset(declaration, baselines, declaration.waivers, build == nullptr ? nullptr : &exposed));
  proofs.push_back(parity(declaration, consumers));
  proofs.push_back(divergence(declaration, views(built), baselines, declaration.waivers));
  proofs.push_back(propagation(declaration, plan_trial(project, context, lock)));
  proofs.push_back(closed(environment, inside));
  proofs.push_back(
      appeared(repository.earlier(store, request.since), exposed, declaration.waivers));
  return proofs;
}

}  // namespace ccci::prove
