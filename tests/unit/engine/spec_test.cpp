// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/spec.hpp"

#include <gmock/gmock.h>

#include "engine/ability.hpp"
#include "engine/images.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SpecTest : public testing::Test {
 protected:
  SpecTest() {
    stack.name = "shop";
    stack.networks["default"].name = "shop_default";
    service.key = "app";
    service.name = "shop_app";
    service.image = "app:1";
    service.networks = {{"default", {"app"}, {}}};
    ids.networks["default"] = "net-id";
  }
  base::Json spec() { return service_spec(stack, service, ids); }
  base::Json at(const char* pointer) {
    const base::Json all = spec();
    const base::Json* found = all.at_pointer(pointer);
    return found == nullptr ? base::Json() : *found;
  }
  static base::Json json(const char* text) { return *base::Json::parse(text); }

  recipe::Stack stack;
  recipe::Service service;
  Ids ids;
};

TEST_F(SpecTest, has_the_labels_of_docker_stack_deploy) {
  service.deploy.labels = {{"traefik.enable", "true"}};
  service.labels = {{"own", ""}};
  EXPECT_EQ(at("/Labels"), json(R"({"com.docker.stack.namespace":"shop","traefik.enable":"true",
                                   "com.docker.stack.image":"app:1"})"));
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Labels"),
            json(R"({"com.docker.stack.namespace":"shop","own":""})"));
}

TEST_F(SpecTest, leaves_out_what_has_no_value) {
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Healthcheck"), base::Json());
  EXPECT_EQ(at("/TaskTemplate/RestartPolicy"), base::Json());
  EXPECT_EQ(at("/UpdateConfig"), base::Json());
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Init"), base::Json());
  EXPECT_EQ(at("/TaskTemplate/Resources"), json(R"({"Limits":{},"Reservations":{}})"));
}

TEST_F(SpecTest, has_networks_by_id_with_aliases) {
  EXPECT_EQ(at("/TaskTemplate/Networks"), json(R"([{"Target":"net-id","Aliases":["app"]}])"));
}

TEST_F(SpecTest, has_environment_with_and_without_value) {
  service.environment = {{"A", "1=2"}, {"GONE", std::nullopt}};
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Env"), json(R"(["A=1=2","GONE"])"));
}

TEST_F(SpecTest, has_durations_in_nanoseconds) {
  recipe::Healthcheck check;
  check.test = {"CMD", "true"};
  check.interval = std::chrono::seconds(5);
  check.retries = 3;
  service.healthcheck = check;
  service.stop_grace_period = std::chrono::milliseconds(1500);
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Healthcheck"),
            json(R"({"Test":["CMD","true"],"Interval":5000000000,"Retries":3})"));
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/StopGracePeriod"), json("1500000000"));
}

TEST_F(SpecTest, has_volumes_with_the_labels_they_are_made_with) {
  stack.volumes["data"].name = "shop_data";
  stack.volumes["old"].name = "old_data";
  stack.volumes["old"].external = true;
  recipe::Mount mount;
  mount.source = "data";
  mount.target = "/data";
  service.mounts.push_back(mount);
  mount.source = "old";
  mount.read_only = true;
  service.mounts.push_back(mount);
  const base::Json mounts = at("/TaskTemplate/ContainerSpec/Mounts");
  EXPECT_EQ(mounts[0],
            json(R"({"Type":"volume","Target":"/data","Source":"shop_data","VolumeOptions":
                               {"Labels":{"com.docker.stack.namespace":"shop"}}})"));
  EXPECT_EQ(mounts[1]["Source"].text_or_empty(), "old_data");
  EXPECT_FALSE(mounts[1]["VolumeOptions"].contains("Labels"));
  EXPECT_EQ(mounts[1]["ReadOnly"].boolean(), true);
}

TEST_F(SpecTest, has_binds_and_memory_mounts) {
  recipe::Mount bind;
  bind.type = recipe::Mount::Type::bind;
  bind.source = "/srv";
  bind.target = "/srv";
  bind.propagation = "rshared";
  recipe::Mount memory;
  memory.type = recipe::Mount::Type::tmpfs;
  memory.target = "/tmp";
  memory.tmpfs_size = 1024;
  memory.tmpfs_mode = 01777;
  service.mounts = {bind, memory};
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Mounts"),
            json(R"([{"Type":"bind","Source":"/srv","Target":"/srv",
                      "BindOptions":{"Propagation":"rshared"}},
                     {"Type":"tmpfs","Target":"/tmp","TmpfsOptions":{"SizeBytes":1024,"Mode":1023}}])"));
}

