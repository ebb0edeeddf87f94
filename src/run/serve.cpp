// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the app is served by the names and paths of its labels.
#include <algorithm>
#include <thread>

#include "base/text.hpp"
#include "engine/containers.hpp"
#include "engine/listeners.hpp"
#include "ingress/configuration.hpp"
#include "run/blame.hpp"
#include "run/listening.hpp"
#include "run/pages.hpp"
#include "run/problem.hpp"
#include "run/session.hpp"

namespace ccci::run {

namespace {

// How long a settled app may answer with an error of its own before that counts.
constexpr std::chrono::seconds grace{30};
// Traefik looks for new services every 15 s.
constexpr std::chrono::seconds grace_of_traefik{60};
constexpr std::chrono::milliseconds between_requests{150};
// After this time without an answer the tasks are looked at again: they may have ended, or others
// may have taken their place.
constexpr std::chrono::seconds between_looks{5};
constexpr std::chrono::milliseconds moment{300};
constexpr std::chrono::seconds between_questions{2};

using Clock = std::chrono::steady_clock;

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// "service app, port 8000"
std::string behind(const recipe::Route& route) {
  return "service " + route.service +
         (route.port == 0 ? "" : ", port " + std::to_string(route.port));
}

// Whether the ingress cannot serve the route: then no visit says anything of the app.
bool is_refused(const recipe::Route& route, const std::vector<recipe::NotRouted>& refused) {
  return std::any_of(refused.begin(), refused.end(), [&](const recipe::NotRouted& one) {
    return one.service == route.service && one.label == ingress::rule_label(route);
  });
}

// RFC 6455, section 4.1. Whoever checks the origin wants its own.
std::vector<engine::Header> handshake(const ingress::Address& address) {
  return {{"Connection", "Upgrade"},
          {"Upgrade", "websocket"},
          {"Sec-WebSocket-Version", "13"},
          {"Sec-WebSocket-Key", "Y2MtY2kgYXNrcyBoZXJlIQ=="},
          {"Origin", (address.secure ? "https://" : "http://") + address.host}};
}

// What is known of the sockets behind a route that refuses connections.
class Refusals {
 public:
  bool is_time() const { return Clock::now() - looked_ >= between_questions; }

  void take(const std::optional<Refusal>& refusal, std::chrono::milliseconds window) {
    looked_ = Clock::now();
    // A slow start changes what it listens on, so the same has to be seen for a while.
    if (refusal != refusal_) since_ = looked_;
    refusal_ = refusal;
    window_ = window;
  }

  std::string text() const { return refusal_ ? ": " + refusal_->text : std::string(); }
  // Whether it was so long enough that to wait changes nothing.
  bool last() const { return refusal_ && refusal_->lasting && Clock::now() - since_ >= window_; }

 private:
  std::optional<Refusal> refusal_;
  Clock::time_point looked_;
  Clock::time_point since_;
  std::chrono::milliseconds window_{0};
};

struct Visitor {
  const ingress::Ingress& ingress;
  std::chrono::milliseconds deadline;
  bool through = false;  // another proxy routes

  // What refuses a plain request may be there for a WebSocket only.
  Problem ask_for_socket(ingress::Visit visit, Problem found) const {
    for (engine::Header& header : handshake(visit.address))
      visit.headers.push_back(std::move(header));
    const auto answer = ingress.visit(visit);
    const bool switched = answer && answer->origin == ingress::Origin::app && answer->status == 101;
    return switched ? Problem{} : std::move(found);
  }

