// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/app.hpp"

#include <gmock/gmock.h>

#include "tests/unit/recipe/parts.hpp"

namespace ccci::recipe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

class AppTest : public RecipeTest {
 protected:
  void SetUp() override {
    file("compose.yml",
         "services:\n  app:\n    image: x:1\n    secrets: [db_password, admin]\n"
         "    environment: [DOMAIN=mine]\n    configs: [toml]\n    deploy:\n      labels:\n"
         "        - coop-cloud.${STACK_NAME}.version=1.2.0+v3\n"
         "        - coop-cloud.${STACK_NAME}.timeout=${TIMEOUT:-120}\n"
         "  db: {image: y:1, secrets: [db_password]}\n"
         "secrets:\n"
         "  db_password: {external: true, name: "
         "'${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}'}\n"
         "  admin: {external: true, name: '${STACK_NAME}_admin_${SECRET_ADMIN_VERSION:-v1}'}\n"
         "configs:\n  toml: {file: app.toml, name: '${STACK_NAME}_toml_${TOML_VERSION}',"
         " template_driver: golang}\n");
    file("compose.mail.yml",
         "services: {app: {secrets: [smtp]}}\n"
         "secrets: {smtp: {external: true, name: '${STACK_NAME}_smtp_${SECRET_SMTP_VERSION}'}}\n");
    file("app.toml", "x");
    file("abra.sh", "export TOML_VERSION=v7\nexport NOW=$(date)\n");
    file(".env.sample",
         "TYPE=demo\nDOMAIN=demo.example.com\nURL=https://$DOMAIN\nCOMPOSE_FILE=\"compose.yml\"\n"
         "#COMPOSE_FILE=\"$COMPOSE_FILE:compose.mail.yml\"\n"
         "SECRET_DB_PASSWORD_VERSION=v1 # length=32 charset=hex\n"
         "#SECRET_SMTP_VERSION=v1 # generate=false\n");
  }

  base::Result<App> app(AppRequest request = {}) {
    if (request.domain.empty()) request.domain = "demo-1a2b3c.ci.test";
    auto folder = Folder::open(scratch_.path());
    auto recipe = read_recipe(*folder);
    if (!recipe) return base::unexpected(recipe.error());
    recipe->name = "demo";
    return make_app(*folder, *recipe, request);
  }
};

TEST_F(AppTest, TakesValuesFromSampleExportsAndRequest) {
  const auto made = app();
  ASSERT_TRUE(made) << described(made.error());
  EXPECT_EQ(made->composed.stack.name, "demo-1a2b3c_ci_test");
  EXPECT_EQ(made->env.at("URL"), "https://demo-1a2b3c.ci.test");
  EXPECT_EQ(made->composed.stack.configs.at("toml").name, "demo-1a2b3c_ci_test_toml_v7");
  EXPECT_THAT(made->files, ElementsAre("compose.yml"));
  EXPECT_THAT(made->unread_exports, ElementsAre("NOW"));
  EXPECT_EQ(made->version, "1.2.0+v3");
  EXPECT_EQ(made->timeout, 120s);
  // abra gives services the whole env file, but not over what they set.
  EXPECT_EQ(made->composed.stack.find("app")->environment.at("DOMAIN"), "mine");
  EXPECT_EQ(made->composed.stack.find("db")->environment.at("DOMAIN"), "demo-1a2b3c.ci.test");
}

TEST_F(AppTest, KnowsTheSecretsOfEnabledServices) {
  const auto made = app();
  ASSERT_TRUE(made);
  ASSERT_EQ(made->secrets.size(), 2U);
  const SecretSpec& admin = made->secrets[0];
  EXPECT_EQ(admin.name, "demo-1a2b3c_ci_test_admin_v1");
  EXPECT_EQ(admin.env_key, "SECRET_ADMIN_VERSION");
  EXPECT_FALSE(admin.length.has_value());  // a passphrase
  const SecretSpec& password = made->secrets[1];
  EXPECT_EQ(password.env_key, "SECRET_DB_PASSWORD_VERSION");
  EXPECT_EQ(password.length, 32U);
  EXPECT_EQ(password.charset, Charset::hex);
  EXPECT_THAT(password.services, ElementsAre("app", "db"));
  EXPECT_EQ(alphabet(Charset::hex), "0123456789abcdef");
}

