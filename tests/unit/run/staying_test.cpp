// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/staying.hpp"

#include <gtest/gtest.h>

namespace ccci::run {
namespace {

using When = recipe::RestartPolicy::When;

recipe::Service with_policy(std::optional<When> condition) {
  recipe::Service service;
  service.key = "migrate";
  service.name = "demo_migrate";
  service.deploy.restart_policy.emplace();
  service.deploy.restart_policy->condition = condition;
  return service;
}

TEST(StayingTest, policy_tells_what_may_end) {
  EXPECT_EQ(kind_of(with_policy(When::never), {}), Kind::ends);
  EXPECT_EQ(kind_of(with_policy(When::on_failure), {}), Kind::may_end);
  EXPECT_EQ(kind_of(with_policy(When::always), {}), Kind::restarts);
  EXPECT_EQ(kind_of(with_policy({}), {}), Kind::restarts);
  EXPECT_EQ(kind_of({}, {}), Kind::restarts);
}

TEST(StayingTest, who_is_asked_for_something_is_a_server) {
  recipe::Service checked = with_policy(When::never);
  checked.healthcheck.emplace();
  EXPECT_EQ(kind_of(checked, {}), Kind::server);
  checked.healthcheck->test = {"NONE"};
  EXPECT_EQ(kind_of(checked, {}), Kind::ends);
  recipe::Service published = with_policy(When::on_failure);
  published.ports.emplace_back();
  EXPECT_EQ(kind_of(published, {}), Kind::server);
  recipe::Routing routing;
  routing.routes.emplace_back().service = "migrate";
  EXPECT_EQ(kind_of(with_policy(When::never), routing), Kind::server);
  recipe::Service job = with_policy(When::never);
  job.deploy.mode = recipe::Deploy::Mode::replicated_job;
  EXPECT_EQ(kind_of(job, {}), Kind::server);
}

TEST(StayingTest, only_services_without_check_need_watching) {
  recipe::Service service = with_policy(When::never);
  EXPECT_TRUE(needs_watching(service));
  service.deploy.replicas = 0;
  EXPECT_FALSE(needs_watching(service));
  service.deploy.replicas = 1;
  service.healthcheck.emplace();
  EXPECT_FALSE(needs_watching(service));
}

TEST(StayingTest, programs_that_show_nothing_have_to_stay_longest) {
  using std::chrono::seconds;
  EXPECT_EQ(time_to_stay(Watch::look, false), time_to_stay(Watch::look, true));
  EXPECT_LT(time_to_stay(Watch::look, true), time_to_stay(Watch::endure, true));
  // It gives up after a wait of half a minute, and of a whole one.
  EXPECT_GE(time_to_stay(Watch::endure, true), seconds(30));
  EXPECT_GT(time_to_stay(Watch::endure, false), seconds(60));
}

TEST(StayingTest, service_that_still_runs_is_told_once) {
  Staying staying;
  EXPECT_EQ(staying.last({"demo_migrate"}), std::set<std::string>{"demo_migrate"});
  EXPECT_TRUE(staying.last({"demo_migrate"}).empty());
}

}  // namespace
}  // namespace ccci::run
