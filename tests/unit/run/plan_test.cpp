// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/plan.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "run/dependencies.hpp"
#include "run/not_begun.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::run {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* compose = R"YAML(version: "3.8"
services:
  app:
    image: demo/app:1
    networks: [proxy]
    volumes: ["data:/data"]
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.routers.x.rule=Host(`${DOMAIN}`)"
        - "traefik.http.services.x.loadbalancer.server.port=80"
        - "coop-cloud.${STACK_NAME}.version=1.0.0+1"
volumes:
  data:
networks:
  proxy:
    external: true
)YAML";

class PlanTest : public testing::Test {
 protected:
  PlanTest() {
    fs::create_directories(recipe);
    fs::create_directories(scratch / "work");
    write("compose.yml", compose);
    write(".env.sample", "TYPE=demo\nDOMAIN=demo.example.com\n");
  }

  void write(const std::string& name, std::string_view text) {
    fs::create_directories((recipe / name).parent_path());
    test::write_text(recipe / name, text);
  }
  void git(std::vector<std::string> words) {
    std::vector<std::string> all{"-c", "user.name=a", "-c", "user.email=a@example.org"};
    all.insert(all.end(), words.begin(), words.end());
    const auto done = git::output(base::real_processes(), git::command(recipe, all));
    ASSERT_TRUE(done) << done.error().field("cause");
  }
  void commit(const std::string& tag = {}) {
    if (!fs::exists(recipe / ".git")) git({"init", "--quiet"});
    git({"add", "--all"});
    git({"commit", "--quiet", "--allow-empty", "-m", "x"});
    if (!tag.empty()) git({"tag", "-a", tag, "-m", tag});
  }
  void enrol(const std::string& name, const std::string& source) {
    declare::EnrolledRecipe& enrolled = declaration.recipes[name];
    enrolled.name.text = name;
    enrolled.source = source;
  }
  // A new work directory each time.
  base::Result<Checkout> checkout(const std::string& ref = {}) {
    const fs::path work = scratch / ("work/" + std::to_string(++works));
    fs::create_directories(work);
    const auto source = find_source(recipe.native(), declaration, scratch.path());
    if (!source) return base::unexpected(source.error());
    return Checkout::make(*source, ref, work, base::real_processes());
  }
  Plan plan(const std::string& ref = {}, const std::set<std::string>& only = {}) {
    const auto source = find_source(recipe.native(), declaration, scratch.path());
    const auto files = checkout(ref);
    EXPECT_TRUE(files) << files.error().code;
    const auto made = make_plan(*source, *files, only);
    EXPECT_TRUE(made) << made.error().code;
    return *made;
  }

  test::Scratch scratch;
  fs::path recipe = scratch / "demo";
  declare::Declaration declaration;
  int works = 0;
};

TEST_F(PlanTest, of_a_directory_without_history) {
  const Plan made = plan();
  EXPECT_EQ(made.recipe, "demo");
  EXPECT_EQ(made.domain, "demo.cc-ci.test");
  EXPECT_EQ(made.head.version, "1.0.0+1");
  EXPECT_FALSE(made.head.chaos);
  EXPECT_EQ(made.images, std::set<std::string>{"demo/app:1"});
  EXPECT_TRUE(made.runs("install"));
  EXPECT_EQ(made.tier("upgrade").decided, Verdict::skip);
  EXPECT_EQ(made.tier("backup").decided, Verdict::skip);
  EXPECT_EQ(made.tier("custom").decided, Verdict::skip);
}

TEST_F(PlanTest, a_repository_whose_head_is_no_branch_is_named) {
  commit("1.0.0+1");
  git({"branch", "-m", "trunk"});
  git({"clone", "--quiet", "--bare", recipe.native(), (scratch / "bare.git").native()});
  recipe = scratch / "bare.git";
  EXPECT_TRUE(checkout());
  git({"symbolic-ref", "HEAD", "refs/heads/master"});
  const auto found = checkout();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "run.no-head");
  EXPECT_EQ(found.error().field("branch"), "trunk");
  EXPECT_TRUE(checkout("trunk"));
  EXPECT_TRUE(checkout("1.0.0+1"));
}

