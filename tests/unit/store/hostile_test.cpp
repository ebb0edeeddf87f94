// SPDX-License-Identifier: GPL-3.0-or-later
// Packages that were made to do harm: each is refused by its own name, and nothing outside changes.
#include <lzma.h>
#include <sys/stat.h>

#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

class Hostile : public StoreTest {
 protected:
  // Everything in the test's directory but the store's own parts that a refused package may touch.
  std::string surroundings() {
    std::string text;
    for (const auto& item : std::filesystem::recursive_directory_iterator(scratch().path())) {
      const std::string path = item.path().native();
      if (path.find("/state/archives/") != std::string::npos) continue;
      if (path.find("/state/locks/") != std::string::npos) continue;
      struct stat status {};
      lstat(path.c_str(), &status);
      text += path + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_nlink) +
              " " + (S_ISREG(status.st_mode) ? read_text(path) : "") + "\n";
    }
    return text;
  }

  void refused(const std::string& bytes, const std::string& code, const std::string& member = "",
               const store::Limits& limits = {}, store::Format format = store::Format::deb) {
    std::filesystem::create_directory(scratch() / "victim");
    write_text(scratch() / "victim/file", "untouched");
    store::Store store = open();
    const store::PackageSource evil = source("evil", bytes, format);
    const std::string before = surroundings();
    auto added = store::add_packages(store, {evil}, base::silent(), 1, limits);
    ASSERT_FALSE(added) << code << " " << member;
    EXPECT_EQ(added.error().code, code) << describe(added.error());
    EXPECT_EQ(added.error().field("package"), "evil 1.0") << describe(added.error());
    if (!member.empty()) {
      EXPECT_EQ(added.error().field("member"), member) << describe(added.error());
    }
    EXPECT_EQ(surroundings(), before);
    EXPECT_TRUE(store.list(store::Kind::package).value().empty());
  }
  void refused_archive(const std::string& bytes, const std::string& code) {
    refused(bytes, code, "", {}, store::Format::archive);
  }
  void refused(const std::vector<TarMember>& members, const std::string& code,
               const std::string& member, const store::Limits& limits = {}) {
    refused(deb(members), code, member, limits);
  }
};

TEST_F(Hostile, AbsoluteName) {
  refused({file("/etc/passwd")}, "store.name-absolute", "/etc/passwd");
}

TEST_F(Hostile, NameThatLeadsOut) {
  refused({file("./usr/../../victim/file")}, "store.name-escapes", "./usr/../../victim/file");
  refused({directory("..")}, "store.name-escapes", "..");
  refused({symbolic("./a/..", "x")}, "store.name-escapes", "./a/..");
}

TEST_F(Hostile, FileThroughALink) {
  refused({symbolic("./out", "../../../../victim"), file("./out/file", "overwritten")},
          "store.below-link", "./out/file");
  refused({symbolic("./out", (scratch() / "victim").native()), file("./out/file", "overwritten")},
          "store.below-link", "./out/file");
}

TEST_F(Hostile, DirectoryReplacedByALink) {
  refused({directory("./a/"), file("./a/b"), symbolic("./a", "../../../victim"), file("./a/file")},
          "store.duplicate", "./a");
}

TEST_F(Hostile, LinkReplacedByADirectory) {
  refused({symbolic("./a", "../../../victim"), directory("./a/")}, "store.duplicate", "./a/");
}

TEST_F(Hostile, FileWrittenThroughALinkOfItsName) {
  refused({symbolic("./a", "../../../../victim/file"), file("./a", "overwritten")},
          "store.duplicate", "./a");
}

TEST_F(Hostile, MemberBelowAFile) {
  refused({file("./a"), file("./a/b")}, "store.below-file", "./a/b");
}

