// SPDX-License-Identifier: GPL-3.0-or-later
// The one deployment of a run: an engine, an ingress, and the app in them. Only the tiers
// change it, through this class.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/deployment.hpp"
#include "engine/engine.hpp"
#include "engine/waiter.hpp"
#include "ingress/ingress.hpp"
#include "run/behind.hpp"
#include "run/beside.hpp"
#include "run/listening.hpp"
#include "run/mask.hpp"
#include "run/outcome.hpp"
#include "run/plan.hpp"
#include "run/secret_values.hpp"
#include "run/setup.hpp"
#include "run/staying.hpp"
#include "run/volumes.hpp"
#include "run/watcher.hpp"

namespace ccci::run {

// What became of a killed run, for people.
std::string describe(const engine::Reaped& reaped);

class Session {
 public:
  // [engine.*], [ingress.*], [run.*], [base.*]
  static base::Result<std::unique_ptr<Session>> start(const Setup& setup, const Plan& plan,
                                                      const std::string& name, Watcher& watcher,
                                                      const Stopping& stopping, Mask& mask);

  // Deploys, waits until every service has settled, and brings the routes to the ingress.
  base::Result<Outcome> deploy(const Deployable& app);
  // The same, and all routes answer.
  base::Result<Outcome> deploy_and_serve(const Deployable& app);
  // The same for an app that is not deployed yet, and the hook of the declaration.
  base::Result<Outcome> install(const Deployable& app);
  // The recipes that the app needs. Unverified if one cannot be installed: that says nothing of the
  // app.
  base::Result<Outcome> install_dependencies();
  // Runs the declaration's command for this point, if there is one.
  base::Result<Outcome> hook(const Deployable& app, declare::HookPoint point);
  // What deploy() did last.
  const engine::Deployed& deployed() const { return deployed_; }
  // Asks for every route until it answers as it should.
  base::Result<Outcome> serve(const Deployable& app);
  // When all routes of the head first answered and the same tasks went on until serve() was done.
  std::optional<std::chrono::steady_clock::time_point> served() const { return visits_.served; }
  // Waits for a deployment that something else disturbed.
  base::Result<Outcome> settle(const Deployable& app);
  // Whether only its staying can prove a service.
  static bool is_to_be_watched(const Deployable& app);
  // Watches such services for a while; at once if there are none.
  base::Result<Outcome> watch(const Deployable& app, Watch how = Watch::look);
  // From now on no task may end badly, until the next deployment. serve() says so of a new one.
  base::Result<void> be_well(const Deployable& app);
  // Whether a service has failed since then; good if the app is not deployed.
  base::Result<Outcome> look_after(const Deployable& app);
  // The app's stack as it is in the engine.
  recipe::Stack stack_of(const Deployable& app) const {
    return engine_->fitted(app.app.composed.stack);
  }
  // Removes the stack. Returns what is left.
  base::Result<engine::Leftovers> remove(const Deployable& app, bool volumes);

  // service -> containers that run, both sorted
  base::Result<std::map<std::string, std::set<std::string>>> containers(
      const Deployable& app) const;
  // A command line in the first container of the service.
  base::Result<Outcome> exec(const Deployable& app, const std::string& service,
                             const std::string& line, const std::string& what);

  base::Result<Finished> run_beside(engine::CompanionCommand command,
                                    std::chrono::seconds limit) const;

  const Setup& setup() const { return setup_; }
  const Plan& plan() const { return plan_; }
  engine::Engine& engine() { return *engine_; }
  const engine::Api& api() const { return engine_->api(); }
  ingress::Ingress& ingress() { return *ingress_; }
  Volumes volumes() const { return Volumes(engine_->data()); }
  Watcher& watcher() { return watcher_; }
  const Stopping& stopping() const { return stopping_; }
  // By the key of the secret.
  const std::map<std::string, std::string>& secrets_of(const Deployable& app) {
    return secrets_[app.app.composed.stack.name];
  }
  std::vector<recipe::Deviation>& deviations() { return deviations_; }
  std::vector<std::string>& notes() { return notes_; }
  // The images of all deployments: name -> digest.
  const std::map<std::string, std::string>& images() const { return images_; }
  // Each once.
  void note(const std::string& text);
  void deviate(const std::vector<recipe::Deviation>& found);

