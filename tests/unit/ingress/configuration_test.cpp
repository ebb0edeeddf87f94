// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/configuration.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "ingress/middleware.hpp"
#include "ingress/word.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::ingress {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const Layout layout{"/i/leaf.pem", "/i/http.sock", "/i/https.sock", "/i/empty"};

recipe::Route route(const std::string& name, std::vector<recipe::Match> matches) {
  recipe::Route route;
  route.router = name;
  route.service = "app";
  route.matches = std::move(matches);
  route.priority = 10;
  route.port = 8000;
  return route;
}

engine::Endpoint task(const std::string& service, const std::string& gateway) {
  return {service, "t", "c", gateway, {}};
}

Site site(std::vector<recipe::Route> routes) {
  Site site{"demo", {}, {task("demo_app", "172.18.0.3"), task("demo_app", "172.18.0.4")}};
  site.routing.routes = std::move(routes);
  return site;
}

Configuration configuration(const std::vector<Site>& sites) {
  auto made = make_configuration(layout, sites);
  if (!made) ADD_FAILURE() << made.error().code;
  return made.value_or(Configuration{});
}

std::string text_of(const recipe::Route& only) { return configuration({site({only})}).text; }

// With CCCI_ACCEPT the file is written anew.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string file =
      std::string(CCCI_SOURCE_DIR) + "/tests/unit/ingress/golden/" + name + ".cfg";
  if (getenv("CCCI_ACCEPT") != nullptr) test::write_text(file, text);
  EXPECT_EQ(text, test::read_text(file));
}

TEST(Configuration, LeavesPortsThatAStackPublishes) {
  Site own = site({});
  own.published = {443};
  const std::string text = configuration({own}).text;
  EXPECT_THAT(text, HasSubstr("bind 127.0.0.1:80\n"));
  EXPECT_THAT(text, Not(HasSubstr(":443")));
  EXPECT_THAT(text, HasSubstr("bind unix@/i/https.sock"));
}

TEST(Configuration, ChangesHeaders) {
  recipe::Route only = route("r", {{"a.example", "", false}});
  only.middlewares = {
      recipe::Headers{{{"X-Gone", "", false}}, {{"X-A", "it's 100 %", false}, {"X-S", "1", true}}}};
  const std::string text = text_of(only);
  EXPECT_THAT(text, HasSubstr("  http-request del-header X-Gone\n"));
  EXPECT_THAT(text, HasSubstr("  http-response set-header X-A "));
  EXPECT_THAT(text, HasSubstr("100 %%"));
  EXPECT_THAT(text, HasSubstr("X-S '1' if { var(txn.scheme) -m str https }\n"));
  only.middlewares = {recipe::Headers{{}, {{"X A\r\nevil", "x", false}}}};
  EXPECT_THAT(configuration({site({only})}).unverified, SizeIs(1));
}

TEST(Configuration, ListensWhereContainersReachIt) {
  Layout reached = layout;
  reached.engine = "172.18.0.1";
  const auto made = make_configuration(reached, {});
  ASSERT_TRUE(made);
  EXPECT_THAT(made->text, HasSubstr("bind 127.0.0.1:80,172.18.0.1:80\n"));
  EXPECT_THAT(made->text, HasSubstr("bind 127.0.0.1:443,172.18.0.1:443 ssl crt"));
}

TEST(Configuration, LeavesTheRoutingToAnotherProxy) {
  Site other = site({route("a", {{"a.example", "/x", false}})});
  other.through = Through{"172.18.0.1", 80, 443};
  const std::string text = configuration({other}).text;
  EXPECT_THAT(
      text, HasSubstr("  use_backend through_plain if { var(txn.name) -m str -- 'a.example' }\n"));
  EXPECT_THAT(text, HasSubstr("server proxy 172.18.0.1:443 ssl verify none sni var(txn.name)\n"));
  EXPECT_THAT(text, Not(HasSubstr("route_0")));
  EXPECT_THAT(configuration({site({})}).text, Not(HasSubstr("through")));
}

TEST(Configuration, TakesSocketsThatSomebodyElseMade) {
  Layout given = layout;
  given.first_door = 3;
  const auto made = make_configuration(given, {});
  ASSERT_TRUE(made);
  EXPECT_THAT(made->text, HasSubstr("  bind fd@3\n"));
  EXPECT_THAT(made->text, HasSubstr("  bind fd@4 ssl crt"));
  EXPECT_THAT(made->text, Not(HasSubstr("127.0.0.1:")));
}

TEST(Configuration, HasAllThatTraefikLabelsSay) {
  recipe::Route web = route("web", {{"demo.example", "", false}, {"www.demo.example", "", false}});
  web.tls = true;
  web.entrypoints = {"web-secure"};
  web.middlewares = {recipe::RedirectRegex{"^https://www\\.(.*)", "https://${1}", true}};
  recipe::Route api = route("api", {{"demo.example", "/api", false}, {"", "/exact", true}});
  api.priority = 50;
  api.scheme = "https";
  api.middlewares = {recipe::StripPrefix{{"/api", "/v1/"}}};
  recipe::Route plain = route("plain", {{"old.example", "", false}});
  plain.entrypoints = {"web"};
  plain.middlewares = {recipe::RedirectScheme{"https", "8443", false}};
  recipe::Route gone = route("gone", {{"gone.example", "", false}});
  gone.service = "worker";
  recipe::Route hidden = route("hidden", {{"hidden.example", "", false}});
  hidden.service = "internal";
  recipe::Route deaf = route("deaf", {{"deaf.example", "", false}});
  deaf.port = 0;
  Site all = site({web, api, plain, gone, hidden, deaf});
  all.endpoints.push_back(task("demo_internal", ""));
  const Configuration made = configuration({all});
  expect_golden("all", made.text);
  EXPECT_THAT(made.unverified, IsEmpty());
}