TEST_F(PlanTest, needs_no_image_of_a_service_that_is_off) {
  std::string more = compose;
  more.insert(more.find("volumes:\n  data:"),
              "  off: {image: demo/off:1, deploy: {replicas: 0}}\n"
              "  on: {image: demo/on:1, deploy: {mode: global}}\n");
  write("compose.yml", more);
  EXPECT_EQ(plan().images, (std::set<std::string>{"demo/app:1", "demo/on:1"}));
}

TEST_F(PlanTest, a_refusal_is_the_same_in_each_test) {
  std::string more = compose;
  more.replace(more.find("\"data:/data\""), 12, "\"./conf:/data\"");
  write("compose.yml", more);
  const std::string why = plan().tier("install").reason;
  EXPECT_THAT(why, HasSubstr("service 'app' mounts ./conf of the host"));
  EXPECT_EQ(plan().tier("install").reason, why);
}

TEST_F(PlanTest, names_routers_of_other_protocols_in_a_rung_of_their_own) {
  EXPECT_EQ(plan().tiers.size(), 8U);
  std::string more = compose;
  more.insert(more.find("        - \"coop-cloud"),
              "        - \"traefik.tcp.routers.ssh.rule=HostSNI(`*`)\"\n"
              "        - \"traefik.udp.routers.voice.entrypoints=voice\"\n");
  write("compose.yml", more);
  Plan made = plan();
  ASSERT_EQ(made.tiers.size(), 9U);
  EXPECT_TRUE(made.runs("install"));
  EXPECT_EQ(made.tier("routers").decided, Verdict::unverified);
  EXPECT_THAT(made.tier("routers").reason, HasSubstr("traefik.tcp.routers.ssh.rule: TCP"));
  EXPECT_THAT(made.tier("routers").reason, HasSubstr("traefik.udp.routers.voice.entrypoints: UDP"));
  EXPECT_THAT(made.tier("routers").reason, HasSubstr("routers in [recipes.demo.skip]"));
  // Who asks for other tiers only is told nothing of it.
  made = plan({}, {"lint"});
  EXPECT_EQ(made.tier("routers").decided, Verdict::skip);
  EXPECT_EQ(made.tier("routers").reason, not_asked);
  enrol("demo", "demo");
  declaration.recipes["demo"].skip = {{"routers", "by hand"}};
  const auto source = find_source("demo", declaration, scratch.path());
  ASSERT_TRUE(source);
  const auto files = checkout();
  const auto skipped = make_plan(*source, *files, {});
  ASSERT_TRUE(skipped);
  EXPECT_EQ(skipped->tier("routers").decided, Verdict::skip);
  EXPECT_EQ(skipped->tier("routers").reason, "by hand");
}

TEST_F(PlanTest, upgrades_from_the_newest_older_release_and_never_from_itself) {
  commit("0.9.0+1");
  commit("0.10.0+1");
  commit("not-a-version");
  commit("1.0.0+1");
  const Plan made = plan();
  ASSERT_EQ(made.bases.size(), 2U);
  EXPECT_EQ(made.bases[0].version.text, "0.10.0+1");
  EXPECT_EQ(made.bases[1].version.text, "0.9.0+1");
  EXPECT_EQ(made.head.version, "1.0.0+1");
  EXPECT_FALSE(made.head.chaos);
  EXPECT_TRUE(made.runs("upgrade"));
}

TEST_F(PlanTest, a_shallow_clone_does_not_show_that_there_is_no_older_release) {
  commit("0.9.0+1");
  commit("1.0.0+1");
  const fs::path whole = recipe;
  recipe = scratch / "shallow/demo";
  const auto clone = git::command(scratch.path(), {"clone", "--quiet", "--depth=1",
                                                   "file://" + whole.native(), recipe.native()});
  ASSERT_TRUE(git::output(base::real_processes(), clone));
  const Plan made = plan();
  EXPECT_EQ(made.tier("upgrade").decided, Verdict::unverified);
  EXPECT_THAT(made.tier("upgrade").reason, HasSubstr("git fetch --unshallow --tags"));
  git({"fetch", "--quiet", "--unshallow", "--tags"});
  EXPECT_TRUE(plan().runs("upgrade"));
}

