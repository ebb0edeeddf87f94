// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/libraries.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "tests/support/parts.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::environment {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Libraries : public test::StoreTest {};

std::string own_program() { return base::read_file("/proc/self/exe", 1U << 30U).value(); }

Part indexed(const std::string& name, const std::vector<std::string>& files, source::Origin origin,
             std::vector<std::string> depends = {}) {
  Part made = test::part(name, files);
  made.package.origin = origin;
  made.package.depends = std::move(depends);
  return made;
}

TEST(Elf, SaysWhatAProgramNeeds) {
  const auto elf = read_elf(own_program());
  ASSERT_TRUE(elf);
  EXPECT_THAT(elf->needed, Contains("libc.so.6"));
  auto file = base::open_path("/proc/self/exe", O_RDONLY);
  EXPECT_EQ(read_elf(file->get()), elf);
}

TEST(Elf, ADamagedFileHasNoContent) {
  const std::string self = own_program();
  for (const std::size_t size : {0UL, 3UL, 64UL, 100UL, 4096UL}) {
    static_cast<void>(read_elf(self.substr(0, size)));
  }
  for (std::size_t i = 0; i < 1024; ++i) {
    std::string damaged = self.substr(0, 65536);
    damaged[i] = static_cast<char>(~damaged[i]);
    static_cast<void>(read_elf(damaged));
  }
  EXPECT_FALSE(read_elf("#!/bin/sh"));
  EXPECT_FALSE(read_elf(std::string_view()));
}

TEST(Elf, FilesForOtherSystemsAreNotRead) {
  std::string self = own_program();
  std::string other = self;
  other[18] = static_cast<char>(~other[18]);  // e_machine
  EXPECT_FALSE(read_elf(other));
  other = self;
  other[7] = 9;  // FreeBSD
  EXPECT_FALSE(read_elf(other));
  const std::string libc("libc.so.6");
  for (std::size_t at = 0; (at = self.find(libc + '\0', at)) != std::string::npos; ++at) {
    self.replace(at, libc.size(), "libc.so.7");
  }
  EXPECT_FALSE(read_elf(self));
}

TEST_F(Libraries, AreSearchedWhereTheLinkerSearches) {
  const store::Store store = open();
  const std::vector<Part> parts{
      test::part("libfoo1", {"usr/lib/x86_64-linux-gnu/libfoo.so.1 -> libfoo.so.1.2",
                             "usr/lib/x86_64-linux-gnu/libfoo.so.1.2"}),
      test::part("private", {"usr/lib/x86_64-linux-gnu/private/libhidden.so.1"}),
      indexed("pypi:a", {"usr/lib/cc-ci/python/a/x.so", "usr/lib/cc-ci/python/a.libs/libown.so.5"},
              source::Origin::pypi, {"pypi:b"}),
      indexed("pypi:b", {"usr/lib/cc-ci/python/b/lib/libb.so.2"}, source::Origin::pypi),
      indexed("pypi:c", {"usr/lib/cc-ci/python/c/libc-own.so.3"}, source::Origin::pypi),
  };
  const auto missing = [&](std::vector<std::string> needed, std::vector<std::string> search = {}) {
    std::vector<std::string> names;
    const Linked linked{
        "pypi:a", "usr/lib/cc-ci/python/a/x.so", {std::move(needed), std::move(search)}};
    const auto found = missing_libraries(store, {linked}, parts, {"libmay.so.1"});
    for (const MissingLibrary& one : *found) names.push_back(one.library);
    return names;
  };
  EXPECT_THAT(missing({"libfoo.so.1", "libown.so.5", "libb.so.2", "libcuda.so.1"}), IsEmpty());
  // Of a package that has nothing to do with it, and in a directory that the linker does not
  // search.
  EXPECT_THAT(missing({"libc-own.so.3", "libhidden.so.1", "libbar.so.1"}),
              ElementsAre("libbar.so.1", "libc-own.so.3", "libhidden.so.1"));
  EXPECT_THAT(missing({"libc-own.so.3"}, {"$ORIGIN/../c"}), IsEmpty());
  EXPECT_THAT(missing({"libc-own.so.3"}, {"${ORIGIN}/c"}), ElementsAre("libc-own.so.3"));
  EXPECT_THAT(missing({"libhidden.so.1"}, {"/usr/lib/x86_64-linux-gnu/private/"}), IsEmpty());
  EXPECT_THAT(missing({"libmay.so.1"}), IsEmpty());
}

TEST_F(Libraries, OfNpmLieBelowThePlaceOfTheirPackage) {
  const store::Store store = open();
  const std::vector<Part> parts{
      indexed("npm:@img/sharp", {"lib/sharp.node"}, source::Origin::npm),
      indexed("npm:@img/vips", {"lib/libvips.so.42"}, source::Origin::npm)};
  const Linked linked{"npm:@img/sharp",
                      "usr/lib/cc-ci/npm/node_modules/@img/sharp/lib/sharp.node",
                      {{"libvips.so.42"}, {"$ORIGIN/../../vips/lib"}}};
  EXPECT_THAT(*missing_libraries(store, {linked}, parts, {}), IsEmpty());
}

TEST(LibraryPackages, FollowTheRuleOfDebiansPolicy) {
  const auto first = [](std::string_view library) { return library_packages(library).front(); };
  EXPECT_EQ(first("libstdc++.so.6"), "libstdc++6");
  EXPECT_EQ(first("libX11.so.6"), "libx11-6");
  EXPECT_EQ(first("libGL.so.1"), "libgl1");
  EXPECT_EQ(first("libglib-2.0.so.0"), "libglib2.0-0");
  EXPECT_EQ(first("libatomic.so.1"), "libatomic1");
  EXPECT_EQ(first("libz.so.1"), "zlib1g");
  EXPECT_EQ(first("libicuuc.so.72"), "libicu72");
  EXPECT_THAT(library_packages("libasound.so.2"), ElementsAre("libasound2", "libasound2t64"));
  EXPECT_THAT(library_packages("nothing"), IsEmpty());
}

}  // namespace
}  // namespace ccci::environment
