// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/manifest.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ccci::store {
namespace {

Entry file(const std::string& path, const std::string& content, bool executable = false) {
  Entry entry;
  entry.path = path;
  entry.executable = executable;
  entry.size = content.size();
  entry.content = base::sha256(content);
  return entry;
}

Entry directory(const std::string& path) {
  Entry entry;
  entry.type = Entry::Type::directory;
  entry.path = path;
  return entry;
}

Entry link(const std::string& path, const std::string& target) {
  Entry entry;
  entry.type = Entry::Type::link;
  entry.path = path;
  entry.target = target;
  return entry;
}

Manifest sorted(std::vector<Entry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return {std::move(entries), Times::own};
}

Manifest without_times(Manifest manifest) {
  manifest.times = Times::fixed;
  for (Entry& entry : manifest.entries) entry.time = normal_time;
  return manifest;
}

Entry at(Entry entry, std::int64_t time) {
  entry.time = time;
  return entry;
}

// "usr-x" sorts between "usr" and "usr/bin" by path, but not in the tree.
Manifest example() {
  return sorted({directory("usr"), directory("usr/bin"),
                 at(file("usr/bin/a", "alpha", true), 1700000000),
                 at(file("usr/bin/b c\\", "beta"), 0), at(link("usr-x", "usr/b\xC3\xA4"), 1),
                 directory("usr/empty")});
}

TEST(Manifest, HasAFixedText) {
  EXPECT_EQ(write(example()),
            "manifest 2\n"
            "d usr\n"
            "l 1 usr-x usr/b\\xc3\\xa4\n"
            "d usr/bin\n"
            "f 755 5 1700000000 8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8 "
            "usr/bin/a\n"
            "f 644 4 0 f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753 "
            "usr/bin/b\\x20c\\x5c\n"
            "d usr/empty\n");
  EXPECT_EQ(write(without_times(example())),
            "d usr\n"
            "l usr-x usr/b\\xc3\\xa4\n"
            "d usr/bin\n"
            "f 755 5 8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8 usr/bin/a\n"
            "f 644 4 f44e64e75f3948e9f73f8dfa94721c4ce8cbb4f265c4790c702b2d41cfbf2753 "
            "usr/bin/b\\x20c\\x5c\n"
            "d usr/empty\n");
}

TEST(Manifest, HasAFixedDigest) {
  // Written down from the first run: a change here makes every object of every user a stranger.
  EXPECT_EQ(Manifest{}.digest().hex(), base::sha256("").hex());
  EXPECT_EQ(without_times(example()).digest().hex(),
            "349f2a80d5b2a1c0c9369224e6d4f87aa83fa9a383c49be471762bf24c5e9f5e");
}

TEST(Manifest, KnowsTheDigestOfEachDirectory) {
  const TreeDigests digests = example().digests();
  ASSERT_EQ(digests.directories.size(), 3U);
  for (const auto& [path, digest] : digests.directories) {
    Manifest below{{}, Times::own};
    for (Entry entry : example().entries) {
      if (!entry.path.starts_with(path + "/")) continue;
      entry.path = entry.path.substr(path.size() + 1);
      below.entries.push_back(std::move(entry));
    }
    EXPECT_EQ(below.digest(), digest) << path;
  }
}

TEST(Manifest, EqualSubtreesHaveEqualDigests) {
  const auto tree = [](const std::string& top) {
    return sorted(
        {directory(top), file(top + "/a", "1"), directory(top + "/d"), link(top + "/d/l", "x")});
  };
  // The digest of a directory's record differs by name only; so strip the name by nesting.
  EXPECT_NE(tree("one").digest(), tree("two").digest());
  EXPECT_EQ(tree("one").digest(), tree("one").digest());
}

TEST(Manifest, ReadsWhatItWrites) {
  auto read = read_manifest(write(example()), "m");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, example());
  ASSERT_NE(read->find("usr/bin/b c\\"), nullptr);
  EXPECT_EQ(read->find("usr/bin/b"), nullptr);
  EXPECT_EQ(read->bytes(), 9U);
  EXPECT_EQ(*read_manifest(write(without_times(example())), "m"), without_times(example()));
}

TEST(Manifest, RefusesEveryOtherTime) {
  const std::string digest(64, 'a');
  EXPECT_TRUE(read_manifest("manifest 2\nf 644 1 8589934591 " + digest + " a\n", "m"));
  for (const std::string time : {"-1", "01", "8589934592", "", "1.5", "+1", "x"}) {
    EXPECT_FALSE(read_manifest("manifest 2\nf 644 1 " + time + " " + digest + " a\n", "m")) << time;
    EXPECT_FALSE(read_manifest("manifest 2\nl " + time + " a b\n", "m")) << time;
  }
  EXPECT_FALSE(read_manifest("manifest 2\nf 644 1 " + digest + " a\n", "m"));
  EXPECT_FALSE(read_manifest("f 644 1 1 " + digest + " a\n", "m"));
  EXPECT_FALSE(read_manifest("manifest 3\n", "m"));
}

