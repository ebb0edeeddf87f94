// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/project_cache.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::deploy {
namespace {

namespace fs = std::filesystem;
using test::describe;
using test::read_text;
using test::write_text;

class ProjectCacheTest : public test::StoreTest {
 protected:
  using Files = std::map<std::string, std::string>;

  static ProjectManifest manifest_of(const Files& files) {
    ProjectEntries entries;
    for (const auto& [path, content] : files) {
      if (content.starts_with("-> ")) {
        entries[path] = {false, 0, "", content.substr(3)};
      } else {
        const bool script = content.starts_with("#!");
        entries[path] = {script, content.size(), base::sha256(content).hex(), ""};
      }
    }
    return ProjectManifest::of(entries).value();
  }

  // Brings what is lacking; how many files that were.
  std::size_t bring(const Files& files) {
    const ProjectManifest manifest = manifest_of(files);
    const std::vector<std::string> lacking = projects().lacking(manifest);
    const Arrived arrived = projects().arrivals().value();
    for (const auto& [path, content] : files) {
      const std::string digest = base::sha256(content).hex();
      if (std::find(lacking.begin(), lacking.end(), digest) == lacking.end()) continue;
      const auto file = arrived.create(digest);
      EXPECT_TRUE(file && base::write_all(file->get(), content));
    }
    const auto published = projects().publish(manifest, arrived);
    EXPECT_TRUE(published) << describe(published.error());
    return lacking.size();
  }

  ProjectCache projects() { return ProjectCache(store_); }
  fs::path tree(const Files& files) { return projects().tree(manifest_of(files).hash()); }

  store::Store store_ = open();
  const Files files_{{"cc-ci.toml", "[runtime]\n"},
                     {"scripts/run", "#!/bin/sh\n"},
                     {"scripts/again", "-> run"},
                     {"empty", ""}};
};

TEST_F(ProjectCacheTest, WhatComesIsAPlainDirectory) {
  EXPECT_EQ(bring(files_), 3U);
  const fs::path place = tree(files_);
  EXPECT_EQ(read_text(place / "cc-ci.toml"), "[runtime]\n");
  EXPECT_EQ(read_text(place / "scripts/again"), "#!/bin/sh\n");
  EXPECT_TRUE(fs::is_symlink(place / "scripts/again"));
  EXPECT_EQ(fs::status(place / "scripts/run").permissions(), fs::perms(0755));
  EXPECT_EQ(fs::status(place / "cc-ci.toml").permissions(), fs::perms(0644));
  EXPECT_EQ(fs::status(place).permissions(), fs::perms(0755));
  EXPECT_TRUE(projects().intact(manifest_of(files_).hash()));
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(ProjectCacheTest, OnlyWhatNoOtherProjectHasIsLacking) {
  bring(files_);
  Files next = files_;
  next["scripts/moved"] = next["scripts/run"];
  next["new"] = "new\n";
  EXPECT_EQ(bring(next), 1U);
  EXPECT_EQ(read_text(tree(next) / "scripts/moved"), "#!/bin/sh\n");
  EXPECT_EQ(bring(next), 0U);
}

TEST_F(ProjectCacheTest, ADamagedOneIsNotIntactAndIsMadeAnew) {
  bring(files_);
  const std::string hash = manifest_of(files_).hash();
  const fs::path script = tree(files_) / "scripts/run";
  for (const auto& damage : std::vector<std::function<void()>>{
           [&] { write_text(script, "#!/bin/no\n"); }, [&] { fs::remove(script); },
           [&] {
             fs::remove(script);
             fs::create_symlink("/bin/sh", script);
           },
           [&] {
             fs::remove(tree(files_) / "scripts/again");
             fs::create_symlink("other", tree(files_) / "scripts/again");
           },
           [&] { write_text(tree(files_).parent_path() / "manifest", "cc-ci-project 1\n"); }}) {
    damage();
    EXPECT_FALSE(projects().intact(hash));
    bring(files_);
    EXPECT_TRUE(projects().intact(hash));
  }
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(ProjectCacheTest, WhatATimerLeavesThereIsLetBe) {
  bring(files_);
  write_text(tree(files_) / "report.txt", "green\n");
  EXPECT_TRUE(projects().intact(manifest_of(files_).hash()));
}

TEST_F(ProjectCacheTest, AnotherDeploymentOfTheSameMayHaveBeenFaster) {
  bring(files_);
  write_text(tree(files_) / "left", "by a timer\n");
  bring(files_);
  EXPECT_EQ(read_text(tree(files_) / "left"), "by a timer\n");
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(ProjectCacheTest, AFileThatIsNotWhatItsNameSaysIsNotPublished) {
  const ProjectManifest manifest = manifest_of(files_);
  const Arrived arrived = projects().arrivals().value();
  for (const std::string& digest : projects().lacking(manifest)) {
    ASSERT_TRUE(base::write_all(arrived.create(digest).value().get(), "other\n"));
  }
  EXPECT_EQ(projects().publish(manifest, arrived).error().code, "deploy.changed");
  EXPECT_FALSE(fs::exists(tree(files_)));
}

TEST_F(ProjectCacheTest, OldOnesGoUnlessSomethingNamesThem) {
  bring(files_);
  bring({{"cc-ci.toml", "2"}});
  bring({{"cc-ci.toml", "3"}});
  const std::string second = manifest_of({{"cc-ci.toml", "2"}}).hash();
  ASSERT_TRUE(projects().prune({second}, std::chrono::hours(1)));
  EXPECT_TRUE(fs::exists(tree(files_)));
  ASSERT_TRUE(projects().prune({second}, std::chrono::seconds(-1)));
  EXPECT_FALSE(fs::exists(tree(files_).parent_path()));
  EXPECT_TRUE(projects().intact(second));
  EXPECT_FALSE(fs::exists(tree({{"cc-ci.toml", "3"}})));
  EXPECT_TRUE(staging_is_empty());
}

}  // namespace
}  // namespace ccci::deploy
