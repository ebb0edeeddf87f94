// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

class Merge : public RecipeTest {
 protected:
  Stack merged(std::string_view base, std::string_view later) {
    file("compose.yml", base);
    file("later/compose.b.yml", later);
    auto result = composed({"compose.yml", "later/compose.b.yml"});
    if (result) return result->stack;
    ADD_FAILURE() << described(result.error());
    return {};
  }
  // The service `app` of two files with these lines.
  Service app(std::string_view base, std::string_view later) {
    const std::string head = "services:\n  app:\n    image: x\n";
    const Stack made = merged(head + std::string(base), "services:\n  app:\n" + std::string(later));
    const Service* found = made.find("app");
    return found == nullptr ? Service{} : *found;
  }
};

TEST_F(Merge, MapsMergeByKeyInAnyForm) {
  const Service service = app(
      "    environment: [A=1, B=1]\n    labels: {a: 1, b: 1}\n    deploy: {labels: [x=1, y=1]}\n",
      "    environment: {B: 2, C: 2}\n    labels: [b=2]\n    deploy: {labels: {y: 2}}\n");
  EXPECT_THAT(service.environment,
              UnorderedElementsAre(Pair("A", "1"), Pair("B", "2"), Pair("C", "2")));
  EXPECT_THAT(service.labels, UnorderedElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_THAT(service.deploy.labels, UnorderedElementsAre(Pair("x", "1"), Pair("y", "2")));
}

TEST_F(Merge, ListsMergeByTheirKey) {
  const Stack made = merged(
      "services:\n  app:\n    image: x\n    ports: ['80:80', '443:443', '53:53/udp']\n"
      "    volumes: ['a:/a', 'b:/b']\n    secrets: [s, t]\n    configs: [c]\n"
      "volumes: {a: , b: }\nsecrets: {s: {external: true}, t: {external: true}}\n"
      "configs: {c: {external: true}}\n",
      "services:\n  app:\n    ports: [{target: 8080, published: 80, mode: host}, '53:53/tcp']\n"
      "    volumes: ['/host:/a:ro', 'd:/d']\n    secrets: [{source: s, target: other}]\n"
      "    configs: [{source: c, target: /c}]\nvolumes: {d: }\n");
  const Service& service = made.services[0];
  ASSERT_EQ(service.ports.size(), 4U);
  EXPECT_EQ(service.ports[0], (Port{8080, 80, "tcp", Port::Mode::host}));
  EXPECT_EQ(service.ports[2].protocol, "udp");
  ASSERT_EQ(service.mounts.size(), 3U);
  EXPECT_EQ(service.mounts[0].type, Mount::Type::bind);
  EXPECT_EQ(service.mounts[2].target, "/d");
  ASSERT_EQ(service.secrets.size(), 2U);
  EXPECT_EQ(service.secrets[0].target, "other");
  EXPECT_EQ(service.configs[0].target, "/c");
}

TEST_F(Merge, CommandsAreReplacedAndOtherListsJoined) {
  const Service service =
      app("    command: a b\n    entrypoint: [x, y]\n    dns: [1.1.1.1]\n    cap_add: [A]\n",
          "    command: [c]\n    dns: [2.2.2.2, 1.1.1.1]\n    cap_add: [B]\n");
  EXPECT_THAT(service.command, ElementsAre("c"));
  EXPECT_THAT(service.entrypoint, ElementsAre("x", "y"));
  EXPECT_THAT(service.dns, ElementsAre("1.1.1.1", "2.2.2.2"));
  EXPECT_THAT(service.cap_add, ElementsAre("A", "B"));
}

TEST_F(Merge, PartsOfAServiceMergeDeeply) {
  const Service service =
      app("    healthcheck: {test: a, interval: 1s, retries: 3}\n"
          "    deploy: {replicas: 2, mode: replicated, update_config: {order: start-first},"
          " resources: {limits: {memory: 1g}}, placement: {constraints: [a]}}\n"
          "    logging: {driver: local, options: {a: 1}}\n    read_only: true\n",
          "    healthcheck: {test: [CMD, b], timeout: 2s}\n"
          "    deploy: {replicas: 0, update_config: {parallelism: 0},"
          " resources: {limits: {cpus: '1'}}, placement: {constraints: [b]}}\n"
          "    logging: {options: {b: 2}}\n    read_only: false\n");
  EXPECT_THAT(service.healthcheck->test, ElementsAre("CMD", "b"));
  EXPECT_EQ(service.healthcheck->interval, 1s);
  EXPECT_EQ(service.healthcheck->timeout, 2s);
  EXPECT_EQ(service.deploy.replicas, 0U);
  EXPECT_EQ(service.deploy.update_config->order, Rollout::Order::start_first);
  EXPECT_EQ(service.deploy.update_config->parallelism, 0U);
  EXPECT_EQ(service.deploy.limits.memory, 1 << 30);
  EXPECT_EQ(service.deploy.limits.nano_cpus, 1'000'000'000);
  EXPECT_THAT(service.deploy.constraints, ElementsAre("a", "b"));
  EXPECT_THAT(service.logging->options, UnorderedElementsAre(Pair("a", "1"), Pair("b", "2")));
  EXPECT_TRUE(service.read_only);  // false is an empty value for Docker, which never wins
}

TEST_F(Merge, AnotherLoggingDriverForgetsTheOptions) {
  const Service service = app("    logging: {driver: local, options: {a: 1}}\n",
                              "    logging: {driver: syslog, options: {b: 2}}\n");
  EXPECT_EQ(service.logging->driver, "syslog");
  EXPECT_THAT(service.logging->options, UnorderedElementsAre(Pair("b", "2")));
}

TEST_F(Merge, ServicesNetworksAndVolumesAreAdded) {
  const Stack made =
      merged("services: {app: {image: x, networks: {a: {aliases: [one]}}}}\nnetworks: {a: , b: }\n",
             "services: {app: {networks: [b]}, db: {image: y, volumes: ['v:/v']}}\n"
             "networks: {b: {internal: true}}\nvolumes: {v: {external: true}}\n");
  ASSERT_EQ(made.services.size(), 2U);
  ASSERT_EQ(made.services[0].networks.size(), 2U);
  EXPECT_THAT(made.services[0].networks[0].aliases, ElementsAre("app", "one"));
  EXPECT_TRUE(made.networks.at("b").internal);
  EXPECT_TRUE(made.volumes.at("v").external);
}

TEST_F(Merge, AMistakeNamesItsFile) {
  file("compose.yml", "services: {app: {image: x}}\n");
  file("b.yml", "services:\n  app:\n    userr: x\n");
  const auto result = composed({"compose.yml", "b.yml"});
  ASSERT_FALSE(result);
  EXPECT_THAT(described(result.error()), HasSubstr("@b.yml:3"));
}

TEST_F(Merge, ManyServicesInTwoFilesAreMergedQuickly) {
  std::string base = "services:\n";
  for (int i = 0; i < 1000; ++i)
    base += "  s" + std::to_string(i) + ": {image: x, environment: [A=1]}\n";
  const Stack made = merged(base, base);
  EXPECT_EQ(made.services.size(), 1000U);
}

}  // namespace
}  // namespace ccci::recipe