TEST_F(PlanTest, takes_files_that_are_not_committed_as_a_chaos_deployment) {
  commit("1.0.0+1");
  write("compose.override.yml", "services: {}\n");
  const Plan made = plan();
  EXPECT_TRUE(made.dirty);
  EXPECT_TRUE(made.head.chaos);
  ASSERT_EQ(made.bases.size(), 0U);
  const recipe::Stack& stack = made.head.app.composed.stack;
  EXPECT_THAT(stack.services[0].deploy.labels.at("coop-cloud." + stack.name + ".chaos-version"),
              HasSubstr("+U"));
}

TEST_F(PlanTest, the_next_version_before_its_commit_upgrades_from_the_release_below_it) {
  commit("0.9.0+1");
  commit("1.0.0+1");
  std::string next = compose;
  next.replace(next.find("=1.0.0+1"), 8, "=1.1.0+1");
  write("compose.yml", next);
  const Plan made = plan();
  EXPECT_EQ(made.head.version, "1.1.0+1");
  ASSERT_EQ(made.bases.size(), 2U);
  EXPECT_EQ(made.bases[0].version.text, "1.0.0+1");
}

// ${X:?} without a value is no mistake of the recipe: only a person knows the value.
TEST_F(PlanTest, names_the_values_that_a_recipe_requires) {
  write("compose.x.yml",
        "services: {app: {environment: ['A=${MAIL:?}', 'B=${KEY?}', 'C=${MAIL:?}']}}\n");
  write(".env.sample", "DOMAIN=demo.example.com\nCOMPOSE_FILE=compose.yml:compose.x.yml\n");
  const auto source = find_source(recipe.native(), declaration, scratch.path());
  const auto made = make_plan(*source, *checkout(), {});
  ASSERT_FALSE(made);
  EXPECT_THAT(missing_values(made.error()), ElementsAre("MAIL", "KEY"));
  const Result result = values_missing({*source, {"lint", "install"}, {}}, {"MAIL", "KEY"});
  EXPECT_EQ(verdict(result), Verdict::unverified);
  EXPECT_THAT(result.rungs[1].reason,
              HasSubstr("no value for MAIL, KEY: declare it in [recipes.demo.env]"));
  write("compose.x.yml", "services: {app: {environment: ['A=${MAIL:?}', 'B=${']}}\n");
  EXPECT_THAT(missing_values(make_plan(*source, *checkout(), {}).error()), IsEmpty());
}

TEST_F(PlanTest, takes_another_commit_and_leaves_the_directory_as_it_is) {
  commit("1.0.0+1");
  write("compose.yml", std::string(compose) + "# later\n");
  commit("1.1.0+1");
  write("compose.yml", "not committed: [");
  const Plan made = plan("1.0.0+1");
  EXPECT_EQ(made.head.version, "1.0.0+1");
  EXPECT_THAT(made.bases, IsEmpty());
  EXPECT_EQ(test::read_text(recipe / "compose.yml"), "not committed: [");
  EXPECT_EQ(checkout("no-such").error().code, "run.unknown-ref");
  EXPECT_EQ(checkout("--upload-pack=touch").error().code, "run.unknown-ref");
}

// git refuses such a directory, but reading it runs nothing of it.
TEST_F(PlanTest, reads_a_repository_of_another_user) {
  commit("1.0.0+1");
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files to another user";
  const std::string hook = (recipe / ".git/hooks/post-checkout").native();
  test::write_text(hook, "#!/bin/sh\ntouch " + (scratch / "ran").native() + "\n");
  chmod(hook.c_str(), 0755);
  git({"config", "core.fsmonitor", "touch " + (scratch / "ran").native()});
  git({"config", "uploadpack.packObjectsHook", "touch " + (scratch / "ran").native()});
  for (const auto& entry : fs::recursive_directory_iterator(recipe))
    ASSERT_EQ(lchown(entry.path().c_str(), 12345, 12345), 0);
  ASSERT_EQ(lchown(recipe.c_str(), 12345, 12345), 0);
  EXPECT_EQ(plan().head.version, "1.0.0+1");
  EXPECT_EQ(plan("1.0.0+1").head.version, "1.0.0+1");
  EXPECT_FALSE(fs::exists(scratch / "ran"));
}

