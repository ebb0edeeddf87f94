// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/build.hpp"

#include <future>
#include <set>

#include "environment/build.hpp"
#include "environment/libraries.hpp"
#include "environment/part.hpp"
#include "node/scripts.hpp"
#include "python/bytecode.hpp"
#include "source/kept.hpp"
#include "store/package.hpp"

namespace ccci::host {

namespace {

// The entrypoint that runs any given command. It exists without a declaration.
constexpr const char* inside_name = "cc-ci-inside";

std::string set_of(const declare::Declaration& declaration, const std::string& host) {
  const auto found = declaration.hosts.find(host);
  const bool own = found != declaration.hosts.end() && found->second.has_own_environment();
  return own ? host : "shared";
}

}  // namespace

std::filesystem::path kept_archive(const store::Store& store, const source::Package& package) {
  return source::kept_path(store.archives(), package);
}

std::vector<store::Address> Build::objects() const {
  std::set<store::Address> all{environment.address, inside.address};
  for (const auto& [name, entrypoint] : entrypoints) all.insert(entrypoint.address);
  for (const auto& [name, entrypoint] : host_inside) all.insert(entrypoint.address);
  for (const auto& [name, system] : systems) all.insert(system.address);
  return {all.begin(), all.end()};
}

Missing Builder::missing(const std::vector<std::string>& hosts) const {
  Missing missing;
  std::set<std::string> sets{"shared"};
  for (const std::string& host : hosts) sets.insert(set_of(declaration_, host));
  std::set<std::string> seen;
  for (const std::string& set : sets) {
    const store::Address address = environment::address_of(declaration_, lock_, set);
    if (store_.has(address)) continue;
    missing.environments.push_back(address);
    for (const source::Package& package : lock_.closure(set)) {
      if (!seen.insert(package.name).second) continue;
      if (store_.has(environment::object_address(package))) continue;
      missing.packages.push_back(package);
      if (!std::filesystem::exists(kept_archive(store_, package)))
        missing.archives.push_back(package);
    }
  }
  return missing;
}

base::Result<void> Builder::add_packages(const std::vector<source::Package>& packages,
                                         const store::Early& early) {
  std::vector<source::Package> to_fetch;
  std::vector<store::PackageSource> to_unpack;
  for (const source::Package& package : packages) {
    if (store_.has(environment::object_address(package))) continue;
    store::PackageSource source =
        environment::package_source(package, kept_archive(store_, package));
    if (!std::filesystem::exists(source.file)) to_fetch.push_back(package);
    to_unpack.push_back(std::move(source));
  }
  if (!to_fetch.empty()) CCCI_CHECK(fetch_(to_fetch));
  if (!to_unpack.empty())
    CCCI_CHECK(store::add_packages(store_, to_unpack, progress_, 0, {}, early));
  return {};
}

base::Result<Builder::Made> Builder::environment(const std::string& set) {
  const store::Address address = environment::address_of(declaration_, lock_, set);
  if (const auto known = made_.find(address); known != made_.end()) return known->second;
  CCCI_TRY(environment::Environment loaded, environment::load(store_, address));
  Made made = std::make_shared<const environment::Environment>(std::move(loaded));
  return made_.emplace(address, std::move(made)).first->second;
}

base::Result<Builder::Configured> Builder::configure(const std::string& set,
                                                     configure::Configurer& configurer) const {
  Configured result;
  CCCI_TRY(result.packages, environment::read_parts(store_, lock_.closure(set)));
  CCCI_CHECK(environment::check_libraries(store_, result.packages, declaration_.absent_libraries));
  CCCI_TRY(result.made, configurer.configured(result.packages));
  return result;
}

base::Result<environment::Environment> Builder::compose(const std::string& set,
                                                        Configured configured) const {
  std::vector<environment::Part> parts = std::move(configured.packages);
  CCCI_TRY(const std::vector<environment::Part> compiled,
           python::bytecode(store_, parts, progress_));
  parts.insert(parts.end(), configured.made.begin(), configured.made.end());
  CCCI_TRY(const std::vector<environment::Part> scripted,
           node::run_scripts(store_, declaration_, parts, progress_));
  parts.insert(parts.end(), compiled.begin(), compiled.end());
  parts.insert(parts.end(), scripted.begin(), scripted.end());
  CCCI_TRY(const environment::Plan plan, environment::plan(declaration_, lock_, set, parts));
  return environment::build(store_, plan, parts);
}

base::Result<std::vector<environment::Part>> Builder::parts_of_image(const std::string& image) {
  const std::vector<source::Package> packages = lock_.image_closure(image);
  CCCI_CHECK(add_packages(packages));
  CCCI_TRY(std::vector<environment::Part> parts, environment::read_parts(store_, packages));
  // Without essential packages nothing can run a script.
  const auto found = declaration_.images.find(image);
  if (found == declaration_.images.end() || !found->second.essential) return parts;
  CCCI_TRY(const std::vector<environment::Part> made,
           configure::Configurer(store_, progress_).configured(parts));
  parts.insert(parts.end(), made.begin(), made.end());
  return parts;
}

// Configures one set after the other, because their scripts are mostly the same, and composes each
// on a thread of its own meanwhile: a declaration has one shared environment, and rarely more than
// one with extra tools.
base::Result<void> Builder::compose_all(const std::vector<std::string>& sets,
                                        std::unique_ptr<configure::Configurer> configurer) {
  std::map<store::Address, std::string> missing;
  for (const std::string& set : sets) {
    store::Address address = environment::address_of(declaration_, lock_, set);
    if (!store_.has(address)) missing.emplace(std::move(address), set);
  }
  if (missing.empty()) return {};
  progress_.begin("composing environments", missing.size(), base::Progress::Unit::things);
  // `deferred`: if the system allows no more threads, the work is done in get().
  std::vector<std::future<base::Result<environment::Environment>>> running;
  std::vector<base::Error> errors;
  for (const auto& [address, set] : missing) {
    auto configured = configure(set, *configurer);
    if (!configured) {
      errors.push_back(std::move(configured).error());
      continue;
    }
    running.push_back(std::async(std::launch::async | std::launch::deferred,
                                 [this, set = set, configured = std::move(*configured)]() mutable {
                                   auto made = compose(set, std::move(configured));
                                   progress_.advance(1, set);
                                   return made;
                                 }));
  }
  configurer.reset();  // removes its root while the environments are composed
  for (auto& one : running) {
    auto made = one.get();
    if (made) {
      const store::Address address = made->address;
      made_.emplace(address, std::make_shared<const environment::Environment>(*std::move(made)));
    } else {
      errors.push_back(std::move(made).error());
    }
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  progress_.end();
  return {};
}

base::Result<Builder::Derived> Builder::derive(const std::vector<std::string>& hosts) {
  CCCI_TRY(const std::filesystem::path installed, find_launcher());
  Derived derived;
  Build& build = derived.build;
  CCCI_TRY(PlannedLauncher launcher, plan_launcher(store_, installed));
  build.launcher = launcher.path;
  derived.objects.push_back(std::move(launcher.planned));
  CCCI_TRY(const Made shared_environment, environment("shared"));
  build.environment = *shared_environment;
  std::map<store::Address, EntrypointObject> insides;
  const auto entrypoint =
      [&](const environment::Environment& within, const std::string& name,
          const std::vector<std::string>& exec) -> base::Result<EntrypointObject> {
    CCCI_TRY(PlannedEntrypoint one, plan_entrypoint(store_, build.launcher, within, name, exec));
    derived.objects.push_back(std::move(one.planned));
    return one.entrypoint;
  };
  CCCI_TRY(build.inside, entrypoint(build.environment, inside_name, {}));
  insides.emplace(build.environment.address, build.inside);
  for (const auto& [name, declared] : declaration_.entrypoints) {
    CCCI_TRY(EntrypointObject object, entrypoint(build.environment, name, declared.exec));
    build.entrypoints.emplace(name, std::move(object));
  }
  const SharedPart shared = plan_shared_part(
      store_, declaration_, build.environment, build.entrypoints,
      build.entrypoints.empty() ? build.inside : build.entrypoints.begin()->second);
  derived.objects.insert(derived.objects.end(), shared.overlays.begin(), shared.overlays.end());
  for (const std::string& name : hosts) {
    CCCI_TRY(const Made own, environment(set_of(declaration_, name)));
    auto inside = insides.find(own->address);
    if (inside == insides.end()) {
      CCCI_TRY(EntrypointObject object, entrypoint(*own, inside_name, {}));
      inside = insides.emplace(own->address, std::move(object)).first;
    }
    build.systems.emplace(name,
                          plan_system(store_, declaration_, name, shared, own, inside->second));
    build.host_inside.emplace(name, inside->second);
  }
  return derived;
}

base::Result<Build> Builder::plan(const std::vector<std::string>& hosts) {
  CCCI_TRY(Derived derived, derive(hosts));
  return std::move(derived.build);
}

base::Result<Build> Builder::build(const std::vector<std::string>& hosts) {
  CCCI_TRY(const store::Hold hold, store_.hold());
  // Add all packages in one step: work is distributed best if no package has to wait for a closure.
  const Missing missing = this->missing(hosts);
  // The scripts of the Essential packages run meanwhile. They run one after the other, so without
  // them a processor would have nothing to do later.
  auto configurer = std::make_unique<configure::Configurer>(store_, progress_);
  const std::vector<source::Package> essential =
      configure::essential_closure(lock_.closure("shared"));
  store::Early early;
  for (const source::Package& package : essential)
    early.objects.insert(environment::object_address(package));
  early.then = [&] {
    const auto parts = environment::read_parts(store_, essential);
    if (parts) static_cast<void>(configurer->configure_essential(*parts));
  };
  CCCI_CHECK(add_packages(missing.packages, early));
  std::vector<std::string> sets{"shared"};
  for (const std::string& host : hosts) sets.push_back(set_of(declaration_, host));
  CCCI_CHECK(compose_all(sets, std::move(configurer)));
  CCCI_TRY(Derived derived, derive(hosts));
  for (const PlannedObject& planned : derived.objects) {
    CCCI_CHECK(publish_small(store_, planned.address, planned.object));
  }
  for (auto& [name, system] : derived.build.systems) {
    CCCI_CHECK(publish_system(store_, declaration_, system));
  }
  return std::move(derived.build);
}

}  // namespace ccci::host
