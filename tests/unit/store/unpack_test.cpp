// SPDX-License-Identifier: GPL-3.0-or-later
// Good packages: what comes out of them.
#include <sys/stat.h>

#include <set>

#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

using store::Format;

class Unpack : public StoreTest {
 protected:
  std::string manifest_of(store::Store& store, const store::Address& address) {
    auto manifest = store::package_manifest(store, address);
    EXPECT_TRUE(manifest);
    std::string text;
    for (const store::Entry& entry : manifest->entries) {
      text += static_cast<char>(entry.type);
      if (entry.executable) text += "*";
      text += " " + entry.path + (entry.target.empty() ? "" : " -> " + entry.target) + "\n";
    }
    return text;
  }
};

const std::vector<TarMember> ordinary{directory("./"),
                                      directory("./bin/"),
                                      file("./bin/su", "#!/bin/sh\n", 04755),
                                      file("./usr/share/doc/x/copyright", "free\n", 0640),
                                      symbolic("./bin/x", "/etc/alternatives/x"),
                                      hard("./usr/bin/su2", "./bin/su"),
                                      directory("./var/mail/")};

TEST_F(Unpack, EveryCompressionGivesTheSameTree) {
  store::Store store = open();
  std::set<std::string> digests;
  for (const char* suffix : {"", ".gz", ".xz", ".zst"}) {
    const store::Address address = add(store, source("x", deb(ordinary, suffix)));
    digests.insert(store::package_manifest(store, address)->digest().hex());
  }
  EXPECT_EQ(digests.size(), 1U);
  EXPECT_EQ(store.list(store::Kind::package).size(), 4U);
}

