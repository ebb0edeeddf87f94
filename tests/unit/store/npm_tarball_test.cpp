// SPDX-License-Identifier: GPL-3.0-or-later
// Whole packages of npm, good and hostile. A tar without gzip will do.
#include "store/npm_tarball.hpp"

#include "store/unpack.hpp"
#include "tests/support/hostile_deb.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

constexpr const char* npm_description =
    R"({"name": "@s/good", "version": "1.0.0", "bin": {"good": "./bin/good.js", "x/../y": "a"}})";

class NpmTarball : public StoreTest {
 protected:
  base::Result<store::Unpacked> unpack_npm_of(const std::vector<TarMember>& list,
                                              const std::string& version = "1.0.0") {
    const auto file = scratch() / "good.tgz";
    const std::string bytes = tar(list);
    std::ofstream(file) << bytes;
    const auto place = scratch() / "unpacked";
    std::filesystem::remove_all(place);
    std::filesystem::create_directory(place);
    const base::Fd directory(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    store::PackageSource source;
    source.name = "npm:@s/good";
    source.version = version;
    source.sha256 = base::sha256(bytes).hex();
    source.file = file;
    source.format = store::Format::npm;
    return store::unpack(source, directory.get(), {});
  }
  std::string code_with(TarMember member) {
    const auto unpacked =
        unpack_npm_of({test::file("package/package.json", npm_description), std::move(member)});
    return unpacked ? "good" : unpacked.error().code;
  }
};

TEST_F(NpmTarball, LosesItsDirectoryAndGetsPrograms) {
  // Not every registry packs into `package`.
  const auto unpacked =
      unpack_npm_of({directory("good"), test::file("good/bin/good.js", "#!/usr/bin/env node\n"),
                     test::file("good/package.json", npm_description),
                     test::file("good/lib/run.sh", "x\n", 0755)});
  ASSERT_TRUE(unpacked) << describe(unpacked.error());
  const store::Manifest& manifest = unpacked->manifest;
  ASSERT_NE(manifest.find("bin/good.js"), nullptr);
  EXPECT_TRUE(manifest.find("bin/good.js")->executable);
  EXPECT_TRUE(manifest.find("lib/run.sh")->executable);
  EXPECT_FALSE(manifest.find("package.json")->executable);
}

TEST_F(NpmTarball, HostileOnesAreRefused) {
  EXPECT_EQ(code_with(test::file("package/a.js")), "good");
  EXPECT_EQ(code_with(symbolic("package/a", "/etc/passwd")), "store.npm-form");
  EXPECT_EQ(code_with(hard("package/a", "package/package.json")), "store.npm-form");
  EXPECT_EQ(code_with({"package/a", '3'}), "store.npm-form");
  EXPECT_EQ(code_with(test::file("package/../../a")), "store.name-escapes");
  EXPECT_EQ(code_with(test::file("top")), "store.npm-form");
  EXPECT_EQ(code_with(test::file("package/package.json")), "store.npm-form");
  const auto other = unpack_npm_of({test::file("package/package.json", npm_description)}, "2.0.0");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "store.npm-form");
  EXPECT_FALSE(unpack_npm_of({test::file("package/a.js")}));
}

TEST(NpmCommands, AreNamesWithFilesOfThePackage) {
  using Commands = std::map<std::string, std::string>;
  EXPECT_EQ(store::npm_commands(npm_description), (Commands{{"good", "bin/good.js"}, {"y", "a"}}));
  EXPECT_EQ(store::npm_commands(R"({"name": "@s/one", "bin": "/cli.js"})"),
            (Commands{{"one", "cli.js"}}));
  EXPECT_EQ(store::npm_commands(R"({"name": "x", "bin": {"a": "../../a", "..": "b"}})"),
            Commands{});
  EXPECT_EQ(store::npm_commands("{"), Commands{});
}

}  // namespace
}  // namespace ccci::test
