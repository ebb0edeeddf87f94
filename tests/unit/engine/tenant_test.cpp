// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/tenant.hpp"

#include <gmock/gmock.h>

#include "engine/spec.hpp"

namespace ccci::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class TenantTest : public testing::Test {
 protected:
  TenantTest() {
    stack.name = "shop_1f03a9";
    stack.networks["proxy"].name = "proxy";
    stack.networks["proxy"].external = true;
    stack.networks["proxy"].driver = "bridge";
    stack.networks["inner"].name = "shop_1f03a9_inner";
    stack.volumes["data"].name = "data";
    stack.volumes["data"].external = true;
    stack.secrets["key"].name = "shop_1f03a9_key_v1";
    stack.configs["conf"].name = "conf";
    recipe::Service service;
    service.key = "app";
    service.name = "shop_1f03a9_app";
    recipe::Port port;
    port.target = 8080;
    port.published = 443;
    service.ports = {port};
    service.deploy.constraints = {"node.role==manager"};
    service.deploy.labels = {{"traefik.enable", "true"}, {"backupbot.backup", "true"}, {"own", ""}};
    service.labels = {{"traefik.enable", "true"}, {"traefiker", ""}};
    stack.services = {service};
  }

  recipe::Stack shared() const { return among_others(stack, tenant, "node1"); }

  const Tenant tenant{"1ea5e", "run-1f03a9"};
  recipe::Stack stack;
};

TEST_F(TenantTest, in_an_engine_of_its_own_has_all_that_is_external) {
  const recipe::Stack own = with_own_parts(stack);
  EXPECT_FALSE(own.networks.at("proxy").external);
  EXPECT_EQ(own.networks.at("proxy").driver, "overlay");
  EXPECT_EQ(own.networks.at("proxy").name, "proxy");
  EXPECT_FALSE(own.volumes.at("data").external);
  EXPECT_EQ(own.services, stack.services);
  // Everybody knows what `proxy` is; the data of a volume are not there.
  EXPECT_THAT(own.deviations,
              ElementsAre(recipe::Deviation{
                  "", "volumes", "'data' is external: the test begins with an empty one"}));
}

TEST_F(TenantTest, tells_networks_of_others) {
  stack.networks["mail"].name = "mail_default";
  stack.networks["mail"].external = true;
  const recipe::Stack own = with_own_parts(stack);
  EXPECT_EQ(own.networks.at("mail").driver, "overlay");
  EXPECT_THAT(own.deviations,
              testing::Contains(recipe::Deviation{"", "networks",
                                                  "'mail_default' is external: the test has one of "
                                                  "its own, where nobody else is"}));
}

TEST_F(TenantTest, paths_of_an_engine_are_those_of_the_one_that_runs_it) {
  const auto bind = [](const char* source) {
    recipe::Mount mount;
    mount.type = recipe::Mount::Type::bind;
    mount.source = source;
    return mount;
  };
  stack.services[0].mounts = {bind("/var/run/docker.sock"),     bind("/run//docker.sock"),
                              bind("/var/lib/docker/volumes/"), bind("/var/lib/docker"),
                              bind("/var/lib/dockers"),         bind("/var/run")};
  recipe::Mount volume;
  volume.source = "/var/run/docker.sock";  // no path of the host
  stack.services[0].mounts.push_back(volume);
  lead_to_engine(stack, {"/e/s", "/e/data"});
  std::vector<std::string> sources;
  for (const recipe::Mount& mount : stack.services[0].mounts) sources.push_back(mount.source);
  EXPECT_THAT(sources, ElementsAre("/e/s", "/e/s", "/e/data/volumes", "/e/data", "/var/lib/dockers",
                                   "/var/run", "/var/run/docker.sock"));
  ASSERT_EQ(stack.deviations.size(), 4U);
  EXPECT_EQ(stack.deviations[0],
            (recipe::Deviation{"app", "volumes",
                               "/var/run/docker.sock is that of the engine of the test"}));
  const recipe::Stack before = stack;
  lead_to_engine(stack, {"/e/s", "/e/data"});
  EXPECT_EQ(stack.services, before.services);
}

TEST_F(TenantTest, the_usual_places_are_no_deviation) {
  recipe::Mount mount;
  mount.type = recipe::Mount::Type::bind;
  mount.source = "/var/run/docker.sock";
  stack.services[0].mounts = {mount};
  lead_to_engine(stack, {"/var/run/docker.sock", "/var/lib/docker"});
  EXPECT_THAT(stack.deviations, testing::IsEmpty());
}

TEST_F(TenantTest, every_object_has_the_marks) {
  const recipe::Stack made = shared();
  const Ids ids;
  for (const base::Json& labels :
       {network_spec(made, made.networks.at("proxy"))["Labels"],
        secret_spec(made, made.secrets.at("key"))["Labels"],
        config_spec(made, made.configs.at("conf"))["Labels"],
        service_spec(made, made.services[0], ids)["Labels"],
        service_spec(made, made.services[0], ids)["TaskTemplate"]["ContainerSpec"]["Labels"]}) {
    EXPECT_EQ(labels["cc-ci.lease"].text_or_empty(), "1ea5e");
    EXPECT_EQ(labels["cc-ci.run"].text_or_empty(), "run-1f03a9");
  }
  EXPECT_EQ(tenant.images(), "cc-ci.invalid/1ea5e/run-1f03a9");
}

TEST_F(TenantTest, no_name_is_one_that_others_could_have) {
  const recipe::Stack made = shared();
  EXPECT_EQ(made.networks.at("proxy").name, "shop_1f03a9_proxy");
  EXPECT_EQ(made.networks.at("inner").name, "shop_1f03a9_inner");
  EXPECT_EQ(made.volumes.at("data").name, "shop_1f03a9_data");
  EXPECT_EQ(made.secrets.at("key").name, "shop_1f03a9_key_v1");
  EXPECT_EQ(made.configs.at("conf").name, "shop_1f03a9_conf");
}

TEST_F(TenantTest, ports_are_chosen_and_tasks_stay_on_the_node) {
  const recipe::Stack made = shared();
  EXPECT_EQ(made.services[0].ports[0].published, 0);
  EXPECT_THAT(made.services[0].deploy.constraints,
              ElementsAre("node.role==manager", "node.id==node1"));
}

TEST_F(TenantTest, other_programs_see_no_labels_that_they_would_follow) {
  const recipe::Stack made = shared();
  EXPECT_THAT(made.services[0].deploy.labels, ElementsAre(Pair("own", "")));
  EXPECT_THAT(made.services[0].labels, ElementsAre(Pair("traefiker", "")));
}

TEST_F(TenantTest, tells_each_change) {
  std::vector<std::string> told;
  for (const recipe::Deviation& deviation : shared().deviations)
    told.push_back(deviation.service + " " + deviation.key);
  EXPECT_THAT(told, ElementsAre(" volumes", " networks.proxy", " volumes.data", " configs.conf",
                                "app ports", "app labels"));
  EXPECT_THAT(shared().deviations[4].what, HasSubstr("instead of 443"));
  EXPECT_EQ(among_others(shared(), tenant, "node1").deviations.size(), 6U);
}

}  // namespace
}  // namespace ccci::engine
