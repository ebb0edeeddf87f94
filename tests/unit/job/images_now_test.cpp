// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/images_now.hpp"

#include <gmock/gmock.h>

#include "base/hash.hpp"
#include "tests/engine/image.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::job {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

declare::Name named(const std::string& text) {
  declare::Name name;
  name.text = text;
  return name;
}

class ImagesNowTest : public testing::Test {
 protected:
  ImagesNowTest() { project.file = scratch / "cc-ci.toml"; }

  // Returns the id of the image.
  std::string archive(const std::string& file, std::vector<std::string> names,
                      const std::string& program) {
    const engine::TestImage image{std::move(names), program, {"true"}};
    test::write_text(scratch / file, image.docker_archive());
    return "sha256:" + base::sha256(image.config).hex();
  }
  declare::EnrolledRecipe& enrol(const std::string& name, std::vector<std::string> images) {
    declare::EnrolledRecipe& recipe = recipes[name];
    recipe.name.text = name;
    recipe.images = std::move(images);
    return recipe;
  }
  sweep::ImagesNow of(const std::string& recipe, std::map<std::string, std::string> used,
                      const lock::Lock* with = nullptr) {
    history::Record last{.recipe = recipe, .night = {}, .environment = {}};
    last.images = std::move(used);
    return ImagesNow(project, recipes, caller, with, false).of(recipe, last);
  }

  test::Scratch scratch;
  project::Project project;
  sweep::Enrolled recipes;
  lock::Lock locked;
  Caller caller{
      .context = {scratch / "state", true, base::silent()},
      .warn = [](std::string_view) {},
      .look_at_store =
          [] { return base::Result<store::Store>(base::unexpected(base::fail("test.none"))); }};
};

TEST_F(ImagesNowTest, archives_are_compared_by_familiar_names) {
  const std::string id = archive("app.tar", {"app:1", "other:1"}, "one");
  enrol("demo", {"app.tar"});
  const auto now = of("demo", {{"docker.io/library/app:1", "sha256:before"}});
  EXPECT_EQ(now.ids, (std::map<std::string, std::string>{{"docker.io/library/app:1", id}}));
  EXPECT_THAT(now.gone, IsEmpty());
  EXPECT_EQ(now.problem, "");
}

TEST_F(ImagesNowTest, a_later_archive_and_those_of_dependencies_count_as_in_a_test) {
  archive("old.tar", {"app:1"}, "one");
  const std::string app = archive("new.tar", {"app:1"}, "two");
  const std::string db = archive("db.tar", {"db:1"}, "three");
  enrol("demo", {"old.tar", "new.tar"}).dependencies = {named("db")};
  // Dependencies that lead to each other end too.
  enrol("db", {"db.tar"}).dependencies = {named("demo")};
  const auto now = of("demo", {{"app:1", "x"}, {"db:1", "y"}});
  EXPECT_EQ(now.ids.at("db:1"), db);
  EXPECT_NE(now.ids.at("app:1"), "x");
  enrol("demo", {"old.tar", "new.tar"}).dependencies.clear();
  EXPECT_EQ(of("demo", {{"app:1", "x"}}).ids.at("app:1"), app);
}

TEST_F(ImagesNowTest, what_no_archive_has_is_gone_unless_it_may_come_from_elsewhere) {
  archive("app.tar", {"app:1"}, "one");
  declare::EnrolledRecipe& recipe = enrol("demo", {"app.tar"});
  EXPECT_THAT(of("demo", {{"app:2", "x"}}, &locked).gone, testing::ElementsAre("app:2"));
  // Without a lock nobody knows what the declaration would make.
  EXPECT_THAT(of("demo", {{"app:2", "x"}}).gone, IsEmpty());
  recipe.allow = {"pull"};
  EXPECT_THAT(of("demo", {{"app:2", "x"}}, &locked).gone, IsEmpty());
  recipe.allow.clear();
  project.declaration.recipe_engine = "unix:///run/docker.sock";
  EXPECT_THAT(of("demo", {{"app:2", "x"}}, &locked).gone, IsEmpty());
  recipe.engine = "private";
  EXPECT_THAT(of("demo", {{"app:2", "x"}}, &locked).gone, testing::ElementsAre("app:2"));
}

TEST_F(ImagesNowTest, an_archive_that_cannot_be_read_is_named) {
  enrol("demo", {"none.tar"});
  EXPECT_THAT(of("demo", {{"app:1", "x"}}).problem, HasSubstr("none.tar"));
  test::write_text(scratch / "none.tar", "no tar");
  EXPECT_THAT(of("demo", {{"app:1", "x"}}).problem, HasSubstr("none.tar"));
}

TEST_F(ImagesNowTest, a_declared_image_is_known_by_each_form_of_its_name) {
  declare::Image image;
  image.tags = {"demo/site:1", "redis:7"};
  const std::string digest = "@sha256:" + std::string(64, 'a');
  for (const std::string& name :
       {"demo/site:1" + digest, "demo/site" + digest, std::string("docker.io/demo/site:2"),
        "docker.io/library/redis:7" + digest, std::string("index.docker.io/library/redis"),
        std::string("redis")})
    EXPECT_TRUE(is_used(image, {"other:1", name})) << name;
  for (const std::string& name : {std::string("example.org/demo/site:1"), std::string("site:1"),
                                  "demo/sites:1" + digest, std::string("localhost:5000/redis")})
    EXPECT_FALSE(is_used(image, {name})) << name;
}

TEST_F(ImagesNowTest, a_digest_hides_no_image) {
  const std::string id = archive("app.tar", {"app:1"}, "one");
  enrol("demo", {"app.tar"});
  const std::string used = "docker.io/library/app:1@sha256:" + std::string(64, 'a');
  const auto now = of("demo", {{used, "sha256:before"}}, &locked);
  EXPECT_EQ(now.ids, (std::map<std::string, std::string>{{used, id}}));
  EXPECT_THAT(now.gone, IsEmpty());
}

TEST_F(ImagesNowTest, a_look_makes_no_image) {
  declare::Image& image = project.declaration.images["site"];
  image.name.text = "site";
  image.tags = {"demo/site:1"};
  enrol("demo", {});
  const auto now = of("demo", {{"docker.io/demo/site:1", "x"}}, &locked);
  EXPECT_THAT(now.not_made, testing::ElementsAre("docker.io/demo/site:1"));
  EXPECT_THAT(now.gone, IsEmpty());
  EXPECT_FALSE(fs::exists(scratch / "state"));
}

}  // namespace
}  // namespace ccci::job