TEST_F(PlanTest, a_recipe_that_reaches_for_the_host_is_not_started) {
  write("compose.yml",
        std::string(compose).replace(std::string(compose).find("data:/data"), 10, "/etc:/mnt"));
  Plan made = plan();
  EXPECT_EQ(made.tier("install").decided, Verdict::unverified);
  EXPECT_THAT(made.tier("install").reason, HasSubstr("allow = [\"host-paths\"]"));
  EXPECT_TRUE(made.runs("lint"));
  enrol("demo", recipe.native());
  declaration.recipes["demo"].allow = {"host-paths"};
  made = plan();
  EXPECT_TRUE(made.runs("install"));
}

TEST_F(PlanTest, names_values_that_only_a_person_knows) {
  write(".env.sample", "DOMAIN=x\nSECRET_SMTP_PASSWORD_VERSION=v1 # generate=false\n");
  std::string text = compose;
  text.replace(text.find("    networks: [proxy]"), 0, "    secrets: [smtp_password]\n");
  write("compose.yml", text +
                           "secrets:\n  smtp_password:\n    external: true\n    name: "
                           "${STACK_NAME}_smtp_password_${SECRET_SMTP_PASSWORD_VERSION}\n");
  Plan made = plan();
  EXPECT_EQ(made.tier("install").decided, Verdict::unverified);
  EXPECT_EQ(made.tier("install").reason,
            "no value for SMTP_PASSWORD: declare it in [recipes.demo.env]");
  enrol("demo", recipe.native());
  declaration.recipes["demo"].env["SMTP_PASSWORD"] = "x";
  made = plan();
  EXPECT_TRUE(made.runs("install"));
}

TEST_F(PlanTest, skips_what_is_declared_and_what_is_not_asked_for) {
  commit("0.9.0+1");
  commit();
  enrol("demo", recipe.native());
  declaration.recipes["demo"].skip["redeploy"] = "it is known";
  const Plan made = plan({}, {"install", "redeploy"});
  EXPECT_EQ(made.tier("redeploy").reason, "it is known");
  EXPECT_EQ(made.tier("upgrade").reason, "not asked for");
  EXPECT_TRUE(made.runs("install"));
}

TEST_F(PlanTest, finds_the_tests_of_the_recipe) {
  write("tests/test_front.py", "");
  write("tests/custom/test_more.py", "");
  write("tests/helper.py", "");
  const Plan made = plan();
  EXPECT_THAT(made.test_files, ElementsAre("tests/test_front.py", "tests/custom/test_more.py"));
  EXPECT_TRUE(made.runs("custom"));
}

TEST_F(PlanTest, an_unknown_recipe_has_a_likely_name) {
  enrol("gitea", "x");
  const auto found = find_source("gitae", declaration, scratch.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().field("likely"), "gitea");
}

TEST_F(PlanTest, a_name_wins_and_is_relative_to_the_declaration) {
  enrol("gitea", "demo");
  const auto found = find_source("gitea", declaration, scratch.path());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->place, recipe.native());
  EXPECT_FALSE(found->remote);
  EXPECT_TRUE(find_source("https://git.example.org/a/b.git", declaration, ".")->remote);
  EXPECT_EQ(find_source("git@git.example.org:a/b.git", declaration, ".")->name, "b");
}

TEST_F(PlanTest, a_stack_in_a_shared_engine_has_a_name_of_its_own) {
  const auto files = checkout();
  ASSERT_TRUE(files);
  declaration.recipe_engine = "unix:///run/docker.sock";
  auto source = find_source(recipe.native(), declaration, scratch.path());
  EXPECT_EQ(source->settings.engine, "unix:///run/docker.sock");
  source->distinction = "1f03a9";
  const auto made = make_plan(*source, *files, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->domain, "demo.cc-ci.test");
  EXPECT_EQ(made->head.app.composed.stack.name, "demo_1f03a9");
  EXPECT_EQ(made->head.version, "1.0.0+1");
  enrol("demo", recipe.native());
  declaration.recipes["demo"].engine = "private";
  EXPECT_EQ(find_source("demo", declaration, scratch.path())->settings.engine, "private");
}

