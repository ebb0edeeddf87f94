// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/lint.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class LintTest : public RecipeTest {
 protected:
  // A recipe that breaks no rule.
  void SetUp() override {
    file("compose.yml", compose_);
    file("abra.sh", "export TOML_VERSION=v1\n");
    file("app.toml", "x");
    file(".env.sample", "TYPE=demo\nDOMAIN=demo.example.com\nSECRET_DB_VERSION=v1 # length=32\n");
    file("README.md",
         "# demo\n<!-- metadata -->\n* **Category**: Apps\n* **Image**: x\n* **Healthcheck**: Yes\n"
         "* **Backups**: Yes\n* **Email**: No\n* **SSO**: No\n<!-- endmetadata -->\n");
  }

  // The recipe with one text of compose.yml replaced.
  void replace(const std::string& from, const std::string& to) {
    const std::size_t at = compose_.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    compose_.replace(at, from.size(), to);
    file("compose.yml", compose_);
  }

  std::vector<LintResult> results(std::optional<std::vector<git::Tag>> tags = std::nullopt) {
    auto folder = Folder::open(scratch_.path());
    auto input = lint_input(*folder, std::move(tags));
    if (input) return lint(*input);
    ADD_FAILURE() << described(input.error());
    return {};
  }

  // "R002 warn compose.yml:5 text" of each finding, without what passes or is unverified.
  std::vector<std::string> broken(std::optional<std::vector<git::Tag>> tags = std::nullopt) {
    std::vector<std::string> out;
    for (const LintResult& result : results(std::move(tags)))
      for (const LintFinding& finding : result.findings)
        out.push_back(std::string(result.rule->id) + " " + std::string(name(result.verdict)) + " " +
                      finding.file + ":" + std::to_string(finding.line) + " " + finding.what);
    return out;
  }

  std::string compose_ =
      "version: '3.8'\n"
      "services:\n"
      "  app:\n"
      "    image: example/app:1.2.3\n"
      "    healthcheck: {test: curl localhost}\n"
      "    environment: [DB_PASSWORD_FILE=/run/secrets/db]\n"
      "    secrets: [db]\n"
      "    configs: [toml]\n"
      "    volumes: ['data:/data']\n"
      "    deploy: {labels: [traefik.enable=true, "
      "'traefik.http.routers.a.rule=Host(`${DOMAIN}`)']}\n"
      "volumes: {data: }\n"
      "secrets: {db: {external: true, name: '${STACK_NAME}_db_${SECRET_DB_VERSION}'}}\n"
      "configs: {toml: {file: app.toml, name: '${STACK_NAME}_toml_${TOML_VERSION}'}}\n";
};

TEST_F(LintTest, AGoodRecipePasses) {
  EXPECT_THAT(broken(), IsEmpty());
  EXPECT_EQ(verdict(results()), LintVerdict::pass);
  std::vector<std::string> unverified;
  for (const LintResult& result : results())
    if (result.verdict == LintVerdict::unverified) unverified.emplace_back(result.rule->id);
  EXPECT_THAT(unverified, ElementsAre("R006", "R013", "R014"));
}

TEST_F(LintTest, EveryRuleHasItsTexts) {
  std::set<std::string_view> ids;
  for (const LintRule& rule : lint_rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.title.empty() || rule.remedy.empty()) << rule.id;
  }
  for (int i = 1; i <= 15; ++i)
    EXPECT_TRUE(ids.contains((i < 10 ? "R00" : "R0") + std::to_string(i))) << i;
}

TEST_F(LintTest, R001Version) {
  replace("version: '3.8'\n", "");
  EXPECT_THAT(broken(), ElementsAre("R001 warn compose.yml:1 no version"));
  EXPECT_EQ(verdict(results()), LintVerdict::warn);
}

TEST_F(LintTest, R002HealthChecks) {
  replace("    healthcheck: {test: curl localhost}\n", "");
  EXPECT_THAT(broken(), ElementsAre("R002 warn compose.yml:3 service 'app' has none"));
  replace("    image", "    healthcheck: {disable: true}\n    image");
  EXPECT_THAT(broken(),
              ElementsAre("R002 warn compose.yml:4 service 'app' turns its health check off"));
}

