// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/traefik.hpp"

#include <gmock/gmock.h>

#include "engine/spec.hpp"

namespace ccci::engine {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

Json parsed(const std::string& text) {
  auto json = Json::parse(text);
  EXPECT_TRUE(json) << text;
  return json ? *json : Json();
}

const std::string ports = R"("Endpoint": {"Ports": [
  {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 80},
  {"Protocol": "tcp", "TargetPort": 8443, "PublishedPort": 443}]})";
const std::string networks =
    R"([{"Id": "n1", "Name": "proxy", "Driver": "overlay"},
        {"Id": "n2", "Name": "other", "Driver": "overlay"}])";

// A service of the image with these further members of its container.
std::string service(const std::string& image, const std::string& container) {
  const std::string rule = "Host(`Traefik.example.org`) || HostRegexp(`a.example.org`)";
  return R"({"Spec": {"Name": "traefik_app", "Labels": {"traefik.http.routers.x.rule": ")" + rule +
         R"("}, "TaskTemplate": {"Networks": [{"Target": "n1"}], "ContainerSpec": {"Image": ")" +
         image + "\"" + (container.empty() ? "" : ", ") + container + "}}}, " + ports + "}";
}

std::optional<Traefik> found(const std::string& text,
                             const std::map<std::string, std::string>& configs = {}) {
  return find_traefik(parsed("[" + text + "]"), parsed(networks), configs);
}

const std::string arguments =
    R"("Args": ["--providers.docker.swarmMode=true", "--providers.docker.network=proxy",
  "--entrypoints.web.address=:80", "--entryPoints.web-secure.address=:8443", "--entrypoints.far.address=:9000"])";

TEST(TraefikTest, SettingsAreInArguments) {
  const auto traefik = found(service("docker.io/library/traefik:v2.11@sha256:00", arguments));
  ASSERT_TRUE(traefik);
  EXPECT_EQ(traefik->why_not, "");
  EXPECT_EQ(traefik->service, "traefik_app");
  EXPECT_EQ(traefik->network, "proxy");
  EXPECT_EQ(traefik->plain, 80);
  EXPECT_EQ(traefik->secure, 443);
  EXPECT_THAT(traefik->entries, UnorderedElementsAre("web", "web-secure"));
  EXPECT_THAT(traefik->taken, UnorderedElementsAre("traefik.example.org", "a.example.org"));
}

TEST(TraefikTest, SettingsAreInTheEnvironmentOrInAFile) {
  const auto variables = found(service("traefik:v3", R"("Env": ["TRAEFIK_PROVIDERS_SWARM=true",
    "TRAEFIK_ENTRYPOINTS_WEB_ADDRESS=:80", "TRAEFIK_ENTRYPOINTS_WEBSECURE_ADDRESS=:8443/tcp", "HOME=/"])"));
  ASSERT_TRUE(variables);
  EXPECT_EQ(variables->why_not, "");
  // As in Co-op Cloud's own recipe.
  const auto file = found(
      service("example/proxy:1",
              R"("Configs": [{"ConfigID": "c", "File": {"Name": "/etc/traefik/traefik.yml"}}])"),
      {{"c",
        "entrypoints:\n  web:\n    address: ':80'\n    http: {redirections: {entryPoint: {to: "
        "web-secure}}}\n"
        "  web-secure:\n    address: ':8443'\nproviders:\n  docker:\n    swarmMode: true\n    "
        "network: proxy\n"}});
  ASSERT_TRUE(file);
  EXPECT_EQ(file->why_not, "");
  EXPECT_EQ(file->secure, 443);
}

TEST(TraefikTest, WhatIsNoneIsNotFound) {
  EXPECT_FALSE(found(service("nginx:1", "")));
  EXPECT_FALSE(found(service("example/traefik-forward-auth:1", "")));
}

TEST(TraefikTest, SaysWhyItCannotBeUsed) {
  EXPECT_THAT(found(service("traefik:v3", ""))->why_not, HasSubstr("provider for a swarm"));
  const auto with = [](const std::string& text) {
    return found(service("traefik:v3", R"("Args": ["--providers.swarm", )" + text + "]"))->why_not;
  };
  EXPECT_THAT(with(R"J("--providers.swarm.constraints=Label(`a`)")J"), HasSubstr("constraints"));
  EXPECT_THAT(with(R"("--providers.swarm.network=elsewhere")"), HasSubstr("no overlay network"));
  EXPECT_THAT(with(R"("--entrypoints.web.address=:80")"), HasSubstr("both HTTP and HTTPS"));
  EXPECT_THAT(
      with(R"("--entrypoints.web.address=:80/udp", "--entrypoints.websecure.address=:8443")"),
      HasSubstr("both HTTP and HTTPS"));
}

