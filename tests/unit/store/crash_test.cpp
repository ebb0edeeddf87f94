// SPDX-License-Identifier: GPL-3.0-or-later
// SIGKILL before each call that publishing makes: afterwards the object is complete or absent.
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

constexpr const char* state_variable = "CCCI_TEST_STATE";

const std::vector<TarMember> members{file("./usr/bin/x", "program\n", 0755),
                                     file("./usr/share/a", "alpha\n"), symbolic("./usr/l", "a")};

class Crash : public StoreTest {
 protected:
  // Runs this very program as the victim. False: it lived to the end.
  bool killed_at(const std::string& call, int nth) const {
    std::vector<std::string> environment{state_variable + std::string("=") + state().native(),
                                         // What a killed victim leaves goes with this test.
                                         "TMPDIR=" + scratch().path().native(),
                                         "ASAN_OPTIONS=detect_leaks=0"};
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").native();
    const auto outcome = base::real_processes().run(
        {.argv = {"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
                  "inject=" + call + ":signal=KILL:when=" + std::to_string(nth), self,
                  "--gtest_also_run_disabled_tests", "--gtest_filter=Crash.DISABLED_Victim"},
         .environment = environment,
         .directory = {},
         .input = {},
         .capture = true,
         .time_limit = std::chrono::seconds(60)});
    EXPECT_TRUE(outcome) << describe(outcome.error());
    if (!outcome) return false;
    EXPECT_TRUE(outcome->status == 0 || outcome->status == 128 + SIGKILL)
        << outcome->status << outcome->out << outcome->err;
    return outcome->status != 0;
  }
};

// Not a test of its own: what the others kill.
TEST_F(Crash, DISABLED_Victim) {
  const char* place = std::getenv(state_variable);
  ASSERT_NE(place, nullptr);
  auto opened = store::Store::open(place);
  ASSERT_TRUE(opened);
  const std::string bytes = deb(members);
  const auto path = std::filesystem::path(place) / "archives/victim.deb";
  write_text(path, bytes);
  auto added = store::add_packages(
      *opened, {{"victim", "1.0", base::sha256(bytes).hex(), path, store::Format::deb}},
      base::silent(), 1);
  ASSERT_TRUE(added) << describe(added.error());
}

TEST_F(Crash, KilledBeforeEachCallOfPublishing) {
  base::Command probe;
  probe.argv = {"strace", "-qq", "-o", "/dev/null", "true"};
  const auto strace = base::real_processes().run(probe);
  if (!strace || strace->status != 0) GTEST_SKIP() << "strace is not there or may not trace";
  store::PackageSource whole{"victim", "1.0", base::sha256(deb(members)).hex(),
                             state() / "archives/victim.deb", store::Format::deb};
  for (const char* call : {"renameat2", "fsync", "syncfs", "mkdirat", "utimensat", "flock"}) {
    int nth = 1;
    for (; killed_at(call, nth); ++nth) {
      ASSERT_LT(nth, 200) << call;
      store::Store store = open();
      EXPECT_TRUE(staging_is_empty()) << call << " " << nth;
      EXPECT_TRUE(damage(store).empty()) << call << " " << nth;
      // The next run converges.
      write_text(whole.file, deb(members));
      auto again = store::add_packages(store, {whole}, base::silent(), 1);
      EXPECT_TRUE(again) << call << " " << nth;
      EXPECT_EQ(store.list(store::Kind::package).value().size(), 1U);
      EXPECT_TRUE(damage(store).empty()) << call << " " << nth;
      std::filesystem::remove_all(state());
    }
    // A call that is never made would prove nothing.
    EXPECT_GT(nth, 1) << call;
    std::filesystem::remove_all(state());
  }
}

// A small file system of its own, so that a full disk is a real one.
class FullDisk : public StoreTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "mounting a file system needs root";
    const auto image = scratch() / "image";
    { const std::ofstream made(image); }
    std::filesystem::resize_file(image, 12U << 20U);
    std::filesystem::create_directory(state());
    if (!ran({"mkfs.ext4", "-q", "-F", "-m", "0", "-N", "2000", image.native()}) ||
        !ran({"mount", "-o", "loop", image.native(), state().native()})) {
      GTEST_SKIP() << "no loop device can be mounted here";
    }
    mounted_ = true;
  }
  void TearDown() override {
    if (!mounted_) return;
    EXPECT_TRUE(ran({"umount", state().native()}));
  }
  static bool ran(std::vector<std::string> argv) {
    base::Command command;
    command.argv = std::move(argv);
    const auto outcome = base::real_processes().run(command);
    return outcome && outcome->status == 0;
  }

 private:
  bool mounted_ = false;
};

TEST_F(FullDisk, IsSaidInFiguresAndLeavesNothing) {
  store::Store store = open();
  std::vector<TarMember> large;
  for (unsigned i = 0; i < 20; ++i)
    large.push_back(file("./" + std::to_string(i), std::string(1U << 20U, 'x')));
  // Packed it fits; unpacked it does not.
  const store::PackageSource bomb = source("large", deb(large, ".gz"));
  auto added = store::add_packages(store, {bomb}, base::silent());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "store.no-space") << describe(added.error());
  EXPECT_EQ(added.error().field("object"), "large");
  EXPECT_FALSE(added.error().field("needed").empty());
  EXPECT_TRUE(added.error().field("free").ends_with("MB")) << describe(added.error());
  EXPECT_TRUE(staging_is_empty());
  EXPECT_TRUE(store.list(store::Kind::package).value().empty());
  add(store, "small", {file("./a")});
  EXPECT_TRUE(damage(store).empty());
}

TEST_F(FullDisk, OutOfInodesIsSaidToo) {
  store::Store store = open();
  std::vector<TarMember> many;
  for (unsigned i = 0; i < 3000; ++i) many.push_back(file("./" + std::to_string(i), ""));
  auto added = store::add_packages(store, {source("many", deb(many, ".gz"))}, base::silent());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, "store.no-space") << describe(added.error());
  EXPECT_TRUE(staging_is_empty());
}

TEST_F(FullDisk, CanStillBeCollected) {
  store::Store store = open();
  add(store, "a", {file("./a", noise(2U << 20U, 1))});
  const store::Address kept = add(store, "b", {file("./b", noise(1U << 20U, 2))});
  ASSERT_TRUE(store::add_root(store, "ci", kept));
  {
    std::ofstream fill(state() / "fill", std::ios::binary);
    const std::string block(4096, 'f');
    while (fill.write(block.data(), 4096).flush()) continue;
  }
  auto collected = store::collect(store, false, false, base::silent());
  ASSERT_TRUE(collected) << describe(collected.error());
  EXPECT_EQ(collected->removed.size(), 1U);
  EXPECT_GT(collected->bytes, 2U << 20U);
  EXPECT_TRUE(damage(store).empty());
}

}  // namespace
}  // namespace ccci::test
