// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Match host(std::string name, std::string path = "", bool exact = false) {
  return {std::move(name), std::move(path), exact};
}

std::vector<Match> matches(std::string_view rule) {
  const Rule read = read_rule(rule);
  EXPECT_EQ(read.why, "") << rule;
  return read.matches;
}

std::string why_not(std::string_view rule) {
  const Rule read = read_rule(rule);
  return read.why.empty() ? "supported" : read.why;
}

TEST(Rule, ReadsHostsAndPaths) {
  EXPECT_THAT(matches("Host(`a.example`)"), ElementsAre(host("a.example")));
  EXPECT_THAT(matches("Host(`A.example`, `www.a.example`)"),
              ElementsAre(host("a.example"), host("www.a.example")));
  EXPECT_THAT(matches("Host(`a`) || Host(`b`)"), ElementsAre(host("a"), host("b")));
  EXPECT_THAT(matches("Host(`a`) && PathPrefix(`/x`)"), ElementsAre(host("a", "/x")));
  EXPECT_THAT(matches("Host(`a`) || Host(`b`) && PathPrefix(`/x`, `/y`)"),
              ElementsAre(host("a"), host("b", "/x"), host("b", "/y")));
  EXPECT_THAT(
      matches("(Host(`a`)||Host(`b`))&&(PathPrefix(`/x`)||Path(`/y`))"),
      ElementsAre(host("a", "/x"), host("a", "/y", true), host("b", "/x"), host("b", "/y", true)));
  EXPECT_THAT(matches("PathPrefix(`/x`)"), ElementsAre(host("", "/x")));
}

TEST(Rule, ReadsOtherSpellings) {
  EXPECT_THAT(matches("host(`a`) && PATHPREFIX(`/x`)"), ElementsAre(host("a", "/x")));
  EXPECT_THAT(matches("HostHeader(`a`)"), ElementsAre(host("a")));
}

TEST(Rule, KeepsTheAlternativesThatAreSupported) {
  const auto part = [](std::string_view rule, const testing::Matcher<std::string>& why) {
    const Rule read = read_rule(rule);
    EXPECT_THAT(read.why, why) << rule;
    return read.matches;
  };
  EXPECT_THAT(part("Host(`a`) || HostRegexp(`{sub:\\w+}.a`)", HasSubstr("HostRegexp")),
              ElementsAre(host("a")));
  EXPECT_THAT(part("(Method(`GET`, `POST`) && Host(`a`)) || Host(`b`)", HasSubstr("Method")),
              ElementsAre(host("b")));
  EXPECT_THAT(part("Host(`a`) && (PathPrefix(`/x`) || Query(`a=b`))", HasSubstr("Query")),
              ElementsAre(host("a", "/x")));
  EXPECT_THAT(part("Host(`a`, ``)", HasSubstr("no name")), ElementsAre(host("a")));
  EXPECT_THAT(part("Host(`a`) || !(Host(`b`) || Host(`c`))", HasSubstr("'!'")),
              ElementsAre(host("a")));
  EXPECT_THAT(part("Host(`a`) && !PathPrefix(`/x`)", HasSubstr("'!'")), IsEmpty());
  EXPECT_THAT(part("Host(`a`) || HostRegexp(", HasSubstr("backquotes")), IsEmpty());
}