TEST(TraefikTest, OneThatCanBeUsedWins) {
  const auto traefik = found(service("traefik:v3", "") + "," + service("traefik:v2", arguments));
  ASSERT_TRUE(traefik);
  EXPECT_EQ(traefik->why_not, "");
}

recipe::Stack stack_of(recipe::Labels labels) {
  recipe::Stack stack;
  stack.name = "demo_000001";
  recipe::Service app;
  app.key = "app";
  app.name = "demo_000001_app";
  app.networks = {{"default", {"app"}, {}}};
  app.deploy.labels = std::move(labels);
  stack.services = {app};
  return stack;
}

TEST(TraefikTest, LabelsDoNotMeetThoseOfOthers) {
  const recipe::Labels labels{
      {"coop-cloud.demo_000001.version", "1.0.0+1"},
      {"backupbot.backup", "true"},
      {"traefik.enable", "true"},
      {"traefik.docker.network", "web"},
      {"traefik.http.routers.demo.rule", "Host(`demo.cc-ci.test`)"},
      {"traefik.http.routers.demo.tls.certresolver", "production"},
      {"traefik.http.routers.demo.middlewares", "strip@docker, security@file,secure-headers"},
      {"traefik.http.routers.demo.service", "demo_000001"},
      {"traefik.http.middlewares.strip.stripprefix.prefixes", "/x"},
      {"traefik.http.services.demo_000001.loadbalancer.server.port", "80"}};
  const recipe::Stack stack = stack_of(labels);
  Traefik traefik;
  traefik.network = "proxy";
  EXPECT_THAT(labels_for(labels, stack, traefik),
              UnorderedElementsAre(
                  Pair("traefik.enable", "true"), Pair("traefik.docker.network", "proxy"),
                  Pair("traefik.http.routers.demo_000001-demo.rule", "Host(`demo.cc-ci.test`)"),
                  Pair("traefik.http.routers.demo_000001-demo.tls", "true"),
                  Pair("traefik.http.routers.demo_000001-demo.middlewares",
                       "demo_000001-strip@docker,security@file,secure-headers"),
                  Pair("traefik.http.routers.demo_000001-demo.service", "demo_000001"),
                  Pair("traefik.http.middlewares.demo_000001-strip.stripprefix.prefixes", "/x"),
                  Pair("traefik.http.services.demo_000001.loadbalancer.server.port", "80")));
}

TEST(TraefikTest, OneKindOfLabelsNamesTheNetwork) {
  Traefik traefik;
  traefik.network = "proxy";
  const recipe::Labels labels{{"traefik.swarm.network", "web"}, {"traefik.swarm.lbswarm", "true"}};
  EXPECT_THAT(labels_for(labels, stack_of(labels), traefik),
              UnorderedElementsAre(Pair("traefik.swarm.network", "proxy"),
                                   Pair("traefik.swarm.lbswarm", "true")));
}

TEST(TraefikTest, OnlyRoutedServicesAreInItsNetworkAndHaveNoNameThere) {
  recipe::Stack stack = stack_of({{"traefik.enable", "true"}});
  recipe::Service db;
  db.key = "db";
  stack.services.push_back(db);
  Traefik traefik;
  traefik.network = "proxy";
  recipe::Stack fitted = stack;
  fitted.services[0].deploy.labels.clear();
  put_behind(traefik, stack, fitted);
  ASSERT_EQ(fitted.services[0].networks.size(), 2U);
  EXPECT_THAT(fitted.services[0].networks[1].aliases, IsEmpty());
  EXPECT_EQ(fitted.networks.at(fitted.services[0].networks[1].network).name, "proxy");
  EXPECT_TRUE(fitted.networks.at(fitted.services[0].networks[1].network).external);
  EXPECT_TRUE(fitted.services[0].deploy.labels.contains("traefik.enable"));
  EXPECT_THAT(fitted.services[1].networks, IsEmpty());
}

}  // namespace
}  // namespace ccci::engine