TEST_F(SpecTest, has_secrets_by_id_and_name) {
  stack.secrets["password"].name = "shop_password_v1";
  ids.secrets["password"] = "secret-id";
  service.secrets = {{"password", "db", "1000", "0", 0400}};
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Secrets"),
            json(R"([{"File":{"Name":"db","UID":"1000","GID":"0","Mode":256},
                      "SecretID":"secret-id","SecretName":"shop_password_v1"}])"));
}

TEST_F(SpecTest, content_may_be_any_bytes) {
  recipe::Content content;
  content.name = "shop_page_v1";
  content.content = "x";
  content.template_driver = "golang";
  EXPECT_EQ(config_spec(stack, content),
            json(R"({"Name":"shop_page_v1","Labels":{"com.docker.stack.namespace":"shop"},
                     "Data":"eA==","Templating":{"Name":"golang"}})"));
}

TEST_F(SpecTest, has_deploy_settings) {
  recipe::Rollout rollout;
  rollout.failure_action = recipe::Rollout::OnFailure::roll_back;
  rollout.order = recipe::Rollout::Order::start_first;
  service.deploy.update_config = rollout;
  rollout.parallelism = 0;
  service.deploy.rollback_config = rollout;
  recipe::RestartPolicy policy;
  policy.condition = recipe::RestartPolicy::When::on_failure;
  policy.max_attempts = 3;
  service.deploy.restart_policy = policy;
  service.deploy.constraints = {"node.role==manager"};
  service.deploy.limits.memory = 1 << 20;
  service.deploy.replicas = 0;
  service.ports = {{80, 8080, "tcp", recipe::Port::Mode::host}};
  EXPECT_EQ(at("/UpdateConfig"),
            json(R"({"Parallelism":1,"FailureAction":"rollback","Order":"start-first"})"));
  EXPECT_EQ(at("/RollbackConfig/Parallelism"), json("0"));
  EXPECT_EQ(at("/TaskTemplate/RestartPolicy"),
            json(R"({"Condition":"on-failure","MaxAttempts":3})"));
  EXPECT_EQ(at("/TaskTemplate/Placement"), json(R"({"Constraints":["node.role==manager"]})"));
  EXPECT_EQ(at("/TaskTemplate/Resources/Limits"), json(R"({"MemoryBytes":1048576})"));
  EXPECT_EQ(at("/Mode"), json(R"({"Replicated":{"Replicas":0}})"));
  EXPECT_EQ(at("/EndpointSpec"), json(R"({"Mode":"vip","Ports":[{"Protocol":"tcp","TargetPort":80,
                     "PublishedPort":8080,"PublishMode":"host"}]})"));
}

TEST_F(SpecTest, has_host_names_in_the_engines_order) {
  service.extra_hosts = {"db:10.0.0.1", "six:fe80::1"};
  EXPECT_EQ(at("/TaskTemplate/ContainerSpec/Hosts"), json(R"(["10.0.0.1 db","fe80::1 six"])"));
}

// The engine adds defaults: its answer to the spec of this stack was recorded.
TEST_F(SpecTest, is_the_same_with_the_defaults_of_the_engine) {
  const auto recorded = base::Json::parse(
      test::read_text(std::string(CCCI_SOURCE_DIR) + "/tests/unit/engine/recorded/runs.json"));
  ASSERT_TRUE(recorded);
  stack.name = "runs";
  service.name = "runs_app";
  service.stop_grace_period = std::chrono::seconds(1);
  service.deploy.endpoint_mode = recipe::Deploy::Endpoint::dnsrr;
  const base::Json& answer = (*recorded)["services"][0]["Spec"];
  ids.networks["default"] = answer["TaskTemplate"]["Networks"][0]["Target"].text_or_empty();
  EXPECT_TRUE(same_spec(answer, spec()));
  service.labels["more"] = "";
  EXPECT_FALSE(same_spec(answer, spec()));
}

TEST_F(SpecTest, differs_in_what_matters) {
  const base::Json before = spec();
  service.deploy.replicas = 0;
  EXPECT_FALSE(same_spec(before, spec()));
  service.deploy.replicas = 1;
  EXPECT_TRUE(same_spec(before, spec()));
  service.deploy.mode = recipe::Deploy::Mode::global;
  EXPECT_FALSE(same_spec(before, spec()));
}

TEST_F(SpecTest, all_at_once_is_not_the_default) {
  recipe::Rollout rollout;
  rollout.parallelism = 0;
  const base::Json before = spec();
  service.deploy.update_config = rollout;
  EXPECT_FALSE(same_spec(before, spec()));
}

TEST_F(SpecTest, stays_as_it_is_where_the_kernel_can_do_it) {
  service.ports = {{80, 8080, "tcp", recipe::Port::Mode::ingress}};
  stack.services = {service};
  EXPECT_EQ(adapt(stack, {true}), stack);
}

