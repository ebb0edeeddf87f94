// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/session.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "engine/image_archive.hpp"
#include "engine/private_engine.hpp"
#include "engine/shared_engine.hpp"
#include "run/bare_engine.hpp"
#include "run/disk_reserve.hpp"
#include "run/image_cache.hpp"
#include "run/pull.hpp"
#include "run/rejection.hpp"

namespace ccci::run {

namespace {

constexpr std::chrono::seconds time_to_notice{5};
constexpr std::chrono::seconds time_to_look{2};  // again, whether the engine is well

// A small archive may hold images that no disk has room for.
base::Error too_large(const std::filesystem::path& path) {
  return base::fail("run.archive-disk", base::Condition::no_space).with("path", path.native());
}

}  // namespace

std::string describe(const engine::Reaped& reaped) {
  if (reaped.left.empty()) return "ended what a killed run left: " + reaped.name;
  return "what a killed run left cannot be removed: " + reaped.name + ": " +
         base::join(reaped.left, ", ") +
         "; to try again, or to forget it if its engine is lost: cc-ci test --remove " +
         reaped.name;
}

base::Result<std::unique_ptr<Session>> Session::start(const Setup& setup, const Plan& plan,
                                                      const std::string& name, Watcher& watcher,
                                                      const Stopping& stopping, Mask& mask) {
  std::unique_ptr<Session> session(new Session(setup, plan, watcher, stopping, mask));
  session->make_secrets(plan.head);
  CCCI_CHECK(setup.engine.empty() ? session->start_private(name) : session->start_shared(name));
  CCCI_TRY(session->ingress_, ingress::Ingress::prepare(*session->engine_));
  session->abilities_ = engine::probe_abilities();
  return session;
}

base::Result<void> Session::load(const std::filesystem::path& archive, const engine::Guard& guard) {
  watcher_.wait("loading " + archive.filename().native());
  CCCI_TRY(const base::Fd file, open_image_archive(archive));
  const auto loaded = engine_->load(file.get(), guard);
  // Engines with another image store have other ids for the same images.
  if (auto ids = engine::image_ids(file.get()); loaded && ids) {
    for (auto& [image, id] : *ids) archive_ids_.insert_or_assign(image, std::move(id));
  }
  if (loaded) return {};
  return base::unexpected(
      not_loaded(base::Error(loaded.error()).with("archive", archive.native())));
}

// Ends what would go on for long when the run is to end.
engine::Guard Session::guard() const {
  return [this]() -> base::Result<void> {
    if (stopping_() == Stop::no) return {};
    return base::unexpected(base::fail("run.stopped", base::Condition::interrupted));
  };
}

base::Error Session::not_loaded(base::Error error) const {
  if (!error.is(base::Condition::interrupted) || stopping_() != Stop::disk_full) return error;
  return too_large(setup_.state).with("archive", error.field("archive"));
}

// What the archives have, for somebody who has mistyped a name. In a shared engine most images are
// others'.
std::string Session::known_images() const {
  constexpr std::size_t most = 5;
  const auto all = engine::list_images(api());
  if (!all || engine_->shared()) return {};
  std::vector<std::string> names;
  for (const engine::Image& image : *all)
    names.insert(names.end(), image.names.begin(), image.names.end());
  std::sort(names.begin(), names.end());
  if (names.empty()) return {};
  const bool more = names.size() > most;
  if (more) names.resize(most);
  return " (the archives have " + base::join(names, ", ") + (more ? ", …)" : ")");
}

base::Result<void> Session::start_private(const std::string& name) {
  auto images = image_seeds(setup_, watcher_, guard());
  if (!images) return base::unexpected(not_loaded(std::move(images).error()));
  engine::EngineSetup wanted;
  wanted.directory = setup_.engines();
  wanted.name = name;
  wanted.entry = setup_.entry;
  wanted.seeds = images->seeds;
  watcher_.wait("the engine");
  CCCI_TRY(engine::PrivateEngine started, engine::PrivateEngine::start(wanted));
  engine_ = std::make_unique<engine::PrivateEngine>(std::move(started));
  for (const std::filesystem::path& archive : images->unseeded) CCCI_CHECK(load(archive, guard()));
  return {};
}

base::Result<void> Session::start_shared(const std::string& name) {
  watcher_.wait("the engine of " + setup_.engine);
  std::vector<engine::Reaped> reaped;
  auto started =
      engine::SharedEngine::start({setup_.engines(), name, setup_.entry, setup_.engine}, reaped);
  for (const engine::Reaped& one : reaped) note(describe(one));
  if (!started) return base::unexpected(std::move(started).error());
  engine_ = std::move(*started);
  deviate({{"", "engine",
            "the app's containers are in the network, the firewall and the control groups that the "
            "engine gives them: the engine is shared, so no limit holds for all of them together"},
           {"", "engine", "containers do not reach the app's public names: the engine is shared"}});
  CCCI_CHECK(look_for_traefik());
  // Its disk may be another one.
  DiskReserve disk(engine_->data());
  const engine::Guard guarded = [&]() -> base::Result<void> {
    if (disk.nearly_full()) return base::unexpected(too_large(engine_->data()));
    return guard()();
  };
  for (const std::filesystem::path& archive : setup_.images) CCCI_CHECK(load(archive, guarded));
  return {};
}

base::Result<void> Session::look_for_traefik() {
  CCCI_TRY(std::optional<engine::Traefik> found, engine::find_traefik(api()));
  if (!found) return {};
  if (found->why_not.empty()) {
    turn_ = take_turn(setup_.state);
    if (!turn_) found->why_not = "another test uses it";
  }
  const std::string name = "the Traefik of the engine, service " + found->service;
  if (!found->why_not.empty()) {
    deviate({{"", "ingress", name + ", is not used: " + found->why_not}});
    return {};
  }
  if (const std::string why = objection(*found, plan_.head); !why.empty())
    deviate({{"", "ingress", name + ", is not used for this app: " + why}});
  else
    note("tested through " + name);
  traefik_ = std::move(found);
  return {};
}

bool Session::goes_through_traefik(const Deployable& app) const {
  return traefik_ && objection(*traefik_, app).empty();
}

void Session::note(const std::string& text) {
  if (std::find(notes_.begin(), notes_.end(), text) != notes_.end()) return;
  notes_.push_back(text);
  watcher_.note(text);
}

void Session::deviate(const std::vector<recipe::Deviation>& found) {
  for (const recipe::Deviation& deviation : found) {
    if (std::find(deviations_.begin(), deviations_.end(), deviation) == deviations_.end())
      deviations_.push_back(deviation);
  }
}

// A base may have secrets that the head does not have; those of both stay the same.
void Session::make_secrets(const Deployable& app) {
  std::map<std::string, std::string>& known = secrets_[app.app.composed.stack.name];
  for (const recipe::SecretSpec& secret : app.app.secrets) {
    if (known.contains(secret.key)) continue;
    for (const auto& [key, value] : values_of({secret}).values) {
      mask_.add(value);
      known[key] = value;
    }
  }
}

// In production a container resolves the app's public names by DNS. Here they lead to the ingress,
// for the services that can reach it.
void Session::name_ingress(const Deployable& app, recipe::Stack& stack) const {
  std::vector<ingress::Site> sites{{stack.name, app.routing, {}}};
  for (const Deployable* other : installed_dependencies_)
    sites.push_back({other->app.composed.stack.name, other->routing, {}});
  std::set<std::string> names = ingress::names_of(sites);
  for (const recipe::Service& service : stack.services)
    for (const recipe::Attachment& network : service.networks)
      for (const std::string& alias : network.aliases) names.erase(alias);
  for (recipe::Service& service : stack.services) {
    const bool reaches = std::any_of(
        service.networks.begin(), service.networks.end(), [&](const recipe::Attachment& each) {
          const auto network = stack.networks.find(each.network);
          return network != stack.networks.end() && !network->second.internal &&
                 network->second.driver == "overlay";
        });
    if (!reaches || ingress_->address().empty()) continue;
    for (const std::string& name : names) {
      const bool own =
          std::any_of(service.extra_hosts.begin(), service.extra_hosts.end(),
                      [&](const std::string& entry) { return entry.starts_with(name + ":"); });
      if (!own) service.extra_hosts.push_back(name + ":" + ingress_->address());
    }
  }
}

// External secrets become the stack's as well: nobody else could know their values.
base::Result<recipe::Stack> Session::prepared(const Deployable& app) {
  recipe::Stack stack = app.app.composed.stack;
  make_secrets(app);
  const auto& values = secrets_of(app);
  for (auto& [key, secret] : stack.secrets) {
    if (!secret.external) mask_.add(secret.content);
    if (!secret.external || !values.contains(key)) continue;
    secret.external = false;
    secret.content = values.at(key);
  }
  deviate(made_up(app.app.secrets));
  stack = engine_->fitted(std::move(stack));
  if (goes_through_traefik(app)) engine::put_behind(*traefik_, app.app.composed.stack, stack);
  const auto& allowed = plan_.settings.allow;
  const bool host_paths = std::find(allowed.begin(), allowed.end(), "host-paths") != allowed.end();
  deviate(fit_bare_engine(stack, {host_paths, most_of_limits()}));
  name_ingress(app, stack);
  return stack;
}

// False if the engine does not have the image.
base::Result<bool> Session::take_image(recipe::Service& service) {
  const auto take = [&](const std::string& name, const engine::Image& image) {
    const auto known = archive_ids_.find(engine::familiar_name(name));
    images_[name] = known != archive_ids_.end() ? known->second : image.id;
    // By its name, the swarm would first ask a registry for a newer one.
    service.image = engine_->shared() ? image.id : name;
    return true;
  };
  CCCI_TRY(const std::optional<engine::Image> found, engine_->image(service.image));
  if (found) return take(service.image, *found);
  if (service.image.find('@') == std::string::npos) return false;
  const std::string tagged = service.image.substr(0, service.image.find('@'));
  CCCI_TRY(const std::optional<engine::Image> same, engine_->image(tagged));
  if (!same) return false;
  if (!pulled_.contains(service.image))
    deviate({{service.key, "image", "the digest is not checked: an archive has none"}});
  return take(tagged, *same);
}

base::Result<void> Session::pull_image(const std::string& image) {
  watcher_.wait("pulling " + image);
  const std::filesystem::path archive = engine_->place() / "pulled.tar";
  CCCI_CHECK(pull(setup_, image, archive, plan_.timeout, base::real_processes()));
  pulled_.insert(image);
  CCCI_CHECK(load(archive, guard()));
  std::error_code ignored;
  std::filesystem::remove(archive, ignored);
  return {};
}

// The engine itself pulls nothing, so a missing image is told at once and not after its attempts.
base::Result<std::optional<Outcome>> Session::take_images(const std::string& recipe,
                                                          recipe::Stack& stack) {
  const auto& allowed = plan_.settings.allow;
  const bool may_pull = std::find(allowed.begin(), allowed.end(), "pull") != allowed.end();
  for (recipe::Service& service : stack.services) {
    if (is_off(service)) continue;
    CCCI_TRY(bool taken, take_image(service));
    if (!taken && may_pull) {
      if (const auto pulled = pull_image(service.image); !pulled) {
        if (!pulled.error().is(base::Condition::refused)) return base::unexpected(pulled.error());
        return Outcome::red("service " + service.name + ": image " + service.image +
                            " cannot be pulled: " + std::string(pulled.error().field("problem")));
      }
      CCCI_TRY(taken, take_image(service));
    }
    if (taken) continue;
    return Outcome::red("service " + service.name + ": no such image: " + service.image +
                        known_images() +
                        "; give an archive with it: --image, or images in [recipes." + recipe +
                        "]; or declare allow = [\"pull\"]");
  }
  return std::nullopt;
}

base::Result<std::vector<ingress::Site>> Session::sites_with(const Deployable& app) {
  std::vector<const Deployable*> all = installed_dependencies_;
  all.push_back(&app);
  std::vector<ingress::Site> sites;
  for (const Deployable* each : all) {
    const std::string& name = each->app.composed.stack.name;
    CCCI_TRY(std::vector<engine::Endpoint> endpoints, engine::find_endpoints(api(), name));
    ingress::Site& site = sites.emplace_back();
    site = {name, each->routing, std::move(endpoints)};
    if (goes_through_traefik(*each))
      site.through = ingress::Through{traefik_->address, traefik_->plain, traefik_->secure};
    for (const recipe::Service& service : each->app.composed.stack.services)
      for (const recipe::Port& port : service.ports)
        if (port.protocol == "tcp" && !engine_->shared()) site.published.insert(port.published);
  }
  return sites;
}

base::Result<Outcome> Session::deploy(const Deployable& app) {
  CCCI_TRY(recipe::Stack stack, prepared(app));
  CCCI_TRY(std::optional<Outcome> missing, take_images(app.recipe, stack));
  if (missing) return std::move(*missing);
  watcher_.wait("the engine to take the stack");
  auto deployed = engine::deploy(api(), stack, abilities_, guard());
  if (!deployed) {
    if (deployed.error().is(base::Condition::interrupted)) return Outcome::unverified("stopped");
    if (auto outcome = rejection_of(deployed.error())) return std::move(*outcome);
    return base::unexpected(std::move(deployed).error());
  }
  deployed_ = std::move(*deployed);
  // Where nothing changed, what was well has to stay so.
  if (!deployed_.created.empty() || !deployed_.updated.empty()) well_.reset();
  deviate(deployed_.deviations);
  return settle(app);
}

base::Result<Outcome> Session::deploy_and_serve(const Deployable& app) {
  CCCI_TRY(Outcome outcome, deploy(app));
  if (!outcome.good()) return outcome;
  return serve(app);
}

base::Result<engine::Leftovers> Session::remove(const Deployable& app, bool volumes) {
  watcher_.wait("the stack to be gone");
  engine::Removal removal;
  removal.volumes = volumes;
  removal.at_once = volumes;  // nobody needs what the services would still write
  // An engine that lost a part of itself can remove nothing, and would be waited for in vain.
  removal.interrupted = [this, looked = std::chrono::steady_clock::now()]() mutable {
    if (stopping_() != Stop::no) return true;
    const auto now = std::chrono::steady_clock::now();
    if (now - looked < time_to_look) return false;
    looked = now;
    return !engine_->check();
  };
  removal.marks = engine_->marks();
  well_.reset();
  return engine::remove_stack(api(), app.app.composed.stack.name, removal);
}

base::Result<std::map<std::string, std::set<std::string>>> Session::containers(
    const Deployable& app) const {
  CCCI_TRY(const auto endpoints, engine::find_endpoints(api(), app.app.composed.stack.name));
  std::map<std::string, std::set<std::string>> found;
  for (const engine::Endpoint& endpoint : endpoints)
    found[endpoint.service].insert(endpoint.container);
  return found;
}

base::Result<Outcome> Session::exec(const Deployable& app, const std::string& service,
                                    const std::string& line, const std::string& what) {
  watcher_.wait(what + " of service " + service);
  CCCI_TRY(const auto endpoints, engine::find_endpoints(api(), app.app.composed.stack.name));
  const std::string name = app.app.composed.stack.name + "_" + service;
  const auto found = std::find_if(endpoints.begin(), endpoints.end(),
                                  [&](const auto& endpoint) { return endpoint.service == name; });
  if (found == endpoints.end())
    return Outcome::red(what + ": service " + name + " has no container that runs");
  engine::ExecCommand command;
  command.argv = {"sh", "-c", line};
  command.deadline = plan_.timeout;
  command.keep = engine::Demultiplexer::Keep::last;
  command.guard = guard();
  const auto result = engine::exec_in(api(), found->container, command);
  // A hook may restart the app, and the engine notices some time later.
  excused_until_ = std::chrono::system_clock::now() + time_to_notice;
  if (!result) {
    if (result.error().is(base::Condition::interrupted)) return Outcome::unverified("stopped");
    if (auto outcome = rejection_of(result.error())) return std::move(*outcome);
    return base::unexpected(result.error());
  }
  const std::string words = result->output.out + result->output.err;
  if (result->timed_out)
    return Outcome::red(what + " of service " + name + " did not end in time", words);
  if (result->status != 0) {
    return Outcome::red(
        what + " of service " + name + " ended with status " + std::to_string(result->status),
        words);
  }
  return Outcome{};
}

base::Result<Finished> Session::run_beside(engine::CompanionCommand command,
                                           std::chrono::seconds limit) const {
  return finish(
      [this](engine::CompanionCommand wanted) { return engine_->start_beside(std::move(wanted)); },
      std::move(command), limit, stopping_);
}

}  // namespace ccci::run
