// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the app is served by the names and paths of its labels.
#include <algorithm>
#include <thread>

#include "base/text.hpp"
#include "run/session.hpp"

namespace ccci::run {

namespace {

// How long a settled app may answer with an error of its own before that counts.
constexpr std::chrono::seconds grace{30};
constexpr std::chrono::milliseconds between_requests{150};
// After this time without an answer the tasks are looked at again: they may have ended, or others
// may have taken their place.
constexpr std::chrono::seconds between_looks{5};

using Clock = std::chrono::steady_clock;

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Whether an answer of the ingress can become another one while nothing is deployed.
bool can_change(ingress::Origin origin) {
  return origin == ingress::Origin::no_connection || origin == ingress::Origin::no_answer ||
         origin == ingress::Origin::bad_answer || origin == ingress::Origin::no_server;
}

// What is wrong with an answer; empty: it is a page of the app.
struct Problem {
  std::string text = {};
  bool settled = false;  // the app itself answers, and may need a moment
  bool lasting = false;  // waiting changes nothing
};

Problem problem_of(const base::Result<ingress::Answer>& answer, const std::string& shown) {
  if (!answer) return {shown + ": no answer"};
  if (answer->origin != ingress::Origin::app) {
    return {shown + ": " + std::string(base::trim(ingress::row_of(answer->origin).page)), false,
            !can_change(answer->origin)};
  }
  if (answer->status < 400 || answer->status == 401 || answer->status == 403) return {};
  return {answer->address.text() + " answers with status " + std::to_string(answer->status), true};
}

}  // namespace

base::Result<Outcome> Session::serve_route(const Deployable& app, const recipe::Route& route,
                                           const recipe::Match& match) {
  ingress::Visit visit;
  visit.address.host = match.host.empty() ? app.domain : match.host;
  visit.address.path = match.path.empty() ? "/" : match.path;
  const bool own = visit.address.host == app.domain && match.path.empty();
  if (own && !app.path.empty()) visit.address.path = app.path;
  visit.deadline = std::chrono::seconds(10);
  const std::string shown = visit.address.text();
  watcher_.wait(shown);
  const auto begin = Clock::now();
  auto looked = begin;
  for (;;) {
    const Problem problem = problem_of(ingress_->visit(visit), shown);
    if (problem.text.empty()) return Outcome{};
    if (stopping_() != Stop::no) return Outcome::unverified("stopped");
    const auto now = Clock::now();
    if (now - begin > plan_.timeout || problem.lasting ||
        (problem.settled && now - begin > grace)) {
      CCCI_TRY(const auto logs,
               engine::service_logs(api(), app.app.composed.stack.name + "_" + route.service, 20));
      return Outcome::red(one_line(problem.text), logs.out + logs.err);
    }
    if (!problem.settled && now - looked > between_looks) {
      CCCI_TRY(Outcome outcome, settle(app));
      if (!outcome.good()) return outcome;
      watcher_.wait(shown);
      looked = Clock::now();
    }
    std::this_thread::sleep_for(between_requests);
  }
}

base::Result<Outcome> Session::serve(const Deployable& app) {
  for (const recipe::Route& route : app.routing.routes) {
    for (const recipe::Match& match : route.matches) {
      CCCI_TRY(Outcome outcome, serve_route(app, route, match));
      if (!outcome.good()) return outcome;
    }
  }
  std::vector<std::string> unknown;
  const auto take = [&](const std::vector<recipe::NotRouted>& all) {
    for (const recipe::NotRouted& one : all) {
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
