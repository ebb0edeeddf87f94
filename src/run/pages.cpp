// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/pages.hpp"

#include <algorithm>

#include "ingress/configuration.hpp"
#include "recipe/health_page.hpp"

namespace ccci::run {

namespace {

bool leads_to(const recipe::Match& match, const std::string& host, std::string_view path) {
  if (!match.host.empty() && match.host != host) return false;
  if (match.exact_path) return match.path == path;
  return path.starts_with(match.path);
}

// The part of a rule by which the request is served: routes have the highest priority first.
const recipe::Match* serving(const recipe::Routing& routing, const std::string& host,
                             std::string_view path) {
  for (const recipe::Route& route : routing.routes)
    for (const recipe::Match& match : route.matches)
      if (leads_to(match, host, path)) return &match;
  return nullptr;
}

// A router for the same path on another entry point serves it too, and so do its other names. One
// for less of the path would be shown by an app that it does not lead to.
bool serves_declared(const Deployable& app, const recipe::Route& route,
                     const recipe::Match& match) {
  if (app.path.empty()) return false;
  const std::string_view path = std::string_view(app.path).substr(0, app.path.find('?'));
  const recipe::Match* first = serving(app.routing, app.domain, path);
  const auto is_same = [&](const recipe::Match& one) {
    return first != nullptr && first->path == one.path && first->exact_path == one.exact_path;
  };
  return is_same(match) &&
         std::any_of(route.matches.begin(), route.matches.end(), [&](const recipe::Match& one) {
           return is_same(one) && leads_to(one, app.domain, path);
         });
}

}  // namespace

std::vector<ingress::Address> pages_of(const Deployable& app, const recipe::Route& route,
                                       const recipe::Match& match) {
  ingress::Address own;
  own.host = match.host.empty() ? app.domain : match.host;
  own.secure = !ingress::is_plain_only(route);
  own.path = match.path.empty() ? "/" : match.path;
  const bool declared = serves_declared(app, route, match);
  if (declared) own.path = app.path;
  std::vector<ingress::Address> all{own};
  const recipe::Service* service = app.app.composed.stack.find(route.service);
  if (declared || service == nullptr || !service->healthcheck) return all;
  const auto page = recipe::health_page(*service->healthcheck);
  const auto path = page ? recipe::routed_path(*page, route, match) : std::nullopt;
  if (!path || *path == own.path) return all;
  all.push_back(own);
  all.back().path = *path;
  return all;
}

}  // namespace ccci::run