TEST_F(LintTest, R002AsksNoOneShotForAHealthCheck) {
  const std::string job = "  migrate:\n    image: example/app:1.2.3\n    deploy: ";
  for (const char* deploy :
       {"{mode: replicated-job}", "{mode: global-job}", "{restart_policy: {condition: none}}"}) {
    const std::string before = compose_;
    replace("volumes: {data: }\n", job + deploy + "\nvolumes: {data: }\n");
    EXPECT_THAT(broken(), IsEmpty()) << deploy;
    compose_ = before;
  }
  replace("volumes: {data: }\n",
          job + "{restart_policy: {condition: on-failure}}\nvolumes: {data: }\n");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("service 'migrate' has none")));
}

TEST_F(LintTest, R003ToR005Tags) {
  replace("example/app:1.2.3", "localhost:5000/app");
  EXPECT_THAT(broken(),
              ElementsAre(HasSubstr("R003 warn compose.yml:4 image 'localhost:5000/app'")));
  replace("localhost:5000/app", "app:latest");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("R004 warn compose.yml:4 image 'app:latest'")));
  replace("app:latest", "app:latest-social");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("R004 warn compose.yml:4")));
  replace("app:latest-social", "app:alpine");
  EXPECT_THAT(broken(), ElementsAre("R005 warn compose.yml:4 tag 'alpine' is no version"));
  replace("app:alpine", "app@sha256:" + std::string(64, 'a'));
  EXPECT_THAT(broken(), IsEmpty());
  replace("app@sha256:" + std::string(64, 'a'), "app:v15-alpine");
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(LintTest, R007Readme) {
  file("README.md", "<!-- metadata -->\n* **Category**:\n* **Image**: x\n<!-- endmetadata -->\n");
  EXPECT_THAT(broken(), ElementsAre("R007 warn README.md:2 Category is empty",
                                    "R007 warn README.md:0 Healthcheck is missing",
                                    "R007 warn README.md:0 Backups is missing",
                                    "R007 warn README.md:0 Email is missing",
                                    "R007 warn README.md:0 SSO is missing"));
  file("README.md", "# demo\n");
  EXPECT_THAT(broken(), ElementsAre("R007 warn README.md:0 no metadata comment"));
}

TEST_F(LintTest, R008Sample) {
  replace("${DOMAIN}", "demo.example.com");
  std::filesystem::remove(scratch_ / ".env.sample");
  EXPECT_THAT(broken(), testing::Contains("R008 fail .env.sample:0 there is no .env.sample"));
  EXPECT_EQ(verdict(results()), LintVerdict::fail);
}

TEST_F(LintTest, R009App) {
  replace("  app:\n", "  web:\n");
  EXPECT_THAT(broken(), ElementsAre("R009 fail compose.yml:2 no service is called 'app'"));
}

TEST_F(LintTest, R010Traefik) {
  replace("traefik.enable=true, ", "");
  EXPECT_THAT(broken(),
              ElementsAre("R010 fail compose.yml:2 no service has the label traefik.enable=true"));
  replace("    image", "    labels: [traefik.enable=true]\n    image");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("R010 fail compose.yml:4 in a swarm Traefik reads")));
  file(".env.sample", "SECRET_DB_VERSION=v1 # length=32\n");
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(LintTest, R011Images) {
  replace("    image: example/app:1.2.3\n", "");
  EXPECT_THAT(broken(), ElementsAre("R011 fail compose.yml:3 service 'app' has no image"));
}

