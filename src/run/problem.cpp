// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/problem.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::run {

namespace {

constexpr std::string_view page_of_traefik = "404 page not found";

// Whether an answer of the ingress can become another one while nothing is deployed.
bool can_change(ingress::Origin origin) {
  return origin == ingress::Origin::no_connection || origin == ingress::Origin::no_answer ||
         origin == ingress::Origin::bad_answer || origin == ingress::Origin::no_server;
}

std::string_view remedy(ingress::Origin origin) {
  switch (origin) {
    case ingress::Origin::no_address:
      return "; attach it to the network `proxy`";
    case ingress::Origin::bad_answer:
      return "; if it speaks HTTPS there, set the label traefik.http.services.NAME"
             ".loadbalancer.server.scheme=https";
    case ingress::Origin::no_router:
      return "; give the router a rule with a Host() of the app";
    default:
      return "";
  }
}

// Whoever wants a user, another method or a WebSocket there is the app.
bool is_page(unsigned status) {
  constexpr std::array<unsigned, 4> of_apps{401, 403, 405, 426};
  return status < 400 || std::find(of_apps.begin(), of_apps.end(), status) != of_apps.end();
}

Problem of_ingress(ingress::Origin origin, const std::string& shown) {
  Problem problem;
  problem.text = shown + ": " + std::string(base::trim(ingress::row_of(origin).page)) +
                 std::string(remedy(origin));
  problem.lasting = !can_change(origin);
  problem.refused = origin == ingress::Origin::no_connection || origin == ingress::Origin::no_port;
  return problem;
}

Problem of_app(std::string text) {
  Problem problem;
  problem.text = std::move(text);
  problem.settled = true;
  return problem;
}

}  // namespace

Problem problem_of(const base::Result<ingress::Answer>& answer, const std::string& shown,
                   bool through) {
  if (!answer) return {shown + ": no answer"};
  if (answer->origin != ingress::Origin::app) return of_ingress(answer->origin, shown);
  if (through && answer->status == 404 && base::trim(answer->body) == page_of_traefik)
    return of_app(shown + ": Traefik has no router for it");
  // A cookie may end the circle, and a visit keeps none.
  const int most = ingress::Visit().most_redirects;
  if (!answer->leads_to.empty() && static_cast<int>(answer->redirects.size()) >= most &&
      answer->header("Set-Cookie").empty())
    return of_app(shown + " redirects in a circle: " + answer->address.text() + " leads to " +
                  answer->leads_to);
  if (is_page(answer->status)) return {};
  Problem problem =
      of_app(answer->address.text() + " answers with status " + std::to_string(answer->status));
  problem.no_page = answer->status < 500;
  problem.not_this = problem.no_page && answer->status != 404 && answer->status != 410;
  return problem;
}

std::string advice_without_page(const Problem& problem, const recipe::Match& match) {
  // Below a prefix there need be no page at the prefix itself.
  if (problem.no_page && !match.path.empty() && !match.exact_path)
    return "declare `path`, a page below " + match.path;
  if (problem.not_this && match.exact_path)
    return "a plain request shows nothing of this router: ask for it in the recipe's own tests";
  return {};
}

}  // namespace ccci::run
