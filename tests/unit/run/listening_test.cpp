// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/listening.hpp"

#include <gmock/gmock.h>

namespace ccci::run {
namespace {

using testing::HasSubstr;

recipe::Route route(std::uint16_t port) {
  recipe::Route route;
  route.router = "web";
  route.service = "app";
  route.port = port;
  return route;
}

recipe::Stack stack() {
  recipe::Stack stack;
  recipe::Service& other = stack.services.emplace_back();
  other.key = "db";
  other.deploy.labels = {{"traefik.http.services.db.loadbalancer.server.port", "8080"}};
  recipe::Service& app = stack.services.emplace_back();
  app.key = "app";
  app.deploy.labels = {{"traefik.http.services.api.loadbalancer.server.port", "9000"},
                       {"traefik.http.services.Demo.LoadBalancer.server.port", "8080"}};
  return stack;
}

Refusal refusal(const recipe::Route& route, const std::vector<engine::Listener>& listeners) {
  return refusal_of(route, stack(), listeners).value_or(Refusal{});
}

TEST(Listening, WhereTheRouteLeadsIsNoRefusal) {
  EXPECT_FALSE(refusal_of(route(8080), stack(), {{8080, false}}));
  EXPECT_FALSE(refusal_of(route(8080), stack(), {{22, false}, {8080, false}, {8080, true}}));
}

TEST(Listening, AnotherPortNamesTheLabel) {
  EXPECT_EQ(refusal(route(8080), {{3000, false}}),
            (Refusal{"nothing listens on port 8080; it listens on port 3000: correct the label "
                     "traefik.http.services.Demo.LoadBalancer.server.port to 3000",
                     true}));
  EXPECT_THAT(refusal(route(8080), {{22, false}, {3000, false}}).text,
              HasSubstr("ports 22, 3000: correct the label traefik.http.services.Demo"));
  EXPECT_THAT(refusal(route(1), {{3000, false}}).text,
              HasSubstr("the label traefik.http.services.web.loadbalancer.server.port to 3000"));
}

TEST(Listening, WithoutTlsThoughTheSchemeWantsIt) {
  recipe::Route secure = route(8080);
  secure.scheme = "https";
  EXPECT_EQ(
      refusal(secure, {{8080, false}}),
      (Refusal{"it listens on port 8080, but not with TLS: remove the label of its scheme", true}));
  EXPECT_THAT(refusal(secure, {{3000, false}}).text, HasSubstr("nothing listens on port 8080"));
}

TEST(Listening, OnlyForItself) {
  EXPECT_EQ(refusal(route(8080), {{8080, true}}),
            (Refusal{"it listens on port 8080 of 127.0.0.1 only: let it listen on 0.0.0.0", true}));
  // A web server before it.
  EXPECT_THAT(refusal(route(8080), {{80, false}, {8080, true}}).text, HasSubstr("to 80"));
}

TEST(Listening, SlowStartsAreWaitedFor) {
  EXPECT_EQ(refusal(route(8080), {}), (Refusal{"it listens on no port", false}));
  // Its own database is up already.
  EXPECT_FALSE(refusal(route(8080), {{5432, true}}).lasting);
}

TEST(Listening, RouteWithoutAPortGetsOne) {
  EXPECT_EQ(refusal(route(0), {{3000, false}}).text,
            "add the label traefik.http.services.web.loadbalancer.server.port=3000");
  EXPECT_THAT(refusal(route(0), {}).text, HasSubstr("with the port of its pages"));
}

}  // namespace
}  // namespace ccci::run