TEST(Rule, NamesWhatIsNotSupported) {
  EXPECT_THAT(why_not(""), HasSubstr("empty"));
  EXPECT_THAT(why_not("Host(``)"), HasSubstr("no name"));
  EXPECT_THAT(why_not("Host(`a`,``)"), HasSubstr("no name"));
  EXPECT_THAT(why_not("Host(`a b`)"), HasSubstr("no name"));
  EXPECT_THAT(why_not("HostRegexp(`{x:.+}\\\\.a`)"), HasSubstr("HostRegexp is not supported"));
  EXPECT_THAT(why_not("HostSNI(`*`)"), HasSubstr("HostSNI is not supported"));
  EXPECT_THAT(why_not("!Host(`a`)"), HasSubstr("'!' is not supported"));
  EXPECT_THAT(why_not("Headers(`a`, `b`)"), HasSubstr("Headers is not supported"));
  EXPECT_THAT(why_not("Host(`a`"), HasSubstr("expected ')'"));
  EXPECT_THAT(why_not("(Host(`a`)"), HasSubstr("bracket"));
  EXPECT_THAT(why_not("Host(a)"), HasSubstr("backquotes"));
  EXPECT_THAT(why_not("Host(`a"), HasSubstr("backquote"));
  EXPECT_THAT(why_not("Host(`a`) Host(`b`)"), HasSubstr("unexpected"));
  EXPECT_THAT(why_not("Host(`a`) &&"), HasSubstr("unexpected"));
  EXPECT_THAT(why_not("Host(`a`) && Host(`b`)"), HasSubstr("no name can match"));
  EXPECT_THAT(why_not("PathPrefix(`x`)"), HasSubstr("begin with '/'"));
  EXPECT_THAT(why_not("PathPrefix(`/{x:.*}`)"), HasSubstr("patterns"));
  EXPECT_THAT(why_not(std::string(100, '(')), HasSubstr("deep"));
  std::string wide = "(Host(`a`)";
  for (int i = 0; i < 30; ++i) wide += "||Host(`a" + std::to_string(i) + "`)";
  EXPECT_THAT(why_not(wide + ")&&(PathPrefix(`/a`,`/b`,`/c`,`/d`,`/e`,`/f`,`/g`,`/h`))"),
              HasSubstr("too many"));
}

class RoutingTest : public testing::Test {
 protected:
  Routing routing() { return routing_of(stack_); }
  void service(const std::string& key, Labels labels) {
    Service& added = stack_.services.emplace_back();
    added.key = key;
    labels.emplace("traefik.enable", "true");
    added.deploy.labels = std::move(labels);
  }
  Stack stack_;
};

TEST_F(RoutingTest, ReadsARouter) {
  service("web", {{"traefik.http.services.demo.loadbalancer.server.port", "8080"},
                  {"traefik.http.routers.demo.rule", "Host(`a`)"},
                  {"traefik.http.routers.demo.entrypoints", "web-secure"},
                  {"traefik.http.routers.demo.tls.certresolver", ""}});
  const Routing all = routing();
  ASSERT_EQ(all.routes.size(), 1U);
  const Route& route = all.routes[0];
  EXPECT_EQ(route.service, "web");
  EXPECT_EQ(route.port, 8080);
  EXPECT_EQ(route.scheme, "http");
  EXPECT_EQ(route.priority, 9);
  EXPECT_TRUE(route.tls);
  EXPECT_THAT(route.entrypoints, ElementsAre("web-secure"));
  EXPECT_THAT(all.unverified, IsEmpty());
}

TEST_F(RoutingTest, IgnoresServicesThatAreNotEnabled) {
  service("app", {{"traefik.enable", "false"}, {"traefik.http.routers.a.rule", "Host(`a`)"}});
  EXPECT_THAT(routing().routes, IsEmpty());
}

TEST_F(RoutingTest, SortsSeveralRoutersByPriority) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a.example`)"},
                  {"traefik.http.routers.b.rule", "Host(`a.example`) && PathPrefix(`/b`)"},
                  {"traefik.http.routers.c.rule", "Host(`c`)"},
                  {"traefik.http.routers.c.priority", "100"},
                  {"traefik.http.services.s.loadbalancer.server.port", "80"},
                  {"traefik.http.services.s.loadbalancer.server.scheme", "https"}});
  std::vector<std::string> order;
  for (const Route& route : routing().routes) order.push_back(route.router);
  EXPECT_THAT(order, ElementsAre("c", "b", "a"));
  EXPECT_EQ(routing().routes[0].scheme, "https");
}

TEST_F(RoutingTest, ReadsMiddlewaresOfAnyService) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`) && PathPrefix(`/x`)"},
                  {"traefik.http.routers.a.middlewares", "strip@swarm, all"},
                  {"traefik.http.middlewares.all.chain.middlewares", "to-https,old"}});
  service("other", {{"traefik.http.middlewares.strip.stripprefix.prefixes", "/x,/y"},
                    {"traefik.http.middlewares.to-https.redirectscheme.scheme", "https"},
                    {"traefik.http.middlewares.old.redirectregex.regex", "^https://old/(.*)"},
                    {"traefik.http.middlewares.old.redirectregex.replacement", "https://a/${1}"},
                    {"traefik.http.middlewares.old.redirectregex.permanent", "true"}});
  const Routing all = routing();
  ASSERT_EQ(all.routes.size(), 1U);
  EXPECT_THAT(all.routes[0].middlewares,
              ElementsAre(Middleware(StripPrefix{{"/x", "/y"}}),
                          Middleware(RedirectScheme{"https", "", false}),
                          Middleware(RedirectRegex{"^https://old/(.*)", "https://a/${1}", true})));
}