TEST_F(SpecTest, is_rewritten_without_ipvs_and_says_so) {
  service.ports = {{80, 8080, "tcp", recipe::Port::Mode::ingress}};
  service.deploy.replicas = 2;
  service.deploy.update_config = recipe::Rollout{};
  service.deploy.update_config->order = recipe::Rollout::Order::start_first;
  stack.services = {service};
  const recipe::Stack adapted = adapt(stack, {false});
  const recipe::Service& now = adapted.services[0];
  EXPECT_EQ(now.deploy.endpoint_mode, recipe::Deploy::Endpoint::dnsrr);
  EXPECT_EQ(now.ports[0].mode, recipe::Port::Mode::host);
  EXPECT_EQ(now.ports[0].published, 0);
  EXPECT_EQ(now.deploy.update_config->order, recipe::Rollout::Order::stop_first);
  std::vector<std::string> keys;
  for (const recipe::Deviation& deviation : adapted.deviations) keys.push_back(deviation.key);
  EXPECT_THAT(keys,
              ElementsAre("deploy.endpoint_mode", "ports", "ports", "deploy.update_config.order"));
}

TEST_F(SpecTest, an_older_engine_gets_no_setting_that_it_would_drop) {
  service.deploy.endpoint_mode = recipe::Deploy::Endpoint::dnsrr;
  service.healthcheck = recipe::Healthcheck{};
  service.healthcheck->start_interval = std::chrono::seconds(1);
  service.oom_score_adj = 100;
  stack.services = {service};
  EXPECT_EQ(adapt(stack, {false}, {1, 46}), stack);
  const recipe::Stack adapted = adapt(stack, {false}, {1, 41});
  EXPECT_FALSE(adapted.services[0].healthcheck->start_interval);
  EXPECT_FALSE(adapted.services[0].oom_score_adj);
  std::vector<std::string> keys;
  for (const recipe::Deviation& deviation : adapted.deviations) keys.push_back(deviation.key);
  EXPECT_THAT(keys, ElementsAre("healthcheck.start_interval", "oom_score_adj"));
}

TEST_F(SpecTest, an_older_engine_checks_as_often_as_a_newer_one_does_at_the_start) {
  using std::chrono::seconds;
  service.deploy.endpoint_mode = recipe::Deploy::Endpoint::dnsrr;
  recipe::Healthcheck check;
  check.test = {"CMD", "true"};
  check.start_period = seconds(60);
  check.interval = seconds(30);
  check.retries = 10;
  const auto adapted = [&](ApiVersion version) {
    service.healthcheck = check;
    stack.services = {service};
    return adapt(stack, {false}, version);
  };
  EXPECT_EQ(*adapted({1, 44}).services[0].healthcheck, check);
  recipe::Healthcheck often = check;
  often.interval = seconds(5);
  often.retries = 70;  // 350 s, not less than 300 s
  EXPECT_EQ(*adapted({1, 41}).services[0].healthcheck, often);
  EXPECT_EQ(adapted({1, 41}).deviations.size(), 1U);
  // A check that comes often already, and a service without a start.
  check.interval = seconds(5);
  EXPECT_EQ(*adapted({1, 41}).services[0].healthcheck, check);
  check.interval = seconds(30);
  check.start_period.reset();
  EXPECT_EQ(*adapted({1, 41}).services[0].healthcheck, check);
  EXPECT_THAT(adapted({1, 41}).deviations, IsEmpty());
  // The recipe's own start interval, and the engine's values.
  check = {};
  check.test = {"CMD", "true"};
  check.start_period = seconds(300);
  check.start_interval = seconds(10);
  often = check;
  often.start_interval.reset();
  often.interval = seconds(10);
  often.retries = 12;
  EXPECT_EQ(*adapted({1, 41}).services[0].healthcheck, often);
}

TEST_F(SpecTest, a_service_that_needs_no_change_has_no_deviation) {
  service.deploy.endpoint_mode = recipe::Deploy::Endpoint::dnsrr;
  service.ports = {{80, 8080, "tcp", recipe::Port::Mode::host}};
  stack.services = {service};
  EXPECT_THAT(adapt(stack, {false}).deviations, IsEmpty());
}

TEST(ImageName, is_split_at_its_tag) {
  const auto split = [](const std::string& name) {
    const ImageName parts = split_image_name(name);
    return parts.repository + " " + parts.tag;
  };
  EXPECT_EQ(split("app"), "app latest");
  EXPECT_EQ(split("host:5000/app"), "host:5000/app latest");
  EXPECT_EQ(split("host:5000/team/app:1.0"), "host:5000/team/app 1.0");
  EXPECT_EQ(split("app@sha256:00"), "app@sha256:00 ");
}

}  // namespace
}  // namespace ccci::engine