TEST_F(AppTest, AnOverlayBringsItsSecrets) {
  AppRequest request;
  request.env = {{"COMPOSE_FILE", "compose.yml:compose.mail.yml"}, {"SECRET_SMTP_VERSION", "v1"}};
  const auto made = app(request);
  ASSERT_TRUE(made) << described(made.error());
  ASSERT_EQ(made->secrets.size(), 3U);
  EXPECT_EQ(made->secrets[2].key, "smtp");
  EXPECT_TRUE(made->secrets[2].generate);  // a line that is commented out directs nothing
  file(".env.sample", "SECRET_SMTP_VERSION=v1 # generate=false length=many colour=red\n");
  const auto directed = app(request);
  ASSERT_TRUE(directed) << described(directed.error());
  EXPECT_FALSE(directed->secrets[2].generate);
  EXPECT_THAT(directed->secrets[2].ignored, ElementsAre("colour=red", "length=many"));
}

TEST_F(AppTest, SetsTheLabelsOfAbra) {
  const std::string prefix = "coop-cloud.demo-1a2b3c_ci_test.";
  AppRequest request;
  request.chaos = true;
  request.commit = "abc";
  request.dirty = true;
  Labels labels = app(request)->composed.stack.find("app")->deploy.labels;
  EXPECT_EQ(labels.at(prefix + "recipe"), "demo");
  EXPECT_EQ(labels.at(prefix + "chaos"), "true");
  EXPECT_EQ(labels.at(prefix + "chaos-version"), "abc+U");
  EXPECT_EQ(labels.at(prefix + "version"), "1.2.0+v3");
  request = {};
  request.version = "1.1.0+v3";
  labels = app(request)->composed.stack.find("app")->deploy.labels;
  EXPECT_EQ(labels.at(prefix + "chaos"), "false");
  EXPECT_FALSE(labels.contains(prefix + "chaos-version"));
  EXPECT_EQ(labels.at(prefix + "version"), "1.1.0+v3");
  EXPECT_FALSE(app()->composed.stack.find("db")->deploy.labels.contains(prefix + "recipe"));
}

TEST_F(AppTest, ATimeoutIsSecondsOrADuration) {
  AppRequest request;
  request.env = {{"TIMEOUT", "5m"}};
  EXPECT_EQ(app(request)->timeout, 300s);
  request.env = {{"TIMEOUT", "soon"}};
  EXPECT_FALSE(app(request)->timeout.has_value());
}

TEST_F(AppTest, TheStackNameOfTheEnvWins) {
  AppRequest request;
  request.env = {{"STACK_NAME", "other"}};
  EXPECT_EQ(app(request)->composed.stack.name, "other");
}

TEST_F(AppTest, WorksWithoutSampleAndAbraSh) {
  std::filesystem::remove(scratch_ / ".env.sample");
  std::filesystem::remove(scratch_ / "abra.sh");
  const auto made = app();
  ASSERT_TRUE(made) << described(made.error());
  EXPECT_EQ(made->secrets.size(), 2U);
  EXPECT_EQ(made->env.at("TYPE"), "demo");
}

TEST_F(AppTest, RefusesARecipeWithoutComposeFile) {
  std::filesystem::remove(scratch_ / "compose.yml");
  const auto made = app();
  ASSERT_FALSE(made);
  EXPECT_EQ(described(made.error()), "recipe.no-compose path=compose.yml");
}

TEST_F(AppTest, FindsOverlaysInSubdirectories) {
  file("overlays/compose.more.yml", "services: {}\n");
  file("tests/compose.test.yml", "services: {}\n");
  EXPECT_THAT(read_recipe(*Folder::open(scratch_.path()))->compose_files,
              ElementsAre("compose.yml", "compose.mail.yml", "overlays/compose.more.yml"));
}

TEST_F(AppTest, RefusesANameThatTheEngineWouldRefuse) {
  AppRequest request;
  request.env = {{"STACK_NAME", std::string(60, 's')}};
  const auto made = app(request);
  ASSERT_FALSE(made);
  EXPECT_THAT(described(made.error()), HasSubstr("recipe.long-name"));
}

TEST(StackName, IsTheDomainCutShort) {
  EXPECT_EQ(stack_name("git.example.com"), "git_example_com");
  EXPECT_EQ(stack_name(std::string(60, 'a')).size(), 45U);
}

TEST(ComposeFiles, AreSplitAndNeverEmpty) {
  EXPECT_THAT(compose_files("compose.yml: compose.a.yml::compose.yml"),
              ElementsAre("compose.yml", "compose.a.yml"));
  EXPECT_THAT(compose_files(""), ElementsAre("compose.yml"));
}

}  // namespace
}  // namespace ccci::recipe