TEST(Configuration, IsEmptyWithoutStacks) { expect_golden("none", configuration({}).text); }

TEST(Configuration, PrioritiesHoldOverAllStacks) {
  recipe::Route low = route("low", {{"a.example", "", false}});
  recipe::Route high = route("high", {{"a.example", "/x", false}});
  high.priority = 20;
  Site other = site({high});
  other.stack = "other";
  const std::string text = configuration({site({low}), other}).text;
  EXPECT_LT(text.find("-- '/x' }"), text.find("if { var(txn.name) -m str -- 'a.example' }\n"));
  // The tasks are those of its own stack.
  EXPECT_THAT(text, HasSubstr("backend route_0\n  http-request return status 503"));
}

TEST(Configuration, NamesWhatItCannotServe) {
  recipe::Route mail = route("mail", {{"a.example", "", false}});
  mail.entrypoints = {"foodsoft-smtp"};
  recipe::Route name = route("name", {{"a b", "", false}});
  recipe::Route path = route("path", {{"", "/a\nbackend x", false}});
  recipe::Route regex = route("regex", {{"a.example", "", false}});
  regex.middlewares = {recipe::RedirectRegex{"a", "${name}", false}};
  recipe::Route line = regex;
  line.middlewares = {recipe::RedirectRegex{"a\nb", "x", false}};
  recipe::Route scheme = regex;
  scheme.middlewares = {recipe::RedirectScheme{"https", "443 if", false}};
  recipe::Route prefix = regex;
  prefix.middlewares = {recipe::StripPrefix{{std::string("/a\0b", 4)}}};
  const Configuration made = configuration({site({mail, name, path, regex, line, scheme, prefix})});
  ASSERT_THAT(made.unverified, SizeIs(7));
  EXPECT_EQ(made.unverified[0].label, "traefik.http.routers.mail.rule");
  EXPECT_THAT(made.unverified[0].why, HasSubstr("entry point"));
  EXPECT_EQ(made.text, configuration({}).text);
}

TEST(Configuration, RefusesMoreRulesThanHaproxyShouldRead) {
  std::vector<recipe::Match> matches(15'000, recipe::Match{"a.example", "", false});
  const auto made = make_configuration(layout, {site({route("a", matches)})});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "ingress.too-many");
}

TEST(Configuration, TakesOnlyAddressesFromTheEngine) {
  Site broken = site({route("a", {{"a.example", "", false}})});
  broken.endpoints = {task("demo_app", "1.2.3.4:1\n  server x 5.6.7.8")};
  EXPECT_THAT(configuration({broken}).text, HasSubstr("no-address"));
}

TEST(Configuration, ServesARouterWithTlsOnPort443Only) {
  recipe::Route both = route("a", {{"a.example", "", false}});
  EXPECT_THAT(text_of(both), Not(HasSubstr("use_backend to_secure")));
  both.tls = true;
  EXPECT_THAT(text_of(both), HasSubstr("use_backend to_secure if { var(txn.name)"));
}

TEST(Word, IsAlwaysOneWord) {
  EXPECT_EQ(word("a b#{}\"\\$"), "'a b#{}\"\\$'");
  EXPECT_EQ(word("it's"), R"('it'\''s')");
  EXPECT_EQ(word(""), "''");
  EXPECT_EQ(format("100%[x]"), "100%%[x]");
  EXPECT_TRUE(is_plain("a b'\"#{ü"));
  EXPECT_FALSE(is_plain("a\nb"));
  EXPECT_FALSE(is_plain(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_plain("a\x7f"));
  EXPECT_FALSE(is_plain(std::string(3000, 'a')));
}

TEST(Replacement, FollowsGo) {
  EXPECT_EQ(replacement_of("https://x/${1}y$2/"), R"(https://x/\1y\2/)");
  EXPECT_EQ(replacement_of("a\\1"), R"(a\\1)");
  EXPECT_EQ(replacement_of("$$1"), "$1");
  EXPECT_EQ(replacement_of("a$"), "a$");
  EXPECT_EQ(replacement_of("${}${1"), "${}${1");
  EXPECT_EQ(replacement_of("$1x"), std::nullopt);
  EXPECT_EQ(replacement_of("${name}"), std::nullopt);
  EXPECT_EQ(replacement_of("${12}"), std::nullopt);
}

TEST(Site, AllNamesAreThisMachine) {
  Site odd = site({route("a", {{"b.example", "", false}, {"a.example", "", false}}),
                   route("c", {{"x\n1.2.3.4 host", "", false}, {"localhost", "", false}})});
  const auto names = names_of({odd});
  EXPECT_THAT(names, testing::ElementsAre("a.example", "b.example", "localhost"));
  EXPECT_EQ(hosts_text(names),
            "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 engine\n127.0.0.1 a.example\n"
            "127.0.0.1 b.example\n");
}

}  // namespace
}  // namespace ccci::ingress
