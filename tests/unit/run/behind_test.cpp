// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/behind.hpp"

#include <gmock/gmock.h>

#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

using testing::HasSubstr;

Deployable app(const std::string& host) {
  Deployable app;
  app.domain = "demo.cc-ci.test";
  recipe::Route route;
  route.matches = {{host, "", false}};
  route.entrypoints = {"web-secure"};
  app.routing.routes = {route};
  return app;
}

engine::Traefik traefik() {
  engine::Traefik found;
  found.entries = {"web", "web-secure"};
  found.taken = {"taken.demo.cc-ci.test"};
  return found;
}

TEST(Behind, AppOfTheTestsNamesMayBe) {
  EXPECT_EQ(objection(traefik(), app("demo.cc-ci.test")), "");
  EXPECT_EQ(objection(traefik(), app("www.demo.cc-ci.test")), "");
}

TEST(Behind, RequestsOfOthersAreNotTaken) {
  EXPECT_THAT(objection(traefik(), app("")), HasSubstr("the requests of others"));
  EXPECT_THAT(objection(traefik(), app("example.org")), HasSubstr("no name of the test"));
  EXPECT_THAT(objection(traefik(), app("notdemo.cc-ci.test")), HasSubstr("no name of the test"));
  EXPECT_THAT(objection(traefik(), app("taken.demo.cc-ci.test")), HasSubstr("another service"));
  Deployable regexp = app("demo.cc-ci.test");
  regexp.routing.unverified = {
      {"app", "traefik.http.routers.x.rule", "HostRegexp is not supported", false}};
  EXPECT_THAT(objection(traefik(), regexp), HasSubstr("HostRegexp"));
}

TEST(Behind, EntryPointsAreTraefiks) {
  Deployable other = app("demo.cc-ci.test");
  other.routing.routes[0].entrypoints = {"websecure"};
  EXPECT_THAT(objection(traefik(), other), HasSubstr("entry point 'websecure'"));
  EXPECT_THAT(objection(traefik(), Deployable{}), HasSubstr("no router"));
}

TEST(Behind, OneTestAtATime) {
  const test::Scratch scratch;
  base::Fd first = take_turn(scratch.path());
  EXPECT_TRUE(first);
  EXPECT_FALSE(take_turn(scratch.path()));
  first.reset();
  EXPECT_TRUE(take_turn(scratch.path()));
  // The directory of records is not for it: what is there without a lock is taken for a dead run.
  EXPECT_TRUE(std::filesystem::exists(scratch.path() / "locks/traefik"));
}

}  // namespace
}  // namespace ccci::run
