// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/health_page.hpp"

#include <gtest/gtest.h>

namespace ccci::recipe {
namespace {

std::string page_of(std::vector<std::string> test) {
  Healthcheck check;
  check.test = std::move(test);
  const auto page = health_page(check);
  return page ? std::to_string(page->port) + page->path : "none";
}

TEST(HealthPage, IsInTheCheck) {
  EXPECT_EQ(page_of({"CMD", "curl", "-f", "http://localhost"}), "80/");
  EXPECT_EQ(page_of({"CMD", "wget", "-qO-", "http://127.0.0.1:8787/api/health"}),
            "8787/api/health");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl -fs 'http://localhost:3000/-/live?x=1' || exit 1"}),
            "3000/-/live?x=1");
  EXPECT_EQ(page_of({"CMD-SHELL", "wget https://[::1]/h; true"}), "443/h");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl http://[::1]:8080/#top"}), "8080/");
}

TEST(HealthPage, NeedsNoScheme) {
  EXPECT_EQ(
      page_of({"CMD-SHELL", "curl -s --noproxy localhost localhost:4000/api/health | grep OK"}),
      "4000/api/health");
  EXPECT_EQ(page_of({"CMD", "curl", "--noproxy", "localhost", "127.0.0.1:3000/up"}), "3000/up");
  EXPECT_EQ(page_of({"CMD", "wget", "-q", "localhost/up"}), "80/up");
  EXPECT_EQ(page_of({"CMD-SHELL", "wget -q \"[::1]:81/up\" || exit 1"}), "81/up");
  EXPECT_EQ(page_of({"CMD", "curl", "-H", "Host: localhost:9/x", "http://localhost/y"}), "80/y");
  EXPECT_EQ(page_of({"CMD", "nc", "-z", "localhost:3306"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl --noproxy localhost app:80/x"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl localhost:$PORT/x"}), "none");
}

TEST(HealthPage, IsNotGuessed) {
  EXPECT_EQ(page_of({}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "pg_isready -U x"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl http://localhost:$PORT/health"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl http://localhost:80/${X}"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl http://"}), "none");
  EXPECT_EQ(page_of({"CMD-SHELL", "curl http://a:99999/"}), "none");
}

TEST(HealthPage, IsReachedByTheRoute) {
  Route route;
  route.port = 8787;
  const HealthPage page{8787, "/api/health"};
  EXPECT_EQ(routed_path(page, route, {"a.example", "", false}), "/api/health");
  EXPECT_EQ(routed_path(page, route, {"a.example", "/api", false}), "/api/health");
  EXPECT_EQ(routed_path(page, route, {"a.example", "/api", true}), std::nullopt);
  EXPECT_EQ(routed_path(page, route, {"a.example", "/cms", false}), std::nullopt);
  EXPECT_EQ(routed_path({9000, "/"}, route, {"a.example", "", false}), std::nullopt);
  route.middlewares = {StripPrefix{{"/cms", "/old/"}}};
  EXPECT_EQ(routed_path(page, route, {"a.example", "/cms", false}), "/cms/api/health");
  EXPECT_EQ(routed_path(page, route, {"a.example", "/old/", false}), "/old/api/health");
}

}  // namespace
}  // namespace ccci::recipe