TEST_F(Hostile, DuplicateEntries) {
  refused({file("./a", "1"), file("./a", "1")}, "store.duplicate", "./a");
  refused({file("./a", "1"), file("a", "1")}, "store.duplicate", "a");
  refused({file("./bin/a", "1"), file("./usr/bin/a", "2")}, "store.duplicate", "./usr/bin/a");
  refused({file("./bin/a", "1", 0755), file("./usr/bin/a", "1", 0644)}, "store.duplicate",
          "./usr/bin/a");
}

TEST_F(Hostile, HardLinks) {
  refused({hard("./a", "./nothing")}, "store.hard-link", "./a");
  refused({hard("./a", "/etc/passwd")}, "store.hard-link", "./a");
  refused({hard("./a", "../../../victim/file")}, "store.hard-link", "./a");
  refused({symbolic("./l", "../../../../victim/file"), hard("./a", "./l")}, "store.hard-link",
          "./a");
  refused({symbolic("./l", "../../../../victim"), hard("./a", "./l/file")}, "store.hard-link",
          "./a");
  refused({directory("./d/"), hard("./a", "./d")}, "store.hard-link", "./a");
}

TEST_F(Hostile, Devices) {
  for (const char type : {'3', '4', '6'}) {
    refused({{"./dev", type, {}, {}, 0644, {}}}, "store.device", "./dev");
  }
}

TEST_F(Hostile, FileForTheRootItself) { refused({symbolic(".", "/")}, "store.name-escapes", "."); }

TEST_F(Hostile, TooDeepAndTooLong) {
  std::string deep = ".";
  for (int i = 0; i < 70; ++i) deep += "/d";
  refused({file(deep)}, "store.name-too-deep", deep);
  const std::string name = "./" + std::string(256, 'n');
  refused({file(name)}, "store.name-too-long", name);
  std::string path = ".";
  for (int i = 0; i < 30; ++i) path += "/" + std::string(200, 'p');
  refused({file(path)}, "store.name-too-long", path.substr(0, 400));
  refused({symbolic("./l", std::string(5000, 't'))}, "store.name-too-long", "./l");
}

TEST_F(Hostile, TooManyEntries) {
  store::Limits limits;
  limits.entries = 100;
  std::vector<TarMember> members;
  for (int i = 0; i < 200; ++i) members.push_back(file("./" + std::to_string(i)));
  refused(deb(members), "store.bomb", "", limits);
  // Parents that the archive leaves out count as well.
  std::string path;
  for (int i = 0; i < 60; ++i) path += "d/";
  refused({file("./" + path + "a"), file("./x" + path + "a")}, "store.bomb", "", limits);
}

TEST_F(Hostile, CompressionBomb) {
  store::Limits limits;
  limits.bytes = 1U << 20U;
  refused(deb({file("./zeros", std::string(2U << 20U, '\0'))}, ".gz"), "store.bomb", "", limits);
  // Endless padding behind the last member is a bomb as well, though no file grows.
  refused(deb_around(tar({file("./a")}) + std::string(2U << 20U, '\0'), ".xz"), "store.bomb", "",
          limits);
  store::Limits ratio;
  ratio.ratio = 20;
  refused(deb({file("./zeros", std::string(70U << 20U, '\0'))}, ".xz"), "store.bomb", "", ratio);
}

// Valid in all but what it asks to remember while it is read.
std::string xz_asking_for_4_gb(const std::string& content) {
  std::string bytes = compressed(content, ".xz");
  // A stream header of 12 bytes, then the block's: size, flags, LZMA2, size of its properties, its
  // dictionary (40: 4 GB), filled up to a CRC32.
  constexpr std::size_t block = 12;
  const std::size_t size = (static_cast<std::size_t>(bytes[block]) + 1) * 4;
  bytes[block + 4] = 40;
  const std::uint32_t sum =
      lzma_crc32(reinterpret_cast<const std::uint8_t*>(bytes.data()) + block, size - 4, 0);
  std::memcpy(bytes.data() + block + size - 4, &sum, sizeof sum);
  return bytes;
}

