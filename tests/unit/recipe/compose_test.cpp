// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/compose.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

using Compose = RecipeTest;

std::vector<std::string> deviating(const Stack& stack) {
  std::vector<std::string> out;
  for (const Deviation& deviation : stack.deviations)
    out.push_back(deviation.service + ":" + deviation.key);
  return out;
}

TEST_F(Compose, ResolvesNamesAndDefaults) {
  const Stack made = stack(
      "services:\n  app: {image: nginx:1, volumes: ['data:/data'], networks: [proxy, internal]}\n"
      "  db: {image: postgres:15}\n"
      "networks:\n  proxy: {external: true}\n  internal:\n  unused:\n"
      "volumes:\n  data:\n  unused:\n");
  EXPECT_EQ(made.name, "demo");
  ASSERT_EQ(made.services.size(), 2U);
  EXPECT_EQ(made.services[0].name, "demo_app");
  EXPECT_EQ(made.services[0].networks[0], (Attachment{"proxy", {"app"}, {}}));
  EXPECT_EQ(made.services[1].networks[0], (Attachment{"default", {"db"}, {}}));
  ASSERT_EQ(made.networks.size(), 3U);
  EXPECT_EQ(made.networks.at("proxy").name, "proxy");
  EXPECT_TRUE(made.networks.at("proxy").external);
  EXPECT_EQ(made.networks.at("internal").name, "demo_internal");
  EXPECT_EQ(made.networks.at("internal").driver, "overlay");
  EXPECT_EQ(made.networks.at("default").name, "demo_default");
  EXPECT_EQ(made.volumes.size(), 1U);
  EXPECT_EQ(made.volumes.at("data").name, "demo_data");
  EXPECT_THAT(made.deviations, IsEmpty());
}

TEST_F(Compose, LimitsReplicas) {
  EXPECT_THAT(refusal_with("    deploy: {replicas: 1000}\n"), "accepted");
  EXPECT_THAT(refusal_with("    deploy: {replicas: 100000000}\n"), HasSubstr("recipe.too-large"));
}

TEST_F(Compose, NeedsNoVersionAndIgnoresExtensions) {
  EXPECT_EQ(app("version: '3.8'\nx-a: {b: c}\nservices: {app: {image: x, x-y: 1}}\n").image, "x");
  EXPECT_EQ(app("version: 3.8\nservices: {app: {image: x}}\n").image, "x");
}

TEST_F(Compose, ReadsEnvironmentAndLabelsAsListOrMap) {
  const Service list = app_with(
      "    environment: [A=1, B, C=, 'D=a=b', E]\n    labels: [one=1, two]\n", {{"B", "set"}});
  EXPECT_THAT(list.environment,
              UnorderedElementsAre(Pair("A", "1"), Pair("B", "set"), Pair("C", ""),
                                   Pair("D", "a=b"), Pair("E", std::nullopt)));
  EXPECT_THAT(list.labels, UnorderedElementsAre(Pair("one", "1"), Pair("two", "")));
  const Service map = app_with(
      "    environment: {A: 1, B: , C: 1.10, D: 0777, E: ''}\n"
      "    deploy: {labels: {a: 1, b: x}}\n",
      {{"E", "from the env file"}});
  EXPECT_THAT(map.environment,
              UnorderedElementsAre(Pair("A", "1"), Pair("B", std::nullopt), Pair("C", "1.1"),
                                   Pair("D", "511"), Pair("E", "from the env file")));
  EXPECT_THAT(map.deploy.labels, UnorderedElementsAre(Pair("a", "1"), Pair("b", "x")));
  EXPECT_THAT(refusal_with("    environment: {A: true}\n"),
              HasSubstr("recipe.type key=services.app.environment.A"));
}

TEST_F(Compose, SplitsCommandsAsDockerDoes) {
  const Service service = app_with(
      "    command: sh -c \"echo 'a b' \\\"c\\\"\" x\\ y # comment\n    entrypoint: [/run, 'a "
      "b']\n");
  EXPECT_THAT(service.command, ElementsAre("sh", "-c", "echo 'a b' \"c\"", "x y"));
  EXPECT_THAT(service.entrypoint, ElementsAre("/run", "a b"));
  EXPECT_THAT(refusal_with("    command: 'a \"b'\n"), HasSubstr("recipe.value"));
}