TEST(Manifest, RefusesEveryOtherForm) {
  const std::string digest(64, 'a');
  const std::vector<std::string> bad{"d usr",                              // no newline
                                     "\n",                                 // empty line
                                     "d usr\nd usr\n",                     // twice
                                     "d usr\nd bin\n",                     // unsorted
                                     "d usr/bin\n",                        // parent missing
                                     "f 644 1 " + digest + " a\nd a/b\n",  // parent is a file
                                     "d /usr\n",
                                     "d ../usr\n",
                                     "d usr/\n",
                                     "d .\n",
                                     "f 0644 1 " + digest + " a\n",  // another spelling of the mode
                                     "f 600 1 " + digest + " a\n",
                                     "f 644 01 " + digest + " a\n",
                                     "f 644 -1 " + digest + " a\n",
                                     "f 644 99999999999999999999 " + digest + " a\n",
                                     "f 644 1 " + digest.substr(1) + " a\n",
                                     "f 644 1 " + std::string(64, 'A') + " a\n",
                                     "d a\\x41\n",  // an escape where none is needed
                                     "d a\\xAB\n",  // another spelling of \xab
                                     "d a\\x00\n",
                                     "d a\\x2\n",
                                     "d a\\\n",
                                     "d a\tb\n",
                                     "l a\n",
                                     "l a \n",
                                     "x a\n",
                                     "d a b\n"};
  for (const std::string& text : bad) {
    auto read = read_manifest(text, "m");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "store.manifest") << text;
    EXPECT_EQ(read.error().field("file"), "m");
  }
}

// A tree of random shape; the same seed gives the same tree.
std::vector<Entry> random_tree(std::mt19937& random) {
  std::vector<Entry> entries;
  std::vector<std::string> directories{""};
  const auto pick = [&](std::size_t below) { return random() % below; };
  static const std::vector<std::string> names{"a", "a-b", "a.b", "b", "A", "a b", "\xC3\xA4", "0"};
  for (int i = 0; i < 40; ++i) {
    const std::string path = directories[pick(directories.size())] + names[pick(names.size())];
    if (std::any_of(entries.begin(), entries.end(),
                    [&](const Entry& entry) { return entry.path == path; })) {
      continue;
    }
    switch (pick(3)) {
      case 0:
        entries.push_back(directory(path));
        directories.push_back(path + "/");
        break;
      case 1:
        entries.push_back(file(path, std::to_string(random()), pick(2) == 0));
        break;
      default:
        entries.push_back(link(path, std::to_string(random())));
    }
  }
  return entries;
}

TEST(Manifest, DigestDoesNotDependOnOrder) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<Entry> entries = random_tree(random);
    const base::Digest expected = sorted(entries).digest();
    std::shuffle(entries.begin(), entries.end(), random);
    EXPECT_EQ(Manifest{entries}.digest(), expected) << "seed " << seed;
    EXPECT_EQ(read_manifest(write(sorted(entries)), "m")->digest(), expected) << "seed " << seed;
  }
}

TEST(Manifest, DigestChangesWithEveryEntry) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const Manifest before = sorted(random_tree(random));
    for (std::size_t i = 0; i < before.entries.size(); ++i) {
      std::vector<Manifest> changed;
      const auto change = [&](auto edit) {
        changed.push_back(before);
        edit(changed.back().entries[i]);
      };
      switch (before.entries[i].type) {
        case Entry::Type::file:
          change([](Entry& entry) { entry.executable = !entry.executable; });
          change([&](Entry& entry) { entry.content.bytes[random() % 32] ^= 1U; });
          change([](Entry& entry) { entry.path += "~"; });
          change([](Entry& entry) { ++entry.time; });
          change([](Entry& entry) { entry = directory(entry.path); });
          break;
        case Entry::Type::link:
          change([](Entry& entry) { entry.target += "~"; });
          change([](Entry& entry) { ++entry.time; });
          change([](Entry& entry) { entry.path += "~"; });
          break;
        case Entry::Type::directory: {
          const bool holds =
              std::any_of(before.entries.begin(), before.entries.end(), [&](const Entry& entry) {
                return entry.path.starts_with(before.entries[i].path + "/");
              });
          if (!holds) change([](Entry& entry) { entry = link(entry.path, "x"); });
          break;
        }
      }
      for (const Manifest& manifest : changed) {
        EXPECT_NE(manifest.digest(), before.digest()) << "seed " << seed << " entry " << i;
      }
    }
  }
}

TEST(Manifest, DeepTreesNeedNoStack) {
  std::string path = "d";
  std::vector<Entry> entries;
  for (int depth = 0; depth < 2000; ++depth, path += "/d") entries.push_back(directory(path));
  EXPECT_NE(sorted(entries).digest(), Manifest{}.digest());
}

}  // namespace
}  // namespace ccci::store
