// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/pages.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::ElementsAre;

recipe::Route route(const std::string& path, std::int64_t priority, bool exact = false) {
  recipe::Route route;
  route.service = "app";
  route.priority = priority;
  route.matches = {{"demo.cc-ci.test", path, exact}};
  return route;
}

// The first page of each route.
std::vector<std::string> first_pages(const std::string& declared,
                                     std::vector<recipe::Route> routes) {
  Deployable app;
  app.domain = "demo.cc-ci.test";
  app.path = declared;
  app.routing.routes = std::move(routes);
  std::vector<std::string> pages;
  for (const recipe::Route& one : app.routing.routes)
    pages.push_back(pages_of(app, one, one.matches[0]).front().path);
  return pages;
}

TEST(Pages, DeclaredPathIsThatOfTheRouteThatServesIt) {
  EXPECT_THAT(first_pages("/api/health", {route("/api", 9), route("", 5)}),
              ElementsAre("/api/health", "/"));
  EXPECT_THAT(first_pages("/login", {route("/api", 9), route("", 5)}),
              ElementsAre("/api", "/login"));
  EXPECT_THAT(first_pages("/login?next=/", {route("/login", 9, true), route("", 5)}),
              ElementsAre("/login?next=/", "/"));
  EXPECT_THAT(first_pages("", {route("/api", 9), route("", 5)}), ElementsAre("/api", "/"));
}

TEST(Pages, PriorityDecidesAndNotTheLength) {
  EXPECT_THAT(first_pages("/api/health", {route("", 99), route("/api", 9)}),
              ElementsAre("/api/health", "/api"));
}

TEST(Pages, ARouteOfPort80AloneIsAskedForThere) {
  Deployable app;
  app.domain = "demo.cc-ci.test";
  const auto asked = [&](std::vector<std::string> entrypoints, bool tls = false) {
    recipe::Route one = route("", 5);
    one.entrypoints = std::move(entrypoints);
    one.tls = tls;
    return pages_of(app, one, one.matches[0]).front().text();
  };
  EXPECT_EQ(asked({"web"}), "http://demo.cc-ci.test/");
  EXPECT_EQ(asked({"http"}), "http://demo.cc-ci.test/");
  // The ingress sends its requests to the other port.
  EXPECT_EQ(asked({"web"}, true), "https://demo.cc-ci.test/");
  EXPECT_EQ(asked({"web", "web-secure"}), "https://demo.cc-ci.test/");
  EXPECT_EQ(asked({}), "https://demo.cc-ci.test/");
}

TEST(Pages, OtherNamesOfTheRouteServeItToo) {
  Deployable app;
  app.domain = "demo.cc-ci.test";
  app.path = "/health";
  recipe::Route both = route("", 5);
  both.matches.push_back({"www.demo.cc-ci.test", "", false});
  recipe::Route other = route("", 4);
  other.matches[0].host = "admin.demo.cc-ci.test";
  app.routing.routes = {both, other};
  EXPECT_EQ(pages_of(app, both, both.matches[1]).front().text(),
            "https://www.demo.cc-ci.test/health");
  EXPECT_EQ(pages_of(app, other, other.matches[0]).front().path, "/");
}

TEST(Pages, SamePathOnAnotherEntryPointServesItToo) {
  EXPECT_THAT(first_pages("/health", {route("", 5), route("", 5)}),
              ElementsAre("/health", "/health"));
}

}  // namespace
}  // namespace ccci::run