TEST_F(PlanTest, a_capability_that_reaches_the_host_is_refused) {
  const auto reason_with = [&](const std::string& capability) {
    std::string text = compose;
    text.replace(text.find("    networks: [proxy]"), 0, "    cap_add: [" + capability + "]\n");
    write("compose.yml", text);
    return plan().tier("install").reason;
  };
  EXPECT_EQ(reason_with("NET_ADMIN"), "");
  EXPECT_EQ(reason_with("cap_chown"), "");
  EXPECT_EQ(reason_with("MKNOD"), "") << "each container has it";
  for (const char* capability : {"SYS_ADMIN", "sys_time", "CAP_BPF", "all"})
    EXPECT_THAT(reason_with(capability), HasSubstr("wants the capability")) << capability;
}

TEST_F(PlanTest, dependencies_come_before_what_needs_them) {
  for (const std::string name : {"one", "two", "three"}) {
    fs::create_directories(scratch / name);
    for (const char* file : {"compose.yml", ".env.sample"})
      fs::copy_file(recipe / file, scratch / name / file);
    enrol(name, name);
  }
  declaration.recipes["one"].dependencies = {{"two", {}}, {"three", {}}};
  declaration.recipes["two"].dependencies = {{"three", {}}};
  enrol("demo", recipe.filename().native());
  declaration.recipes["demo"].dependencies = {{"one", {}}};
  Plan made = plan();
  const auto done = plan_dependencies(made, declaration, scratch.path(), scratch / "work",
                                      base::real_processes());
  ASSERT_TRUE(done) << done.error().code;
  std::vector<std::string> order;
  for (const Plan& other : made.dependencies) order.push_back(other.domain);
  EXPECT_THAT(order, ElementsAre("three.cc-ci.test", "two.cc-ci.test", "one.cc-ci.test"));
}

TEST_F(PlanTest, a_dependency_that_cannot_be_read_is_named) {
  enrol("absent", "absent");
  enrol("middle", "middle");
  fs::create_directories(scratch / "middle");
  for (const char* file : {"compose.yml", ".env.sample"})
    fs::copy_file(recipe / file, scratch / "middle" / file);
  declaration.recipes["middle"].dependencies = {{"absent", {}}};
  enrol("demo", recipe.filename().native());
  declaration.recipes["demo"].dependencies = {{"middle", {}}};
  Plan made = plan();
  const auto done = plan_dependencies(made, declaration, scratch.path(), scratch / "work",
                                      base::real_processes());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().field("dependency"), "absent");
  give_up_deployment(made, "dependency absent cannot be read");
  EXPECT_TRUE(made.runs("lint"));
  EXPECT_EQ(made.tier("install").decided, Verdict::unverified);
  EXPECT_EQ(made.tier("install").reason, "dependency absent cannot be read");
}

TEST_F(PlanTest, release_notes_are_those_after_the_base) {
  write("release/1.0.0+1", "old");
  commit("1.0.0+1");
  write("release/1.10.0+1", "ten");
  write("release/1.9.0+1", "nine");
  write("release/next", "soon");
  write("release/README", "no version");
  commit();
  std::vector<std::string> versions;
  for (const ReleaseNote& note : plan().release_notes) versions.push_back(note.version);
  EXPECT_THAT(versions, ElementsAre("1.9.0+1", "1.10.0+1", "next"));
}

TEST(NotBegun, a_recipe_that_cannot_be_read_is_red_at_its_first_tier) {
  Intent intent;
  intent.source.name = "demo";
  intent.only = {"install", "upgrade"};
  const Result result = unreadable_recipe(intent, "bad", "bad\nlines");
  EXPECT_EQ(result.find("lint")->verdict, Verdict::skip);
  EXPECT_EQ(result.find("install")->verdict, Verdict::fail);
  EXPECT_EQ(result.find("install")->last_words, "bad\nlines");
  EXPECT_EQ(result.find("upgrade")->verdict, Verdict::unverified);
  EXPECT_EQ(exit_status(result), 1);
  EXPECT_TRUE(result.clean_teardown);
}

TEST(NotBegun, another_failure_says_nothing_of_the_recipe) {
  Intent intent;
  intent.source.settings.skip["backup"] = "none";
  const Result result = not_begun(intent, base::fail("run.clone"));
  EXPECT_EQ(verdict(result), Verdict::unverified);
  EXPECT_EQ(result.find("backup")->verdict, Verdict::skip);
  EXPECT_EQ(exit_status(result), 3);
}

}  // namespace
}  // namespace ccci::run
