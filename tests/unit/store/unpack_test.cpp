// SPDX-License-Identifier: GPL-3.0-or-later
// Good packages: what comes out of them.
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "store/env_scripts.hpp"
#include "store/unpack.hpp"
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
  static std::int64_t time_of(store::Store& store, const store::Address& address,
                              const std::string& path) {
    struct stat status {};
    const auto file = store.path(address) / "root" / path;
    EXPECT_EQ(lstat(file.c_str(), &status), 0) << file;
    EXPECT_EQ(status.st_mtim.tv_nsec, 0) << file;
    return status.st_mtim.tv_sec;
  }
  store::Manifest scratch_unpack(const store::PackageSource& package) {
    const auto place = scratch() / "unpacked";
    std::filesystem::remove_all(place);
    std::filesystem::create_directory(place);
    const base::Fd directory(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto unpacked = store::unpack(package, directory.get(), {});
    EXPECT_TRUE(unpacked) << describe(unpacked.error());
    return unpacked ? unpacked->manifest : store::Manifest{};
  }
  // A zip with one stored member of 1 January 2020 in local time, and no other time.
  static std::string zip(const std::string& name, const std::string& content) {
    std::uint32_t crc = ~0U;
    for (const char byte : content) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
    }
    const auto number = [](std::uint64_t value, int bytes) {
      std::string text;
      for (; bytes > 0; --bytes, value >>= 8U) text.push_back(static_cast<char>(value & 255U));
      return text;
    };
    const std::string about = number(20, 2) + number(0, 4) + number(0, 2) +
                              number(40U << 9U | 33U, 2) + number(~crc, 4) +
                              number(content.size(), 4) + number(content.size(), 4) +
                              number(name.size(), 2) + number(0, 2);
    const std::string local = "PK\3\4" + about + name + content;
    const std::string entry = "PK\1\2" + number(20, 2) + about + number(0, 14) + name;
    return local + entry + "PK\5\6" + number(0, 4) + number(1, 2) + number(1, 2) +
           number(entry.size(), 4) + number(local.size(), 4) + number(0, 2);
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
  EXPECT_EQ(store.list(store::Kind::package).value().size(), 4U);
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
  EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000);
  ASSERT_EQ(lstat((root / "usr/share/doc/x/copyright").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  ASSERT_EQ(lstat((root / "usr/bin/x").c_str(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'700'000'000);
  EXPECT_EQ((*store::read_meta(store, address))["dropped"], base::Json({"setuid bin/su"}));
  EXPECT_EQ(*store::control_file(store, address, "control"), "Package: x\nVersion: 1\n");
  EXPECT_EQ(*store::control_file(store, address, "postinst"), "");
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(Unpack, FilesAndLinksKeepTheirTimesWithinBounds) {
  store::Store store = open();
  const auto timed = [](TarMember member, std::uint64_t time) {
    member.time = time;
    return member;
  };
  const std::string pax_times = pax({{"mtime", "-5.25"}}) + tar_member(file("./early")) +
                                pax({{"mtime", "99999999999999"}}) + tar_member(file("./late")) +
                                pax({{"mtime", "1600000000.987654321"}}) +
                                tar_member(file("./fine"));
  const store::Address address =
      add(store, source("x", deb_around(tar_member(timed(file("./a"), 86400)) +
                                        tar_member(timed(symbolic("./l", "a"), 172800)) +
                                        tar_member(timed(hard("./b", "./a"), 5)) + pax_times +
                                        std::string(1024, '\0'))));
  EXPECT_EQ(time_of(store, address, "a"), 86400);
  EXPECT_EQ(time_of(store, address, "b"), 86400);
  EXPECT_EQ(time_of(store, address, "l"), 172800);
  EXPECT_EQ(time_of(store, address, "early"), 0);
  EXPECT_EQ(time_of(store, address, "late"), store::latest_time);
  EXPECT_EQ(time_of(store, address, "fine"), 1'600'000'000);
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(Unpack, DirectoriesDifferInTimeWhereTheirContentsDiffer) {
  store::Store store = open();
  const auto directory_time = [&](const std::string& content, std::uint64_t time) {
    TarMember member = file("./usr/include/toy.h", content);
    member.time = time;
    const store::Address address =
        add(store, source("x", deb({directory("./usr/include/"), std::move(member)})));
    const std::int64_t found = time_of(store, address, "usr/include");
    EXPECT_GE(found, store::normal_time);
    EXPECT_LT(found, 900'000'000);
    EXPECT_NE(found, time_of(store, address, "usr"));
    return found;
  };
  const std::int64_t first = directory_time("1", 1'600'000'000);
  EXPECT_NE(directory_time("2", 1'600'000'000), first);
  EXPECT_NE(directory_time("1", 1'600'000'001), first);
}

TEST_F(Unpack, BareProgramsAndZipsGetATimeFromTheirContent) {
  store::Store store = open();
  const store::Address one = add(store, source("abra", "#!/bin/sh\n1\n", Format::archive));
  const store::Address two = add(store, source("abra", "#!/bin/sh\n2\n", Format::archive));
  EXPECT_NE(time_of(store, one, "abra"), time_of(store, two, "abra"));
  EXPECT_LT(time_of(store, one, "abra"), 900'000'000);
  std::set<std::int64_t> times;
  for (const char* zone : {"UTC", "Pacific/Kiritimati"}) {
    setenv("TZ", zone, 1);
    tzset();
    const std::string bytes = zip("bin/tool", "x");
    auto unpacked = scratch_unpack(source("tool", bytes, Format::archive));
    ASSERT_NE(unpacked.find("bin/tool"), nullptr);
    times.insert(unpacked.find("bin/tool")->time);
  }
  unsetenv("TZ");
  tzset();
  EXPECT_EQ(times, std::set{store::derived_time(base::sha256("x"))});
}

TEST_F(Unpack, ListsTheFilesThatEnvStarts) {
  store::Store store = open();
  const store::Address address = add(
      store, "x",
      {file("./usr/bin/a", "#!/usr/bin/env node\nx\n", 0755), hard("./usr/bin/b", "./usr/bin/a"),
       file("./usr/lib/c.js", "#! /bin/env -S node --x\n"), file("./d", "#!/usr/bin/node\n"),
       file("./e", "#!/usr/bin/envoy\n"), file("./f", "#!/usr/bin/env node")});
  const auto scripts = store::env_scripts(store, address);
  ASSERT_TRUE(scripts);
  EXPECT_EQ(*scripts, (std::vector<store::EnvScript>{{"usr/bin/a", "#!/usr/bin/env node"},
                                                     {"usr/bin/b", "#!/usr/bin/env node"},
                                                     {"usr/lib/c.js", "#! /bin/env -S node --x"}}));
  EXPECT_TRUE(store::env_scripts(store, add(store, "y", ordinary))->empty());
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

TEST_F(Unpack, LongListsAndScriptsAreNoReasonToRefuse) {
  store::Store store = open();
  const std::string list(2U << 20U, 'x');
  const std::string control = tar({file("./control"), file("./config", list),
                                   file("./md5sums", list), file("./symbols", list)});
  const std::string bytes =
      ar({{"debian-binary", "2.0\n"}, {"control.tar", control}, {"data.tar", tar(ordinary)}});
  const store::Address address = add(store, source("x", bytes));
  EXPECT_EQ(read_text(store.path(address) / "control" / "symbols"), list);
  EXPECT_EQ(control_file(store, address, "config").value(), list);
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
  EXPECT_EQ(store.list(store::Kind::package).value().size(), 40U);
  EXPECT_TRUE(staging_is_empty());
  EXPECT_TRUE(damage(store).empty());
}

// Returns how often the early work was called, and -1 if the early packages were not there then.
int calls_of_early_work(store::Store& store, const std::vector<store::PackageSource>& sources,
                        const std::vector<store::PackageSource>& early) {
  int calls = 0;
  store::Early wanted;
  for (const store::PackageSource& one : early) wanted.objects.insert(package_address(one));
  wanted.then = [&] {
    const bool all = std::all_of(wanted.objects.begin(), wanted.objects.end(),
                                 [&](const store::Address& object) { return store.has(object); });
    calls = all ? calls + 1 : -1;
  };
  static_cast<void>(store::add_packages(store, sources, base::silent(), 2, {}, wanted));
  return calls;
}

TEST_F(Unpack, EarlyPackagesComeFirstAndTheirWorkIsCalledOnce) {
  store::Store store = open();
  std::vector<store::PackageSource> sources;
  for (int i = 0; i < 12; ++i) {
    sources.push_back(source("p" + std::to_string(i),
                             deb({file("./usr/share/" + std::to_string(i),
                                       std::string(static_cast<std::size_t>(40000 - i), 'x'))})));
  }
  const std::vector<store::PackageSource> early{sources[9], sources[11]};
  EXPECT_EQ(calls_of_early_work(store, sources, early), 1);
  EXPECT_EQ(store.list(store::Kind::package).value().size(), 12U);
  EXPECT_EQ(calls_of_early_work(store, sources, early), 0) << "nothing was missing";
}

TEST_F(Unpack, TheWorkThatNeedsAnEarlyPackageIsNotCalledIfThatIsBad) {
  store::Store store = open();
  const std::vector<store::PackageSource> early{source("good", deb({file("./usr/share/a", "a")})),
                                                source("bad", deb({file("/abs")}))};
  std::vector<store::PackageSource> sources = early;
  sources.push_back(source("other", deb({file("./usr/share/b", "b")})));
  EXPECT_EQ(calls_of_early_work(store, sources, early), 0);
  EXPECT_EQ(store.list(store::Kind::package).value().size(), 2U);
  EXPECT_TRUE(staging_is_empty());
}

}  // namespace
}  // namespace ccci::test