TEST_F(RoutingTest, NamesWhatItCannotFollow) {
  service("app", {{"traefik.http.routers.a.rule", "HostRegexp(`x`)"},
                  {"traefik.http.routers.b.rule", "Host(`b`)"},
                  {"traefik.http.routers.b.middlewares", "auth"},
                  {"traefik.http.middlewares.auth.basicauth.usersfile", "/x"},
                  {"traefik.http.routers.c.rule", "Host(`c`)"},
                  {"traefik.http.routers.c.middlewares", "headers@file"},
                  {"traefik.http.routers.d.rule", "Host(`d`)"},
                  {"traefik.http.routers.d.service", "away"},
                  {"traefik.http.routers.e.rule", "Host(`e`)"},
                  {"traefik.http.routers.e.service", "api@internal"},
                  {"traefik.tcp.routers.t.rule", "HostSNI(`*`)"}});
  const Routing all = routing();
  EXPECT_THAT(all.routes, IsEmpty());
  std::vector<std::string> why;
  for (const NotRouted& one : all.unverified) why.push_back(one.why);
  EXPECT_THAT(
      why, testing::UnorderedElementsAre(
               "HostRegexp is not supported",
               "'auth' takes its users from basicauth.usersfile=/x, a file in Traefik's container, "
               "which a test does not have: name the users in basicauth.users",
               "'headers@file' is in a file of Traefik's", "no label defines the service 'away'",
               "'api@internal' is a page of Traefik's own", "TCP routers are not supported"));
  for (const NotRouted& one : all.unverified)
    EXPECT_EQ(one.beside, one.label == "traefik.tcp.routers.t.rule") << one.label;
}

TEST_F(RoutingTest, KeepsARouteWithErrorPages) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.middlewares", "pages"},
                  {"traefik.http.middlewares.pages.errors.query", "/{status}.html"},
                  {"traefik.http.middlewares.pages.errors.status", "404, 500-599"}});
  EXPECT_EQ(routing().routes.size(), 1U);
  ASSERT_EQ(routing().unverified.size(), 1U);
  EXPECT_TRUE(routing().unverified[0].routed);
  // Here good pages would be others.
  for (const char* status : {"", "200-599", "404,302"}) {
    stack_.services[0].deploy.labels["traefik.http.middlewares.pages.errors.status"] = status;
    EXPECT_THAT(routing().routes, IsEmpty()) << status;
  }
}

TEST_F(RoutingTest, ChainsOfChainsEnd) {
  Labels labels{{"traefik.http.routers.a.rule", "Host(`a`)"},
                {"traefik.http.routers.a.middlewares", "m0"}};
  for (int i = 0; i < 5; ++i) {
    const std::string next = std::to_string(i + 1);
    std::string all = "m" + next;
    for (int k = 0; k < 300; ++k) all.append(",m").append(next);
    labels["traefik.http.middlewares.m" + std::to_string(i) + ".chain.middlewares"] = all;
  }
  labels["traefik.http.middlewares.m5.stripprefix.prefixes"] = "/x";
  service("app", labels);
  EXPECT_THAT(routing().routes, IsEmpty());
  ASSERT_EQ(routing().unverified.size(), 1U);
  EXPECT_THAT(routing().unverified[0].why, HasSubstr("more than 200 middlewares"));
}

