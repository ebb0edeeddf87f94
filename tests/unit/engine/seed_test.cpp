// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/seed.hpp"

#include <gmock/gmock.h>

#include "base/json.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class SeedTest : public testing::Test {
 protected:
  void put(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    test::write_text(file, text);
  }
  // The data of an engine with one image of one layer.
  fs::path data(const std::string& name, const std::string& layer) {
    const fs::path place = scratch / ("data-" + name);
    put(place / "overlay2" / layer / "link", "SHORT-" + layer);
    put(place / "overlay2" / layer / "committed", "");
    put(place / "overlay2" / layer / "diff/etc/file", "content of " + layer);
    fs::create_directories(place / "overlay2/l");
    fs::create_symlink("../" + layer + "/diff", place / "overlay2/l" / ("SHORT-" + layer));
    put(place / "image/overlay2/repositories.json",
        R"({"Repositories":{")" + name + R"(":{")" + name + R"(:1":"sha256:1"}}})");
    put(place / "image/overlay2/layerdb/sha256" / layer / "cache-id", layer);
    return place;
  }
  fs::path seed(const std::string& name, const std::string& layer) {
    const auto harvested = harvest(data(name, layer), scratch / name);
    EXPECT_TRUE(harvested);
    return scratch / name;
  }

  test::Scratch scratch;
};

TEST_F(SeedTest, has_the_images_and_nothing_else_of_an_engine) {
  const fs::path from = data("app", "aaa");
  put(from / "swarm/secret", "x");
  ASSERT_TRUE(harvest(from, scratch / "seed"));
  EXPECT_TRUE(fs::exists(scratch / "seed/overlay2/aaa/diff/etc/file"));
  EXPECT_FALSE(fs::exists(scratch / "seed/swarm"));
  EXPECT_FALSE(fs::exists(scratch / "seed.new"));
  EXPECT_EQ(fs::status(scratch / "seed").permissions(), fs::perms::owner_all);
}

TEST_F(SeedTest, knows_the_ids_of_its_images) {
  const auto ids = seed_ids(seed("app", "aaa"));
  ASSERT_TRUE(ids);
  EXPECT_EQ(*ids, (std::map<std::string, std::string>{{"app:1", "sha256:1"}}));
  EXPECT_FALSE(seed_ids(scratch / "none"));
}

TEST_F(SeedTest, is_complete_or_absent) {
  const fs::path from = scratch / "empty";
  fs::create_directories(from);
  fs::create_directories(scratch / "seed.new/rest-of-a-killed-one");
  EXPECT_FALSE(harvest(from, scratch / "seed"));
  EXPECT_FALSE(fs::exists(scratch / "seed"));
  // The next one is not disturbed by what was left.
  ASSERT_TRUE(harvest(data("app", "aaa"), scratch / "seed"));
  EXPECT_FALSE(fs::exists(scratch / "seed/rest-of-a-killed-one"));
}

TEST_F(SeedTest, is_mounted_and_its_records_are_copied) {
  const std::vector<fs::path> seeds{seed("app", "aaa"), seed("db", "bbb"), seed("same", "aaa")};
  const auto mounts = seed_mounts(seeds);
  ASSERT_TRUE(mounts);
  EXPECT_THAT(*mounts, ElementsAre(SeedMount{seeds[0] / "overlay2/aaa/diff", "overlay2/aaa/diff"},
                                   SeedMount{seeds[1] / "overlay2/bbb/diff", "overlay2/bbb/diff"}));
  const fs::path data = scratch / "data";
  ASSERT_TRUE(plant(seeds, data));
  for (const SeedMount& mount : *mounts) EXPECT_TRUE(fs::is_empty(data / mount.target));
  EXPECT_EQ(fs::read_symlink(data / "overlay2/l/SHORT-bbb"), "../bbb/diff");
  EXPECT_TRUE(fs::exists(data / "overlay2/bbb/committed"));
  EXPECT_FALSE(fs::exists(data / "overlay2/bbb/lower"));
  EXPECT_EQ(test::read_text(data / "image/overlay2/layerdb/sha256/bbb/cache-id"), "bbb");
  const auto names = base::Json::parse(test::read_text(data / "image/overlay2/repositories.json"));
  ASSERT_TRUE(names);
  EXPECT_THAT((*names)["Repositories"].items(), testing::SizeIs(3));
}

TEST_F(SeedTest, that_is_none_is_refused) {
  for (const char* name : {"absent", "empty"}) {
    if (name == std::string("empty")) fs::create_directories(scratch / name / "overlay2");
    const std::vector<fs::path> seeds{scratch / name};
    EXPECT_EQ(seed_mounts(seeds).error().code, "engine.seed");
    EXPECT_EQ(plant(seeds, scratch / "data").error().code, "engine.seed");
  }
}

TEST_F(SeedTest, is_not_needed) {
  EXPECT_THAT(*seed_mounts({}), testing::IsEmpty());
  EXPECT_TRUE(plant({}, scratch / "data"));
  EXPECT_FALSE(fs::exists(scratch / "data"));
}

}  // namespace
}  // namespace ccci::engine