  // One request to each address that can show the route, until one does.
  Problem ask(const std::vector<ingress::Address>& addresses) const {
    Problem problem;
    for (const ingress::Address& address : addresses) {
      ingress::Visit visit;
      visit.deadline = deadline;
      visit.address = address;
      auto answer = ingress.visit(visit);
      if (answer && answer->origin == ingress::Origin::needs_user) {
        // Whoever has no password is refused. Whether the app is behind shows a guest.
        visit.headers = {{"Authorization", ingress.guest().authorization()}};
        answer = ingress.visit(visit);
      }
      Problem found = problem_of(answer, address.text(), through);
      if (found.not_this) found = ask_for_socket(std::move(visit), std::move(found));
      if (found.text.empty()) return found;
      if (&address == &addresses.front()) problem = std::move(found);
      if (!problem.no_page) break;
    }
    return problem;
  }
};

}  // namespace

// The looks at the tasks wait meanwhile, so no more than a moment is spent on it.
void Session::visit_early(const Deployable& app,
                          const std::vector<engine::ServiceStatus>& services) {
  const auto begin = Clock::now();
  std::vector<engine::WallTime> tasks;
  for (const engine::ServiceStatus& service : services) tasks.push_back(service.since);
  if (tasks != visits_.tasks) {
    visits_ = {};
    if (route(app)) visits_.tasks = std::move(tasks);
  }
  if (visits_.served || visits_.tasks.empty()) return;
  const Visitor visitor{*ingress_, moment, goes_through_traefik(app)};
  std::size_t number = 0;
  for (const recipe::Route& wanted : app.routing.routes) {
    if (is_refused(wanted, ingress_->unverified())) continue;
    for (const recipe::Match& match : wanted.matches) {
      if (number++ < visits_.answered) continue;
      if (Clock::now() - begin > moment) return;
      if (!visitor.ask(pages_of(app, wanted, match)).text.empty()) return;
      ++visits_.answered;
    }
  }
  visits_.served = Clock::now();
}

// Why the tasks of the route refuse connections, as their sockets say. Nothing if that is unknown.
// Of several tasks the first one that listens where it should decides.
base::Result<std::optional<Refusal>> Session::look_at_ports(const Deployable& app,
                                                            const recipe::Route& route,
                                                            bool& checked) {
  const recipe::Stack& stack = app.app.composed.stack;
  CCCI_TRY(const auto endpoints, engine::find_endpoints(api(), stack.name));
  std::optional<Refusal> found;
  for (const engine::Endpoint& endpoint : endpoints) {
    // Beside the sockets of the engine nobody knows whose is whose.
    if (endpoint.service != stack.name + "_" + route.service || endpoint.networks.contains("host"))
      continue;
    const auto listeners = engine::listeners_of(*engine_, endpoint.container);
    if (!listeners) continue;
    found = refusal_of(route, stack, *listeners);
    if (!found) return std::nullopt;
    const auto state = engine::container_state(api(), endpoint.container);
    checked = state && *state && (*state)->health == engine::Health::healthy;
  }
  return found;
}

base::Result<Outcome> Session::serve_route(const Deployable& app, const recipe::Route& route,
                                           const recipe::Match& match) {
  const std::vector<ingress::Address> addresses = pages_of(app, route, match);
  const std::string shown = addresses.front().text();
  const bool through = goes_through_traefik(app);
  const Visitor visitor{*ingress_, std::chrono::seconds(10), through};
  const std::chrono::seconds longest = through ? grace_of_traefik : grace;
  watcher_.wait(shown);
  const auto begin = Clock::now();
  auto looked = begin;
  Refusals refusals;
  for (;;) {
    Problem problem = visitor.ask(addresses);
    if (problem.text.empty()) return Outcome{};
    if (problem.refused && refusals.is_time()) {
      bool checked = false;
      CCCI_TRY(const auto refusal, look_at_ports(app, route, checked));
      refusals.take(refusal, time_to_stay(Watch::endure, checked));
    }
    if (!problem.refused) refusals = {};
    problem.text += refusals.text();
    problem.lasting = problem.lasting || refusals.last();
    if (&app == &plan_.head && !visits_.over) visits_.served.reset();
    if (stopping_() != Stop::no) return Outcome::unverified("stopped");
    const auto now = Clock::now();
    const bool known = problem.no_page && without_page_.contains(shown);
    // The routes of a task that is just ending look as if they could never work.
    const bool first_look = looked == begin;
    if (now - begin > plan_.timeout || (problem.lasting && !first_look) || known ||
        (problem.settled && now - begin > longest)) {
      if (const std::string advice = advice_without_page(problem, match); !advice.empty()) {
        without_page_.insert(shown);
        return Outcome::unverified(one_line(problem.text) + "; " + advice);
      }
      CCCI_TRY(const auto logs,
               engine::service_logs(api(), app.app.composed.stack.name + "_" + route.service, 20));
      const bool may_declare = problem.no_page && match.path.empty() && app.path.empty();
      return Outcome::red(one_line(problem.text) + " (" + behind(route) + ")" +
                              (may_declare ? "; declare `path`, a page that it has" : "") +
                              about_env_file(logs.out + logs.err),
                          logs.out + logs.err);
    }
    if (problem.lasting || (!problem.settled && now - looked > between_looks)) {
      CCCI_TRY(Outcome outcome, settle(app));
      if (!outcome.good()) return outcome;
      watcher_.wait(shown);
      looked = Clock::now();
    }
    std::this_thread::sleep_for(between_requests);
  }
}

base::Result<Outcome> Session::serve(const Deployable& app) {
  CCCI_TRY(Outcome outcome, serve_routes(app));
  if (&app == &plan_.head) {
    visits_.over = true;
    if (!visits_.served) visits_.served = Clock::now();
  }
  if (outcome.verdict != Verdict::fail && !well_) CCCI_CHECK(be_well(app));
  return outcome;
}

base::Result<Outcome> Session::serve_routes(const Deployable& app) {
  std::vector<std::string> unknown;
  for (const recipe::Route& route : app.routing.routes) {
    if (is_refused(route, ingress_->unverified())) continue;
    for (const recipe::Match& match : route.matches) {
      CCCI_TRY(Outcome outcome, serve_route(app, route, match));
      if (outcome.verdict == Verdict::unverified && stopping_() == Stop::no)
        unknown.push_back(outcome.reason);
      else if (!outcome.good())
        return outcome;
    }
  }
  const auto take = [&](const std::vector<recipe::NotRouted>& all) {
    for (const recipe::NotRouted& one : all) {
      if (one.beside) continue;  // the rung `routers` names it
      // The same request gets the same page, so the app is served.
      if (one.routed)
        deviate({{one.service, one.label, one.why}});
      else
        unknown.push_back("service " + one.service + ": " + one.label + ": " + one.why);
    }
  };
  take(app.routing.unverified);
  take(ingress_->unverified());
  if (!unknown.empty()) return Outcome::unverified(base::join(unknown, "; "));
  return Outcome{};
}

}  // namespace ccci::run