TEST_F(Compose, ReadsShortAndLongMounts) {
  const Service service = app_with(
      "    volumes:\n"
      "      - data:/a:ro,nocopy\n      - /anonymous\n      - /etc/x:/b:ro,rslave\n"
      "      - ./conf:/c\n"
      "      - {type: tmpfs, target: /d, tmpfs: {size: 64m, mode: 01777}}\n"
      "      - {type: volume, source: data, target: /e, read_only: true, volume: {nocopy: true}}\n"
      "    tmpfs: ['/f:size=1g,mode=700', /g]\n"
      "volumes: {data: {name: other}}\n");
  ASSERT_EQ(service.mounts.size(), 8U);
  const auto mount = [&](std::size_t i) { return service.mounts[i]; };
  EXPECT_EQ(mount(0).source, "data");
  EXPECT_TRUE(mount(0).read_only && mount(0).no_copy);
  EXPECT_EQ(mount(1).source, "");
  EXPECT_EQ(mount(1).target, "/anonymous");
  EXPECT_EQ(mount(2).type, Mount::Type::bind);
  EXPECT_EQ(mount(2).propagation, "rslave");
  EXPECT_EQ(mount(3).source, (std::filesystem::canonical(scratch_.path()) / "conf").native());
  EXPECT_EQ(mount(4).tmpfs_size, 64U << 20U);
  EXPECT_EQ(mount(4).tmpfs_mode, 01777U);
  EXPECT_TRUE(mount(5).read_only && mount(5).no_copy);
  EXPECT_EQ(mount(6).tmpfs_size, 1U << 30U);
  EXPECT_EQ(mount(6).tmpfs_mode, 0700U);
  EXPECT_EQ(mount(7).type, Mount::Type::tmpfs);
}

