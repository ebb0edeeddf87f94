// SPDX-License-Identifier: GPL-3.0-or-later
// Whole wheels, good and hostile.
#include "store/unpack.hpp"
#include "store/wheel.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

struct ZipMember {
  std::string name;
  std::string content;
  unsigned mode = 0644;
  bool link = false;
};

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8U) text.push_back(static_cast<char>(value & 255U));
  return text;
}

std::uint64_t crc_of(const std::string& content) {
  std::uint32_t crc = ~0U;
  for (const char byte : content) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return static_cast<std::uint32_t>(~crc);
}

// A zip with stored members, made by Unix.
std::string zip_of(const std::vector<ZipMember>& members) {
  std::string files;
  std::string table;
  for (const ZipMember& member : members) {
    const std::string about = number(20, 2) + number(0, 4) + number(0, 2) +
                              number(40U << 9U | 33U, 2) + number(crc_of(member.content), 4) +
                              number(member.content.size(), 4) + number(member.content.size(), 4) +
                              number(member.name.size(), 2) + number(0, 2);
    const std::uint64_t mode = (member.link ? 0120000U : 0100000U) | member.mode;
    table += "PK\1\2" + number(3U << 8U | 20U, 2) + about + number(0, 2) + number(0, 2) +
             number(0, 2) + number(mode << 16U, 4) + number(files.size(), 4) + member.name;
    files += "PK\3\4" + about + member.name + member.content;
  }
  return files + table + "PK\5\6" + number(0, 4) + number(members.size(), 2) +
         number(members.size(), 2) + number(table.size(), 4) + number(files.size(), 4) +
         number(0, 2);
}

// Without padding, with '-' and '_'.
std::string base64(const std::string& content) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string result;
  unsigned value = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : base::sha256(content).bytes) {
    value = value << 8U | byte;
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      result += digits[value >> bits & 63U];
    }
    value &= 63U;
  }
  return result + digits[value << (6 - bits) & 63U];
}

class Wheel : public StoreTest {
 protected:
  static std::vector<ZipMember> members() {
    return {
        {"Good_One/__init__.py", "x = 1\n"},
        {"Good_One/tool", "#!/bin/sh\n", 0755},
        {"good_one-1.0.data/scripts/old", "#!python -u\nprint(1)\n"},
        {"good_one-1.0.data/data/share/good/x", "x\n"},
        {"good_one-1.0.data/headers/x.h", "x\n"},
        {"good_one-1.0.data/purelib/pure.py", "x = 2\n"},
        {"good_one-1.0.dist-info/METADATA", "Name: good-one\n"},
        {"good_one-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"},
        {"good_one-1.0.dist-info/entry_points.txt", "[console_scripts]\ngood = Good_One:main\n"}};
  }
  static std::string record_of(const std::vector<ZipMember>& list) {
    std::string text;
    for (const ZipMember& member : list) {
      text += member.name + ",sha256=" + base64(member.content) + "," +
              std::to_string(member.content.size()) + "\n";
    }
    return text + "good_one-1.0.dist-info/RECORD,,\n";
  }