std::string zstd_asking_for_2_gb(const std::string& content) {
  std::string bytes("\x28\xB5\x2F\xFD\0\xA8", 6);  // window descriptor: 2^(10 + 21)
  constexpr std::size_t piece = 1U << 16U;
  for (std::size_t at = 0; at < content.size(); at += piece) {
    const std::string part = content.substr(at, piece);
    const std::size_t head = part.size() << 3U | (at + piece >= content.size() ? 1U : 0U);
    for (unsigned shift = 0; shift < 24; shift += 8)
      bytes.push_back(static_cast<char>(head >> shift & 255U));
    bytes += part;
  }
  return bytes;
}

TEST_F(Hostile, CompressionThatAsksForMuchMemory) {
  const std::string control = tar({file("control")});
  const std::string data = tar({file("./a")});
  refused(ar({{"debian-binary", "2.0\n"},
              {"control.tar", control},
              {"data.tar.xz", xz_asking_for_4_gb(data)}}),
          "store.bomb");
  refused(ar({{"debian-binary", "2.0\n"},
              {"control.tar", control},
              {"data.tar.zst", zstd_asking_for_2_gb(data)}}),
          "store.bomb");
  // Not the first block's alone: a stream that follows may ask as well.
  refused(ar({{"debian-binary", "2.0\n"},
              {"control.tar", control},
              {"data.tar.xz", compressed(data, ".xz") + xz_asking_for_4_gb(data)}}),
          "store.bomb");
  refused_archive(xz_asking_for_4_gb(data), "store.bomb");
  refused_archive(zstd_asking_for_2_gb(data), "store.bomb");
  refused_archive(compressed(xz_asking_for_4_gb(data), ".gz"), "store.archive-form");
}

TEST_F(Hostile, SizesThatLie) {
  TarMember liar = file("./a", "short");
  liar.size = 1'000'000;
  refused({liar}, "store.truncated", "./a");
  TarMember hard_with_body = hard("./b", "./a");
  hard_with_body.content = "body";
  refused(deb_around(tar_member(file("./a")) + pax({{"size", "4"}}) + tar_member(hard_with_body) +
                     std::string(1024, '\0')),
          "store.size", "./b");
}

TEST_F(Hostile, UnknownCompression) {
  const std::string control = compressed(tar({file("control")}), ".gz");
  refused(ar({{"debian-binary", "2.0\n"}, {"control.tar.gz", control}, {"data.tar.bz2", "x"}}),
          "store.compression", "data.tar.bz2");
  refused(ar({{"debian-binary", "2.0\n"}, {"control.tar.gz", control}, {"data.tar.lzma", "x"}}),
          "store.compression", "data.tar.lzma");
}

TEST_F(Hostile, CompressionThatTheNameDoesNotSay) {
  const std::string control = compressed(tar({file("control")}), ".gz");
  const std::string data = tar({file("./a")});
  for (const char* name : {"data.tar.xz", "data.tar.gz", "data.tar.zst"}) {
    refused(ar({{"debian-binary", "2.0\n"}, {"control.tar.gz", control}, {name, data}}),
            "store.archive-form");
  }
  refused(ar({{"debian-binary", "2.0\n"},
              {"control.tar.gz", control},
              {"data.tar", compressed(data, ".xz")}}),
          "store.archive-form");
}