 private:
  Session(const Setup& setup, const Plan& plan, Watcher& watcher, const Stopping& stopping,
          Mask& mask)
      : setup_(setup), plan_(plan), watcher_(watcher), stopping_(stopping), mask_(mask) {}

  base::Result<void> start_private(const std::string& name);
  base::Result<void> start_shared(const std::string& name);
  base::Result<void> look_for_traefik();
  bool goes_through_traefik(const Deployable& app) const;
  base::Result<void> load(const std::filesystem::path& archive, const engine::Guard& guard);
  engine::Guard guard() const;
  base::Error not_loaded(base::Error error) const;
  std::string known_images() const;
  base::Result<recipe::Stack> prepared(const Deployable& app);
  void make_secrets(const Deployable& app);
  void name_ingress(const Deployable& app, recipe::Stack& stack) const;
  base::Result<std::vector<ingress::Site>> sites_with(const Deployable& app);
  base::Result<bool> take_image(recipe::Service& service);
  base::Result<void> pull_image(const std::string& image);
  base::Result<std::optional<Outcome>> take_images(const std::string& recipe, recipe::Stack& stack);
  base::Result<Outcome> await(const Deployable& app, engine::Waiting waiting, Watch watch);
  std::function<bool(const engine::Task&)> excuses() const;
  // On which ports services listen whose check has not passed yet, by their names in the engine.
  void look_at_checked(const engine::Snapshot& snapshot,
                       std::map<std::string, std::vector<engine::Listener>>& ports) const;
  base::Result<void> route(const Deployable& app);
  base::Result<Outcome> serve_routes(const Deployable& app);
  base::Result<Outcome> serve_route(const Deployable& app, const recipe::Route& route,
                                    const recipe::Match& match);
  base::Result<std::optional<Refusal>> look_at_ports(const Deployable& app,
                                                     const recipe::Route& route, bool& checked);
  // Asks for the routes while the services only have to stay as they are. Proves nothing.
  void visit_early(const Deployable& app, const std::vector<engine::ServiceStatus>& services);

  const Setup& setup_;
  const Plan& plan_;
  Watcher& watcher_;
  const Stopping& stopping_;
  Mask& mask_;
  engine::Abilities abilities_;
  std::map<std::string, std::map<std::string, std::string>> secrets_;  // by stack, by key
  std::vector<const Deployable*> installed_dependencies_;
  std::unique_ptr<engine::Engine> engine_;
  std::optional<ingress::Ingress> ingress_;
  engine::Deployed deployed_;
  std::vector<recipe::Deviation> deviations_;
  std::vector<std::string> notes_;
  std::optional<engine::Traefik> traefik_;  // of a shared engine, if a test may use it
  base::Fd turn_;                           // its lock: one test at a time goes through it
  Staying staying_;
  // Tasks that had ended badly when the app was well; absent: it is not yet.
  std::optional<std::set<std::string>> well_;
  // What ends until then may do so because of a command inside of the app.
  engine::WallTime excused_until_;
  // Of the head's first deployment, while it settles.
  struct Visits {
    std::vector<engine::WallTime> tasks;  // as they were at the visits
    std::size_t answered = 0;             // of the routes, in their order
    std::optional<std::chrono::steady_clock::time_point> served;
    bool over = false;
  };
  Visits visits_;
  std::set<std::string> without_page_;  // addresses where the app was found to have none
  std::map<std::string, std::string> images_;
  std::map<std::string, std::string> archive_ids_;  // of the archives that were loaded here
  std::set<std::string> pulled_;
};

}  // namespace ccci::run