TEST_F(RoutingTest, ReadsUsers) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.middlewares", "auth"},
                  {"traefik.http.middlewares.auth.basicauth.users", "ann:$2y$05$x, bob:$1$y:z,eve"},
                  {"traefik.http.middlewares.auth.basicauth.removeheader", "true"},
                  {"traefik.http.middlewares.auth.basicauth.headerField", "X-User"}});
  const Routing all = routing();
  EXPECT_THAT(all.unverified, IsEmpty());
  ASSERT_EQ(all.routes.size(), 1U);
  EXPECT_THAT(
      all.routes[0].middlewares,
      ElementsAre(Middleware(BasicAuth{
          {{"ann", "$2y$05$x"}, {"bob", "$1$y:z"}, {"eve", ""}}, "traefik", "X-User", true})));
}

TEST_F(RoutingTest, KeepsARouteWhoseMiddlewareChangesNoPage) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.middlewares", "sts"},
                  {"traefik.http.middlewares.sts.ratelimit.average", "1"},
                  {"traefik.http.services.a.loadbalancer.server.port", "http"}});
  EXPECT_THAT(routing().routes, IsEmpty());
  EXPECT_THAT(routing().unverified[0].why, HasSubstr("port 'http' is no number"));
  stack_.services[0].deploy.labels["traefik.http.services.a.loadbalancer.server.port"] = "80";
  EXPECT_EQ(routing().routes.size(), 1U);
  ASSERT_EQ(routing().unverified.size(), 1U);
  EXPECT_TRUE(routing().unverified[0].routed);
}

TEST_F(RoutingTest, ReadsHeaders) {
  const std::string m = "traefik.http.middlewares.h.headers.";
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.middlewares", "h"},
                  {"traefik.http.services.a.loadbalancer.server.port", "80"},
                  {m + "stsSeconds", "60"},
                  {m + "stsPreload", "true"},
                  {m + "frameDeny", "true"},
                  {m + "referrerPolicy", "same-origin"},
                  {m + "customRequestHeaders.X-A", ""},
                  {m + "customResponseHeaders.x-b", "b"},
                  {m + "accessControlAllowMethods", "GET"}});
  const Routing all = routing();
  ASSERT_EQ(all.routes.size(), 1U);
  const Headers wanted{{{"x-a", "", false}},
                       {{"X-Frame-Options", "DENY", false},
                        {"Referrer-Policy", "same-origin", false},
                        {"Strict-Transport-Security", "max-age=60; preload", true},
                        {"x-b", "b", false}}};
  EXPECT_THAT(all.routes[0].middlewares, ElementsAre(Middleware(wanted)));
  ASSERT_EQ(all.unverified.size(), 1U);
  EXPECT_TRUE(all.unverified[0].routed);
  EXPECT_THAT(all.unverified[0].why, HasSubstr("headers.accesscontrolallowmethods"));
}

TEST_F(RoutingTest, ARouterMayLeadToTheServiceOfAnotherContainer) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.service", "two"},
                  {"traefik.http.services.one.loadbalancer.server.port", "1"}});
  service("web", {{"traefik.http.services.two.loadbalancer.server.port", "2"}});
  ASSERT_EQ(routing().routes.size(), 1U);
  EXPECT_EQ(routing().routes[0].service, "web");
  EXPECT_EQ(routing().routes[0].port, 2);
  stack_.services[0].deploy.labels.erase("traefik.http.routers.a.service");
  stack_.services[0].deploy.labels["traefik.http.services.three.loadbalancer.server.port"] = "3";
  EXPECT_THAT(routing().unverified[0].why, HasSubstr("several services"));
}

TEST_F(RoutingTest, ACircleOfChainsEnds) {
  service("app", {{"traefik.http.routers.a.rule", "Host(`a`)"},
                  {"traefik.http.routers.a.middlewares", "x"},
                  {"traefik.http.middlewares.x.chain.middlewares", "x"}});
  EXPECT_THAT(routing().routes, IsEmpty());
  EXPECT_EQ(routing().unverified.size(), 1U);
}

}  // namespace
}  // namespace ccci::recipe