  base::Result<store::Unpacked> unpack(std::vector<ZipMember> list, std::string record,
                                       const std::string& version = "1.0",
                                       const store::Limits& limits = {}) {
    list.push_back({"good_one-1.0.dist-info/RECORD", std::move(record)});
    const auto file = scratch() / "good.whl";
    const std::string bytes = zip_of(list);
    std::ofstream(file) << bytes;
    const auto place = scratch() / "unpacked";
    std::filesystem::remove_all(place);
    std::filesystem::create_directory(place);
    const base::Fd directory(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    store::PackageSource source;
    source.name = "pypi:good-one";
    source.version = version;
    source.sha256 = base::sha256(bytes).hex();
    source.file = file;
    source.format = store::Format::wheel;
    return store::unpack(source, directory.get(), limits);
  }
  std::string code(const std::vector<ZipMember>& list, const std::string& record,
                   const std::string& version = "1.0") {
    const auto unpacked = unpack(list, record, version);
    return unpacked ? "good" : unpacked.error().code;
  }
  std::string with(ZipMember member) {
    std::vector<ZipMember> list = members();
    list.push_back(std::move(member));
    return code(list, record_of(list));
  }
};

TEST_F(Wheel, EveryPartHasItsPlace) {
  const auto unpacked = unpack(members(), record_of(members()));
  ASSERT_TRUE(unpacked) << describe(unpacked.error());
  const store::Manifest& manifest = unpacked->manifest;
  const std::string lib = std::string(store::python_modules) + "/";
  const std::string bin = std::string(store::python_programs) + "/";
  for (const std::string& path :
       {lib + "Good_One/__init__.py", lib + "pure.py", lib + "good_one-1.0.dist-info/METADATA",
        lib + "good_one-1.0.dist-info/INSTALLER", std::string("usr/share/good/x")}) {
    EXPECT_NE(manifest.find(path), nullptr) << path;
  }
  EXPECT_TRUE(manifest.find(lib + "Good_One/tool")->executable);
  EXPECT_TRUE(manifest.find(bin + "good")->executable);
  EXPECT_TRUE(manifest.find(bin + "old")->executable);
  EXPECT_EQ(manifest.find(bin + "old")->content, base::sha256("#!/usr/bin/python3 -u\nprint(1)\n"));
  for (const store::Entry& entry : manifest.entries) {
    EXPECT_EQ(entry.path.find("x.h"), std::string::npos);
  }
}

TEST_F(Wheel, ItsListOfDigestsMustBeTrue) {
  std::vector<ZipMember> altered = members();
  altered[0].content = "x = 2\n";
  EXPECT_EQ(code(altered, record_of(members())), "store.wheel-record");
  altered = members();
  altered[2].content += "#";
  EXPECT_EQ(code(altered, record_of(members())), "store.wheel-record");
  std::vector<ZipMember> fewer = members();
  fewer.erase(fewer.begin());
  EXPECT_EQ(code(fewer, record_of(members())), "store.wheel-record");
  EXPECT_EQ(code(members(), record_of(fewer)), "store.wheel-record");
  EXPECT_EQ(code(members(), ""), "store.wheel-record");
}

TEST_F(Wheel, ItMustBeTheLockedOne) {
  EXPECT_EQ(code(members(), record_of(members()), "2.0"), "store.wheel-form");
  std::vector<ZipMember> list = members();
  list.push_back({"other-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n"});
  EXPECT_EQ(code(list, record_of(list)), "store.wheel-form");
  list = members();
  list[7].content = "Wheel-Version: 2.0\n";
  EXPECT_EQ(code(list, record_of(list)), "store.wheel-form");
}

TEST_F(Wheel, NothingLeavesItsPlace) {
  EXPECT_EQ(with({"../../etc/x", "x"}), "store.name-escapes");
  EXPECT_EQ(with({"Good_One/../../../../bin/x", "x"}), "store.name-escapes");
  EXPECT_EQ(with({"good_one-1.0.data/scripts/a/../../../x", "x"}), "store.name-escapes");
  EXPECT_EQ(with({"good_one-1.0.data/scripts/sub/x", "x"}), "store.wheel-script");
  EXPECT_EQ(with({"Good_One/link", "/etc/passwd", 0777, true}), "store.wheel-form");
  EXPECT_EQ(with({"good_one-1.0.data/data/bin/sh", "x"}), "good");
  EXPECT_FALSE(std::filesystem::exists(scratch() / "unpacked/root/bin"));
  std::vector<ZipMember> list = members();
  list[8].content = "[console_scripts]\n../../../bin/sh = Good_One:main\n";
  EXPECT_EQ(code(list, record_of(list)), "store.wheel-script");
}

TEST_F(Wheel, ABombIsStopped) {
  store::Limits limits;
  limits.bytes = 10'000;
  for (const char* name : {"Good_One/zeros", "good_one-1.0.data/headers/zeros"}) {
    std::vector<ZipMember> list = members();
    list.push_back({name, std::string(20'000, '\0')});
    const auto unpacked = unpack(list, record_of(list), "1.0", limits);
    ASSERT_FALSE(unpacked) << name;
    EXPECT_EQ(unpacked.error().code, "store.bomb");
  }
}

TEST_F(Wheel, ADamagedFileIsNamed) {
  const auto file = scratch() / "broken.whl";
  std::ofstream(file) << "not a zip";
  store::PackageSource source;
  source.name = "pypi:good-one";
  source.version = "1.0";
  source.sha256 = base::sha256("not a zip").hex();
  source.file = file;
  source.format = store::Format::wheel;
  const auto place = scratch() / "unpacked";
  std::filesystem::create_directory(place);
  const base::Fd directory(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto unpacked = store::unpack(source, directory.get(), {});
  ASSERT_FALSE(unpacked);
  EXPECT_EQ(unpacked.error().field("package"), "pypi:good-one 1.0");
}

}  // namespace
}  // namespace ccci::test