TEST_F(Unpack, MergesUsrAndNormalises) {
  store::Store store = open();
  const store::Address address = add(store, "x", ordinary);
  EXPECT_EQ(manifest_of(store, address),
            "d usr\n"
            "d usr/bin\n"
            "f* usr/bin/su\n"
            "f* usr/bin/su2\n"
            "l usr/bin/x -> /etc/alternatives/x\n"
            "d usr/share\n"
            "d usr/share/doc\n"
            "d usr/share/doc/x\n"
            "f usr/share/doc/x/copyright\n"
            "d var\n"
            "d var/mail\n");
  const auto root = store.path(address) / "root";
  struct stat status {};
  ASSERT_EQ(lstat((root / "usr/bin/su").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  EXPECT_EQ(status.st_nlink, 2U);
  EXPECT_EQ(status.st_mtim.tv_sec, store::normal_time);
  ASSERT_EQ(lstat((root / "usr/share/doc/x/copyright").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  for (const char* path : {"usr/bin/x", "usr/bin", "var/mail", "."}) {
    ASSERT_EQ(lstat((root / path).c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec, store::normal_time) << path;
  }
  EXPECT_EQ((*store::read_meta(store, address))["dropped"], base::Json({"setuid bin/su"}));
  EXPECT_EQ(*store::control_file(store, address, "control"), "Package: x\nVersion: 1\n");
  EXPECT_EQ(*store::control_file(store, address, "postinst"), "");
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(Unpack, UmaskAndLocaleDoNotCount) {
  store::Store store = open();
  const mode_t before = umask(0077);
  const store::Address address = add(store, "x", ordinary);
  umask(before);
  struct stat status {};
  for (const char* path : {"", "root", "root/usr/bin", "root/usr/bin/su", "control"}) {
    ASSERT_EQ(stat((store.path(address) / path).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0755U) << path;
  }
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(Unpack, OneFileUnderBothNamesOfAMergedDirectoryIsOneFile) {
  store::Store store = open();
  const store::Address address =
      add(store, "x",
          {file("./bin/a", "same", 0755), file("./usr/bin/a", "same", 0755),
           symbolic("./lib/l", "t"), symbolic("./usr/lib/l", "t")});
  EXPECT_EQ(manifest_of(store, address),
            "d usr\nd usr/bin\nf* usr/bin/a\nd usr/lib\nl usr/lib/l -> t\n");
}

TEST_F(Unpack, LinksThatSayTheMergedShapeAreLeftOut) {
  store::Store store = open();
  const store::Address address =
      add(store, "x",
          {symbolic("./bin", "usr/bin"), symbolic("./lib64", "/usr/lib64"), directory("./usr/bin/"),
           file("./usr/bin/a")});
  EXPECT_EQ(manifest_of(store, address), "d usr\nd usr/bin\nf usr/bin/a\n");
}

TEST_F(Unpack, ListsOfManyFilesAndSymbolsAreNoReasonToRefuse) {
  store::Store store = open();
  const std::string list(2U << 20U, 'x');
  const std::string control =
      tar({file("./control"), file("./md5sums", list), file("./symbols", list)});
  const std::string bytes =
      ar({{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar", tar(ordinary)}});
  const store::Address address = add(store, source("x", bytes));
  EXPECT_EQ(read_text(store.path(address) / "control" / "symbols"), list);
}

TEST_F(Unpack, LongAndForeignNamesSurvive) {
  store::Store store = open();
  const std::string name = "./usr/share/" + std::string(120, 'n') + "/" + std::string(200, 'm');
  const store::Address address = add(
      store, source("x", deb_around(tar_member(file(name)) + tar_member(file("./\xFF\xC3\xA4")) +
                                    pax({{"path", "usr/\xC3\xBC"}}) + tar_member(file("./short")) +
                                    std::string(1024, '\0'))));
  auto manifest = store::package_manifest(store, address);
  ASSERT_TRUE(manifest);
  EXPECT_NE(manifest->find(name.substr(2)), nullptr);
  EXPECT_NE(manifest->find("\xFF\xC3\xA4"), nullptr);
  EXPECT_NE(manifest->find("usr/\xC3\xBC"), nullptr);
}

TEST_F(Unpack, MembersWithAnUnderscoreAreSkipped) {
  store::Store store = open();
  const std::string control = compressed(tar({file("control", "Package: x\n")}), ".gz");
  add(store, source("x", ar({{"debian-binary", "2.0\n"},
                             {"control.tar.gz/", control},
                             {"_extra", "odd"},
                             {"data.tar/", tar({file("./usr/a")})},
                             {"_gpgorigin", "signature"}})));
}

TEST_F(Unpack, PinnedArchivesKeepTheirShape) {
  store::Store store = open();
  const std::string bytes =
      tar({directory("tool-1/"), file("tool-1/bin/tool", "#!/bin/sh\n", 0755)});
  for (const char* suffix : {"", ".gz", ".xz", ".zst", ".bz2"}) {
    const store::Address address =
        add(store, source("tool", compressed(bytes, suffix), Format::archive));
    EXPECT_EQ(manifest_of(store, address), "d tool-1\nd tool-1/bin\nf* tool-1/bin/tool\n")
        << suffix;
  }
}

TEST_F(Unpack, ABareProgramGetsThePackagesName) {
  store::Store store = open();
  // A zip behind a program's head does not make the program a zip.
  for (const std::string& bytes : {std::string("\x7F"
                                               "ELF program"),
                                   std::string("#!/bin/sh\nPK\3\4")}) {
    const store::Address address = add(store, source("abra", bytes, Format::archive));
    EXPECT_EQ(manifest_of(store, address), "f* abra\n");
    EXPECT_EQ(read_text(store.path(address) / "root/abra"), bytes);
  }
}

TEST_F(Unpack, ContainersOfOtherFormsAreRefused) {
  store::Store store = open();
  const std::vector<std::string> others{std::string("7z\xBC\xAF\x27\x1C") + "rest",
                                        "Rar!\x1A\x07\x01 rest", "!<arch>\ndebian-binary", "",
                                        compressed("a program, compressed", ".gz")};
  for (const std::string& bytes : others) {
    auto added =
        store::add_packages(store, {source("tool", bytes, Format::archive)}, base::silent(), 1);
    ASSERT_FALSE(added) << bytes;
    EXPECT_EQ(added.error().code, "store.archive-form") << describe(added.error());
  }
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(Unpack, ManyInParallelAndOthersSurviveAFailure) {
  store::Store store = open();
  std::vector<store::PackageSource> sources;
  for (int i = 0; i < 40; ++i) {
    sources.push_back(source("p" + std::to_string(i), deb({file("./usr/share/" + std::to_string(i),
                                                                std::string(10000, 'x'))})));
  }
  sources.push_back(source("bad", deb({file("/abs")})));
  sources.push_back(source("worse", deb({file("../up")})));
  sources.push_back(sources.front());
  auto added = store::add_packages(store, sources, base::silent(), 4);
  ASSERT_FALSE(added);
  ASSERT_EQ(added.error().also.size(), 1U) << describe(added.error());
  EXPECT_EQ(store.list(store::Kind::package).size(), 40U);
  EXPECT_TRUE(staging_is_empty());
  EXPECT_TRUE(damage(store).empty());
}

}  // namespace
}  // namespace ccci::test