TEST_F(Hostile, Truncated) {
  const std::string whole = deb({file("./a", std::string(100'000, 'a') + "b")}, ".xz");
  refused(whole.substr(0, whole.size() - 40), "store.truncated");
  refused(whole.substr(0, 30), "store.not-a-deb");
  refused("", "store.not-a-deb");
  // Cut before the compressor's end, with an honest ar header.
  for (const char* suffix : {".gz", ".xz", ".zst"}) {
    const std::string data = compressed(tar({file("./a", noise(300'000))}), suffix);
    refused(ar({{"debian-binary", "2.0\n"},
                {"control.tar", tar({file("control")})},
                {std::string("data.tar") + suffix, data.substr(0, data.size() / 2)}}),
            "store.truncated");
  }
  // A tar without its end.
  refused(deb_around(tar_member(file("./a", std::string(512, 'a')))), "store.truncated");
}

TEST_F(Hostile, TrailingBytes) {
  const std::string whole = deb({file("./a")});
  refused(whole + "garbage", "store.trailing");
  refused(whole + std::string(100, '\0'), "store.trailing");
  refused(deb_around(tar({file("./a")}) + tar({file("./smuggled")})), "store.trailing", "data.tar");
  refused(deb_around(tar({file("./a")}) + std::string(300'000, '\0') + "x"), "store.trailing");
  const std::string twice = deb_around(tar({file("./a")}));
  refused(twice + ar({{"data.tar", tar({file("./b")})}}).substr(8), "store.trailing", "data.tar");
  for (const char* suffix : {".gz", ".xz", ".zst"}) {
    const std::string control = tar({file("control")});
    const std::string data =
        compressed(tar({file("./a", noise(300'000))}), suffix) + "garbage behind the stream";
    refused(ar({{"debian-binary", "2.0\n"},
                {"control.tar", control},
                {std::string("data.tar") + suffix, data}}),
            std::string(suffix) == ".gz" ? "store.trailing" : "store.archive-form");
  }
}

TEST_F(Hostile, OuterFormsThatDpkgWouldReadDifferently) {
  const std::string control = tar({file("control")});
  const std::string data = tar({file("./a")});
  refused(ar({{"control.tar", control}, {"data.tar", data}}), "store.not-a-deb");
  refused(ar({{"debian-binary", "2.0\n"}, {"data.tar", data}, {"control.tar", control}}),
          "store.not-a-deb");
  refused(ar({{"debian-binary", "2.0\n"}, {"control.tar", control}}), "store.truncated");
  refused(ar({{"debian-binary", "3.0\n"}, {"control.tar", control}, {"data.tar", data}}),
          "store.deb-version");
  std::string bytes =
      ar({{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar", data}});
  const std::size_t size_at = bytes.find("data.tar") + 48;
  refused(bytes.replace(size_at, 10, "-1        "), "store.size", "data.tar");
}

TEST_F(Hostile, ControlMembers) {
  const auto with = [&](const std::vector<TarMember>& members) {
    return ar({{"debian-binary", "2.0\n"}, {"control.tar", tar(members)}, {"data.tar", tar({})}});
  };
  refused(with({symbolic("./postinst", "/etc/shadow")}), "store.control-member", "./postinst");
  refused(with({file("./sub/postinst")}), "store.control-member", "./sub/postinst");
  refused(with({file("../postinst")}), "store.control-member", "../postinst");
  refused(with({file("./a b")}), "store.control-member", "./a b");
  refused(with({file("./control", std::string((1U << 20U) + 1, 'x'))}), "store.control-member",
          "./control");
  refused(with({file("./config", std::string((16U << 20U) + 1, 'x'))}), "store.control-member",
          "./config");
  refused(with({file("./control"), file("./control")}), "store.duplicate", "./control");
}

TEST_F(Hostile, AnotherFileThanTheLockNames) {
  store::Store store = open();
  store::PackageSource changed = source("x", deb({file("./a")}));
  std::string bytes = read_text(changed.file);
  bytes[bytes.size() - 1200] ^= 1;
  write_text(changed.file, bytes);
  auto added = store::add_packages(store, {changed}, base::silent());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "store.archive-corrupt") << describe(added.error());
  EXPECT_EQ(added.error().field("expected"), changed.sha256);
  EXPECT_EQ(added.error().field("found"), base::sha256(bytes).hex());
  std::filesystem::remove(changed.file);
  added = store::add_packages(store, {changed}, base::silent());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "store.archive-missing");
  ASSERT_EQ(mkfifo(changed.file.c_str(), 0600), 0);
  added = store::add_packages(store, {changed}, base::silent());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "store.archive-missing");
}

}  // namespace
}  // namespace ccci::test