TEST_F(Compose, RefusesMountsThatMeanNothing) {
  for (const std::string_view bad :
       {"a:/b:ro:x", ":/b", "a:", "data:relative", "~/x:/b", "{type: bind, target: /b}",
        "{type: tmpfs, source: x, target: /b}", "{type: cluster, source: x, target: /b}",
        "{type: volume, source: /x, target: /b}", "{type: volume, source: x}", "5"})
    EXPECT_THAT(refusal_with("    volumes: [" + ("\"" + std::string(bad) + "\"") + "]\n"),
                testing::Not(testing::StartsWith("accepted")))
        << bad;
  EXPECT_THAT(refusal_with("    volumes: [{type: bind, target: /b}]\n"),
              HasSubstr("recipe.source"));
  EXPECT_THAT(refusal_with("    volumes: [{type: cluster, target: /b}]\n"),
              HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    volumes: [{type: volume}]\n"), HasSubstr("missing=target"));
  EXPECT_THAT(refusal_with("    volumes: [a:/b]\n"),
              HasSubstr("recipe.undefined service=app kind=volume name=a"));
  EXPECT_THAT(refusal_with("    volumes: [/b, '/x:/b']\n"), HasSubstr("recipe.mounted-twice"));
}

TEST_F(Compose, ReadsShortAndLongPorts) {
  const Service service = app_with(
      "    ports:\n      - 80\n      - '8080:80/udp'\n      - '3000-3001:3000-3001'\n"
      "      - '9000-9001:90'\n      - 127.0.0.1:1:2\n      - '[::1]:3:4'\n"
      "      - {target: 443, published: 443, protocol: tcp, mode: host}\n      - '22:22'\n");
  const auto port = [](int target, int published, std::string protocol = "tcp",
                       Port::Mode mode = Port::Mode::ingress) {
    return Port{static_cast<std::uint16_t>(target), static_cast<std::uint16_t>(published),
                std::move(protocol), mode};
  };
  EXPECT_THAT(service.ports,
              ElementsAre(port(80, 0), port(80, 8080, "udp"), port(3000, 3000), port(3001, 3001),
                          port(90, 9000), port(90, 9001), port(2, 1), port(4, 3),
                          port(443, 443, "tcp", Port::Mode::host), port(22, 22)));
  EXPECT_THAT(refusal_with("    ports: ['1-3:1-2']\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    ports: ['80:x']\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    ports: ['70000']\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    ports: ['80/icmp']\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    ports: ['1-65000:1-65000']\n"), HasSubstr("recipe.too-large"));
  EXPECT_THAT(refusal_with("    ports: [{published: 1}]\n"), HasSubstr("missing=target"));
}

TEST_F(Compose, RecordsAPortThatIsOpenOnMoreAddresses) {
  const Stack made = stack("services: {app: {image: x, ports: ['127.0.0.1:1:2']}}\n");
  EXPECT_THAT(deviating(made), ElementsAre("app:ports"));
}

TEST_F(Compose, ReadsDeploy) {
  const Service service = app_with(
      "    deploy:\n      mode: replicated\n      replicas: 0\n      endpoint_mode: dnsrr\n"
      "      update_config: {parallelism: 0, delay: 1m30s, failure_action: rollback, monitor: "
      "500ms,"
      " max_failure_ratio: 0.5, order: start-first}\n"
      "      rollback_config: {order: stop-first}\n"
      "      restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}\n"
      "      resources: {limits: {cpus: '0.50', memory: 1.5g, pids: 100}, reservations: {cpus: "
      "1}}\n"
      "      placement: {constraints: [node.role == manager], preferences: [{spread: node.id}],"
      " max_replicas_per_node: 1}\n");
  const Deploy& deploy = service.deploy;
  EXPECT_EQ(deploy.replicas, 0U);
  EXPECT_EQ(deploy.endpoint_mode, Deploy::Endpoint::dnsrr);
  EXPECT_EQ(deploy.update_config->parallelism, 0U);
  EXPECT_EQ(deploy.update_config->delay, 90s);
  EXPECT_EQ(deploy.update_config->monitor, 500ms);
  EXPECT_EQ(deploy.update_config->failure_action, Rollout::OnFailure::roll_back);
  EXPECT_EQ(deploy.update_config->order, Rollout::Order::start_first);
  EXPECT_EQ(deploy.update_config->max_failure_ratio, 0.5);
  EXPECT_EQ(deploy.rollback_config->order, Rollout::Order::stop_first);
  EXPECT_FALSE(deploy.rollback_config->parallelism.has_value());
  EXPECT_EQ(deploy.restart_policy->max_attempts, 3U);
  EXPECT_EQ(deploy.limits.nano_cpus, 500'000'000);
  EXPECT_EQ(deploy.limits.memory, 1'610'612'736);
  EXPECT_EQ(deploy.limits.pids, 100);
  EXPECT_EQ(deploy.reservations.nano_cpus, 1'000'000'000);
  EXPECT_THAT(deploy.constraints, ElementsAre("node.role == manager"));
  EXPECT_THAT(deploy.spread_by, ElementsAre("node.id"));
  EXPECT_EQ(deploy.max_replicas_per_node, 1U);
  EXPECT_THAT(refusal_with("    deploy: {mode: global, replicas: 1}\n"),
              HasSubstr("recipe.conflict"));
  EXPECT_THAT(refusal_with("    deploy: {update_config: {order: first}}\n"),
              HasSubstr("expected=stop-first or start-first found=first"));
}

TEST_F(Compose, ReadsHealthchecks) {
  const Service service = app_with(
      "    healthcheck: {test: curl -f localhost, interval: 30s, timeout: 10s, retries: 10,"
      " start_period: 1m, start_interval: 1s}\n");
  EXPECT_THAT(service.healthcheck->test, ElementsAre("CMD-SHELL", "curl -f localhost"));
  EXPECT_EQ(service.healthcheck->start_period, 60s);
  EXPECT_EQ(service.healthcheck->retries, 10U);
  EXPECT_THAT(app_with("    healthcheck: {disable: true}\n").healthcheck->test,
              ElementsAre("NONE"));
  EXPECT_THAT(refusal_with("    healthcheck: {disable: true, test: x}\n"),
              HasSubstr("recipe.conflict"));
  EXPECT_THAT(refusal_with("    healthcheck: {test: [curl, x]}\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    healthcheck: {interval: 30}\n"), HasSubstr("recipe.type"));
  EXPECT_THAT(refusal_with("    healthcheck: {interval: 30 s}\n"), HasSubstr("recipe.value"));
  EXPECT_THAT(refusal_with("    healthcheck: {interval: 99999999h}\n"), HasSubstr("recipe.value"));
}

TEST_F(Compose, UsesRestartWhereDeployHasNoPolicy) {
  EXPECT_EQ(app_with("    restart: unless-stopped\n").deploy.restart_policy->condition,
            RestartPolicy::When::always);
  EXPECT_EQ(app_with("    restart: on-failure:3\n").deploy.restart_policy->max_attempts, 3U);
  EXPECT_FALSE(app_with("    restart: 'no'\n").deploy.restart_policy.has_value());
  EXPECT_EQ(app_with("    restart: always\n    deploy: {restart_policy: {condition: none}}\n")
                .deploy.restart_policy->condition,
            RestartPolicy::When::never);
  EXPECT_THAT(refusal_with("    restart: sometimes\n"), HasSubstr("recipe.value"));
}

TEST_F(Compose, ReadsWhatElseAServiceHas) {
  const Service service = app_with(
      "    stop_grace_period: 1m\n    stop_signal: SIGINT\n    init: true\n    user: 1000\n"
      "    working_dir: /w\n    hostname: h\n    extra_hosts: ['a:1.2.3.4', 'b=[::1]']\n"
      "    dns: 1.1.1.1\n    dns_search: [a, b]\n    cap_add: [NET_ADMIN]\n    cap_drop: [ALL]\n"
      "    sysctls: {net.core.somaxconn: 1024}\n    ulimits: {nproc: 5, nofile: {soft: 1, hard: "
      "2}}\n"
      "    read_only: true\n    tty: true\n    stdin_open: true\n    oom_score_adj: -5\n"
      "    logging: {driver: json-file, options: {max-size: 1m, max-file: 3}}\n"
      "    networks: {default: {aliases: [www, app]}}\n");
  EXPECT_EQ(service.stop_grace_period, 60s);
  EXPECT_EQ(service.stop_signal, "SIGINT");
  EXPECT_EQ(service.init, true);
  EXPECT_EQ(service.user, "1000");
  EXPECT_THAT(service.extra_hosts, ElementsAre("a:1.2.3.4", "b:::1"));
  EXPECT_THAT(service.dns, ElementsAre("1.1.1.1"));
  EXPECT_THAT(service.sysctls, UnorderedElementsAre(Pair("net.core.somaxconn", "1024")));
  EXPECT_EQ(service.ulimits.at("nofile"), (Ulimit{1, 2}));
  EXPECT_EQ(service.ulimits.at("nproc"), (Ulimit{5, 5}));
  EXPECT_TRUE(service.read_only && service.tty && service.stdin_open);
  EXPECT_EQ(service.oom_score_adj, -5);
  EXPECT_EQ(service.logging->options.at("max-file"), "3");
  EXPECT_THAT(service.networks[0].aliases, ElementsAre("app", "www"));
}

TEST_F(Compose, RecordsWhatASwarmCannotDo) {
  const Stack made = stack(
      "name: other\nservices:\n  app:\n    image: x\n    privileged: true\n    shm_size: 1g\n"
      "    container_name: c\n    depends_on: {db: {condition: service_healthy}}\n"
      "    pull_policy: always\n    network_mode: host\n    volumes: ['a:/a:z']\n"
      "  db: {image: y, depends_on: [app]}\n"
      "  debug: {image: z, profiles: [debug]}\n"
      "volumes: {a: }\n");
  EXPECT_THAT(deviating(made),
              ElementsAre(":name", "app:privileged", "app:shm_size", "app:container_name",
                          "app:depends_on", "app:pull_policy", "app:network_mode", "app:volumes",
                          "db:depends_on", "debug:profiles"));
  EXPECT_EQ(made.services.size(), 2U);
}

TEST_F(Compose, DeploysAServiceOfAnActiveProfile) {
  const std::string text = "services: {app: {image: x}, debug: {image: y, profiles: [a, debug]}}\n";
  EXPECT_EQ(stack(text).services.size(), 1U);
  EXPECT_EQ(stack(text, {{"COMPOSE_PROFILES", "x, debug"}}).services.size(), 2U);
  EXPECT_EQ(stack(text, {{"COMPOSE_PROFILES", "*"}}).services.size(), 2U);
}

TEST_F(Compose, RefusesWhatDockerRefuses) {
  EXPECT_THAT(refusal_with("    imagee: x\n"),
              HasSubstr("recipe.unknown-key key=services.app.imagee likely=image @compose.yml:4"));
  EXPECT_THAT(refusal_with("    extends: {service: x}\n"), HasSubstr("recipe.forbidden"));
  EXPECT_THAT(refusal_with("    deploy: {replica: 1}\n"), HasSubstr("likely=replicas"));
  EXPECT_THAT(refusal_with("    networks: [away]\n"),
              HasSubstr("recipe.undefined service=app kind=network name=away"));
  EXPECT_THAT(refusal_with("    user: x\n    secrets:\n      - source: away\n"),
              HasSubstr("kind=secret name=away @compose.yml:6"));
  EXPECT_THAT(refusal_with("    configs: [away]\n"), HasSubstr("kind=config"));
  EXPECT_THAT(refusal("services: {app: {build: .}}\n"), HasSubstr("recipe.no-image service=app"));
  EXPECT_THAT(refusal("services: {app: {image: ''}}\n"), HasSubstr("recipe.no-image"));
  EXPECT_THAT(refusal("service: {app: {image: x}}\n"), HasSubstr("likely=services"));
  EXPECT_THAT(refusal("services: {'a b': {image: x}}\n"), HasSubstr("recipe.name"));
  EXPECT_THAT(refusal("services: {" + std::string(200, 'a') + ": {image: x}}\n"),
              HasSubstr("recipe.long-name"));
  EXPECT_THAT(refusal("services: [app]\n"), HasSubstr("recipe.type key=services"));
  EXPECT_THAT(refusal("services: {}\n"), HasSubstr("recipe.no-service"));
  EXPECT_THAT(refusal("[a]\n"), HasSubstr("recipe.no-map"));
  EXPECT_THAT(refusal(""), HasSubstr("recipe.no-map"));
  EXPECT_THAT(refusal("services: {app: {image: x}}\ninclude: [a.yml]\n"),
              HasSubstr("recipe.forbidden"));
}

TEST_F(Compose, NamesTheMissingFile) {
  const auto result = composed({"compose.yml"});
  ASSERT_FALSE(result);
  EXPECT_EQ(described(result.error()), "recipe.no-compose path=compose.yml");
  EXPECT_FALSE(composed({}));
}

TEST_F(Compose, ReadsSecretsAndConfigs) {
  file("conf/app.toml.tmpl", "a = {{ env \"X\" }}\n");
  const Stack made = stack(
      "services:\n  app:\n    image: x\n    secrets: [one, {source: two, target: /run/two,"
      " uid: '5', gid: 6, mode: 0440}]\n    configs: [{source: toml, target: /etc/app.toml}]\n"
      "secrets:\n  one: {external: true, name: '${STACK_NAME}_one_v1'}\n"
      "  two: {external: {name: old}}\n  unused: {external: true}\n"
      "configs:\n  toml: {file: conf/app.toml.tmpl, name: '${STACK_NAME}_toml_v2',"
      " template_driver: golang}\n");
  EXPECT_EQ(made.secrets.size(), 2U);
  EXPECT_EQ(made.secrets.at("one").name, "demo_one_v1");
  EXPECT_EQ(made.secrets.at("two").name, "old");
  const Service& app = made.services[0];
  EXPECT_EQ(app.secrets[0].target, "one");
  EXPECT_EQ(app.secrets[1].mode, 0440U);
  EXPECT_EQ(app.secrets[1].gid, "6");
  EXPECT_EQ(made.configs.at("toml").content, "a = {{ env \"X\" }}\n");
  EXPECT_EQ(made.configs.at("toml").template_driver, "golang");
}

TEST_F(Compose, ReadsEnvFilesBeforeTheEnvironment) {
  file("a.env", "# comment\nA=\"quoted\" # kept\nB=1\nGIVEN\nABSENT\n");
  file("b.env", "B=2\nC=3\n");
  const Service service = app_with(
      "    env_file: [a.env, {path: ./b.env}, {path: no.env, required: false}]\n"
      "    environment: {C: 4}\n",
      {{"GIVEN", "g"}});
  EXPECT_THAT(service.environment,
              UnorderedElementsAre(Pair("A", "\"quoted\" # kept"), Pair("B", "2"), Pair("C", "4"),
                                   Pair("GIVEN", "g")));
  EXPECT_THAT(refusal_with("    env_file: no.env\n"), HasSubstr("recipe.no-env-file path=no.env"));
  file("bad.env", "A =1\n");
  EXPECT_THAT(refusal_with("    env_file: bad.env\n"), HasSubstr("recipe.env-line"));
}

TEST_F(Compose, ReadsOnlyFilesOfTheRecipe) {
  file("inside.env", "A=1\n");
  std::filesystem::create_symlink("inside.env", scratch_ / "link.env");
  std::filesystem::create_symlink("/etc/passwd", scratch_ / "out.env");
  std::filesystem::create_symlink("/etc", scratch_ / "etc");
  ASSERT_EQ(mkfifo((scratch_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(app_with("    env_file: link.env\n").environment.at("A"), "1");
  for (const std::string path :
       {"../../etc/passwd", "/etc/passwd", "a/../../x", "out.env", "etc/passwd", "fifo", "."}) {
    const std::string env = refusal_with("    env_file: '" + path + "'\n");
    EXPECT_THAT(env, testing::AnyOf(HasSubstr("recipe.outside"), HasSubstr("recipe.not-a-file")))
        << path;
    EXPECT_THAT(env, HasSubstr("@compose.yml:4"));
    const std::string config =
        refusal("services: {app: {image: x}}\nconfigs: {c: {file: '" + path + "'}}\n");
    EXPECT_THAT(config, testing::Not(HasSubstr("accepted"))) << path;
  }
  EXPECT_THAT(composed({"../compose.yml"}).error().code, "recipe.outside");
  EXPECT_FALSE(composed({"fifo"}));
}

TEST_F(Compose, IsBounded) {
  std::string many = "services:\n";
  for (int i = 0; i < 10'000; ++i) many += "  s" + std::to_string(i) + ": {image: x}\n";
  EXPECT_THAT(refusal(many), HasSubstr("recipe.too-large what=services"));
  many = "services:\n";
  for (int i = 0; i < 1000; ++i) many += "  s" + std::to_string(i) + ": {image: x}\n";
  EXPECT_EQ(stack(many).services.size(), 1000U);
  file("compose.yml", "services: {app: {image: x}}\n");
  EXPECT_FALSE(composed(std::vector<std::string>(100, "compose.yml")));
}

TEST_F(Compose, GivesServicesTheVariablesThatTheyDoNotSet) {
  file("compose.yml", "services: {app: {image: x, environment: [A=1]}}\n");
  auto folder = Folder::open(scratch_.path());
  ComposeRequest request;
  request.stack = "demo";
  request.files = {"compose.yml"};
  request.given_to_services = {{"A", "2"}, {"B", "3"}};
  EXPECT_THAT(compose(*folder, request)->stack.services[0].environment,
              UnorderedElementsAre(Pair("A", "1"), Pair("B", "3")));
}

TEST_F(Compose, KnowsWhereAValueIs) {
  file("compose.yml", "services:\n  app:\n    image: a\n    user: x\n");
  file("over.yml", "services:\n  app:\n    # new\n    image: b\n");
  const auto result = composed({"compose.yml", "over.yml"});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->where({"services", "app", "image"}).file, "over.yml");
  EXPECT_EQ(result->where({"services", "app", "image"}).line, 4);
  EXPECT_EQ(result->where({"services", "app", "user"}).file, "compose.yml");
  EXPECT_EQ(result->where({"services", "app", "healthcheck"}).line, 2);
}

}  // namespace
}  // namespace ccci::recipe