TEST_F(LintTest, R012Configs) {
  file("abra.sh", "export OTHER=v1\n");
  EXPECT_THAT(broken(),
              UnorderedElementsAre("R012 fail compose.yml:13 abra.sh does not export TOML_VERSION",
                                   "C006 warn compose.yml:13 TOML_VERSION has no value"));
  // The value that the name itself has is a version too.
  replace("${TOML_VERSION}", "${TOML_VERSION:-v1}");
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(LintTest, C011ConfigsThatCannotChange) {
  replace("_${TOML_VERSION}", "");
  EXPECT_THAT(broken(),
              ElementsAre(HasSubstr("C011 warn compose.yml:13 the name of config 'toml'")));
}

TEST_F(LintTest, R014Tags) {
  EXPECT_THAT(broken(std::vector<git::Tag>{{"1.0.0+a", true, "x"}, {"latest", false, "x"}}),
              IsEmpty());
  EXPECT_THAT(broken(std::vector<git::Tag>{{"1.0.0+a", false, "x"}}),
              ElementsAre("R014 fail refs/tags/1.0.0+a:0 the tag is lightweight"));
}

TEST_F(LintTest, R015SecretNames) {
  replace("secrets: [db]", "secrets: [a_long_name_x]");
  replace("secrets: {db:", "secrets: {a_long_name_x:");
  EXPECT_THAT(broken(), ElementsAre("R015 warn compose.yml:12 'a_long_name_x' has 13 characters"));
}

TEST_F(LintTest, C001ClearPasswords) {
  replace("DB_PASSWORD_FILE=/run/secrets/db", "DB_PASSWORD=hunter2");
  EXPECT_THAT(broken(),
              ElementsAre("C001 fail compose.yml:6 the value of DB_PASSWORD is written here"));
  const auto finds = [&](const std::string& before, const std::string& after) {
    replace(before, after);
    return broken().size();
  };
  EXPECT_EQ(finds("DB_PASSWORD=hunter2", "'DB_PASSWORD=${DB_PASSWORD:-hunter2}'"), 1U);
  EXPECT_EQ(finds("'DB_PASSWORD=${DB_PASSWORD:-hunter2}'", "'DB_PASSWORD=${DB_PASSWORD:-}'"), 0U);
  EXPECT_EQ(finds("'DB_PASSWORD=${DB_PASSWORD:-}'", "API_TOKEN_TTL=5"), 0U);
  EXPECT_EQ(finds("API_TOKEN_TTL=5", "REQUIRE_PASSWORD=true"), 0U);
  EXPECT_EQ(finds("REQUIRE_PASSWORD=true", "'DSN=postgres://u:p@db/x'"), 1U);
  EXPECT_EQ(finds("'DSN=postgres://u:p@db/x'", "'DSN=http://db:80/@x'"), 0U);
  // The name of a secret of the service, but no password that is the same word.
  EXPECT_EQ(finds("'DSN=http://db:80/@x'", "DB_SECRET=db"), 0U);
  EXPECT_EQ(finds("DB_SECRET=db", "DB_SECRET=hunter2"), 1U);
  EXPECT_EQ(finds("DB_SECRET=hunter2", "DB_PASSWORD=db"), 1U);
  EXPECT_EQ(finds("DB_PASSWORD=db", "'DSN=http://db:80/@x'"), 0U);
  EXPECT_EQ(finds("'DSN=http://db:80/@x'", "A=b]\n    command: [redis-server, --requirepass, x"),
            1U);
}

// "NAME=value" of names that are about a secret, and of names that are one.
TEST_F(LintTest, C001ToldByTheLastWord) {
  std::string before = "DB_PASSWORD_FILE=/run/secrets/db";
  const auto found = [&](const std::string& after) {
    replace(before, "'" + after + "'");
    before = "'" + after + "'";
    return broken().size();
  };
  for (const char* about :
       {"MYSQL_ALLOW_EMPTY_PASSWORD=1", "MYSQL_RANDOM_ROOT_PASSWORD=yes", "PASSWORD_MIN_LENGTH=8",
        "OAUTH_TOKEN_ENDPOINT=https://sso.example/token", "SECRET_PROVIDER=file",
        "REGISTRY_AUTH_HTPASSWD_REALM=realm", "PASSWORD_HASHER=argon2",
        "ACCESS_TOKEN_LIFETIME=3600", "LDAP_PASSWORD_ATTRIBUTE=userPassword", "PUBLIC_KEY=abc",
        "DISABLE_PASSWORD_LOGIN=on", "CHECK_TOKEN=off",
        "POSTGRESQL__PASSWORD=file:///run/secrets/db", "DB_PASSWORD={{ secret }}"})
    EXPECT_EQ(found(about), 0U) << about;
  for (const char* secret :
       {"dbpass=x", "igdbclientsecret=x", "SECRET_KEY_BASE=x", "MYSQL_PASSWORD_2=x",
        "MINIO_ACCESS_KEY=x", "mail.smtp.password=x", "APIKEY=x"})
    EXPECT_EQ(found(secret), 1U) << secret;
}

TEST_F(LintTest, C002ToC004Host) {
  replace("'data:/data'", "'data:/data', '/var/run/docker.sock:/var/run/docker.sock:ro'");
  EXPECT_THAT(broken(),
              ElementsAre("C002 fail compose.yml:9 service 'app' mounts /var/run/docker.sock"));
  replace("'/var/run/docker.sock:/var/run/docker.sock:ro'",
          "{type: bind, source: /etc, target: /x}");
  EXPECT_THAT(broken(),
              ElementsAre("C004 warn compose.yml:9 service 'app' mounts a path of the host at /x"));
  replace(", {type: bind, source: /etc, target: /x}", "");
  replace("    image", "    privileged: true\n    image");
  EXPECT_THAT(broken(), ElementsAre("C003 fail compose.yml:4 service 'app' is privileged",
                                    HasSubstr("C007 warn compose.yml:4 privileged")));
}

TEST_F(LintTest, C005Secrets) {
  file(".env.sample", "DOMAIN=x.example\n#SECRET_DB_VERSION=v1 # length=32\n");
  EXPECT_THAT(broken(), testing::Contains("C005 warn .env.sample:2 SECRET_DB_VERSION is commented "
                                          "out, but 'db' is used"));
  file(".env.sample", "DOMAIN=x.example\nSECRET_DB_VERSION=v1 # length=long\n");
  EXPECT_THAT(broken(), ElementsAre("C005 warn .env.sample:2 'length=long' directs nothing"));
}

TEST_F(LintTest, C006Variables) {
  replace("    image", "    hostname: ${NOWHERE}\n    image");
  EXPECT_THAT(broken(), ElementsAre("C006 warn compose.yml:4 NOWHERE has no value"));
}

TEST_F(LintTest, C007Deviations) {
  replace("    image", "    shm_size: 1g\n    depends_on: [app]\n    image");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("C007 warn compose.yml:4 shm_size: ")));
}

TEST_F(LintTest, R011AnImageFromAVariable) {
  replace("example/app:1.2.3", "'${IMAGE:?which}'");
  EXPECT_THAT(broken(), ElementsAre("C006 warn compose.yml:4 IMAGE has no value"));
}

TEST_F(LintTest, C006RequiredVariables) {
  replace("    image", "    hostname: '${NOWHERE:?say where}'\n    image");
  EXPECT_THAT(broken(), ElementsAre("C006 warn compose.yml:4 NOWHERE has no value"));
}

TEST_F(LintTest, C010AnOverlayMayNeedAnother) {
  file("compose.relay.yml",
       "version: '3.8'\nservices: {relay: {image: 'r:1', healthcheck: {test: x}}}\n"
       "networks: {relay: }\n");
  file("compose.smtp.yml", "version: '3.8'\nservices: {app: {networks: [relay]}}\n");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("C010 fail compose.smtp.yml:2")));
  const std::string sample =
      "TYPE=demo\nDOMAIN=demo.example.com\nSECRET_DB_VERSION=v1 # length=32\n";
  file(".env.sample",
       sample + "#COMPOSE_FILE=\"$COMPOSE_FILE:compose.relay.yml:compose.smtp.yml\"\n");
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(LintTest, C008Routers) {
  replace("Host(`${DOMAIN}`)", "HostRegexp(`.+`)");
  EXPECT_THAT(broken(),
              ElementsAre(HasSubstr("traefik.http.routers.a.rule: HostRegexp is not supported")));
}

TEST_F(LintTest, C008RoutersThatAreNotServed) {
  LintInput input = *lint_input(*Folder::open(scratch_.path()), std::nullopt);
  input.unserved = [](const Routing& routing) {
    return std::vector<NotRouted>{{routing.routes.at(0).service, "a.rule", "not so", false}};
  };
  std::vector<LintFinding> findings;
  for (const LintResult& result : lint(input))
    if (result.rule->id == "C008") findings = result.findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].what, "a.rule: not so");
}

TEST_F(LintTest, C009BackupLabels) {
  replace("traefik.enable=true, ",
          "traefik.enable=true, backupbot.backup=true, backupbot.backup.path=/data, ");
  EXPECT_THAT(
      broken(),
      ElementsAre("C009 warn compose.yml:10 backupbot does not read backupbot.backup.path"));
}

TEST_F(LintTest, LooksIntoOverlaysToo) {
  file("compose.mail.yml",
       "version: '3.8'\nservices:\n  mail:\n    image: mail\n"
       "    environment: {HOST: '${MAIL_HOST:?set it}'}\n");
  file(".env.sample",
       "DOMAIN=x.example\nSECRET_DB_VERSION=v1\n#COMPOSE_FILE=\"$COMPOSE_FILE:compose.mail.yml\"\n"
       "#MAIL_HOST=mail.example\n");
  EXPECT_THAT(broken(), ElementsAre("R002 warn compose.mail.yml:3 service 'mail' has none",
                                    HasSubstr("R003 warn compose.mail.yml:4")));
}

TEST_F(LintTest, C010Overlays) {
  file("compose.bad.yml", "version: '3.8'\nservices:\n  app:\n    secrets:\n      - away\n");
  EXPECT_THAT(broken(), ElementsAre("C010 fail compose.bad.yml:5 recipe.undefined, service 'app', "
                                    "kind 'secret', name 'away'"));
}

TEST_F(LintTest, AFindingOfTheMainFileIsToldOnce) {
  replace("    healthcheck: {test: curl localhost}\n", "");
  file("compose.more.yml", "version: '3.8'\nservices: {app: {user: x}}\n");
  EXPECT_THAT(broken(), ElementsAre("R002 warn compose.yml:3 service 'app' has none"));
}

TEST_F(LintTest, AVariableThatTheSampleOffersNeedsNoValue) {
  replace("Host(`${DOMAIN}`)", "Host(`${DOMAIN}`${EXTRA})");
  EXPECT_THAT(broken(), ElementsAre(HasSubstr("C006 warn compose.yml:10 EXTRA has no value")));
  file(".env.sample",
       "DOMAIN=demo.example.com\n#EXTRA=', `www.x`'\nSECRET_DB_VERSION=v1 # length=32\n");
  EXPECT_THAT(broken(), IsEmpty());
  file("compose.more.yml", "version: '3.8'\nservices: {app: {user: x}}\n");
  EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(LintTest, PrintsJson) {
  replace("    healthcheck: {test: curl localhost}\n", "");
  const base::Json json = to_json("demo", results());
  EXPECT_EQ(json["schema"].number(), 1U);
  EXPECT_EQ(json["verdict"].text_or_empty(), "warn");
  const base::Json& rule = json["rules"][1];
  EXPECT_EQ(rule["id"].text_or_empty(), "R002");
  EXPECT_EQ(rule["findings"][0]["line"].number(), 3U);
  EXPECT_THAT(rule["remedy"].text_or_empty(), HasSubstr("healthcheck"));
  EXPECT_EQ(json["rules"][5]["verdict"].text_or_empty(), "unverified");
}

// The recipes that the repository ships break no rule, and each is deployable as its sample says.
TEST(Examples, PassAndResolve) {
  const std::filesystem::path examples =
      std::filesystem::path(CCCI_SOURCE_DIR) / "examples/recipes";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(examples)) {
    if (!entry.is_directory()) continue;
    ++count;
    auto folder = Folder::open(entry.path());
    ASSERT_TRUE(folder);
    auto input = lint_input(*folder, std::nullopt);
    ASSERT_TRUE(input) << entry.path() << described(input.error());
    for (const LintResult& result : lint(*input))
      for (const LintFinding& finding : result.findings)
        ADD_FAILURE() << entry.path() << " " << result.rule->id << " " << finding.file << ":"
                      << finding.line << " " << finding.what;
    AppRequest request;
    request.domain = "example.ci.test";
    const auto app = make_app(*folder, input->recipe, request);
    ASSERT_TRUE(app) << entry.path() << described(app.error());
    EXPECT_NE(app->version, "") << entry.path();
    EXPECT_THAT(app->composed.stack.deviations.size(), testing::Le(1U));
  }
  EXPECT_GE(count, 4);
}

}  // namespace
}  // namespace ccci::recipe
