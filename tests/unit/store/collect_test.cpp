// SPDX-License-Identifier: GPL-3.0-or-later
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <thread>

#include "store/in_use.hpp"
#include "tests/support/no_descriptors.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {
namespace {

using store::Address;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using ::testing::UnorderedElementsAreArray;

// A process that says of itself that it runs in an environment.
class Occupant {
 public:
  explicit Occupant(const std::string& hash) {
    std::string variable = "CC_CI_ENVIRONMENT=" + hash;
    std::array<int, 2> ready{};
    EXPECT_EQ(pipe(ready.data()), 0);
    EXPECT_EQ(pipe2(input_.data(), O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ready[1], STDOUT_FILENO);
      dup2(input_[0], STDIN_FILENO);
      std::array<char*, 2> environment{variable.data(), nullptr};
      execle("/bin/sh", "sh", "-c", "echo; read x", nullptr, environment.data());
      _exit(127);
    }
    close(ready[1]);
    char byte = 0;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);  // it has been executed: its environment is the new one
    close(ready[0]);
  }
  ~Occupant() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(input_[0]);
    close(input_[1]);
  }
  Occupant(const Occupant&) = delete;
  Occupant& operator=(const Occupant&) = delete;
  std::string pid() const { return std::to_string(pid_); }

 private:
  pid_t pid_ = 0;
  std::array<int, 2> input_{};
};

class Collect : public StoreTest {
 protected:
  store::Store store_ = open();
  Address a_ = add(store_, "a", {file("./a", std::string(1000, 'a'))});
  Address b_ = add(store_, "b", {file("./b", std::string(500, 'b'))});
  Address environment_ = link_environment(store_, a_, {a_});

  Address configuration(const std::string& name, const std::vector<Address>& needs) {
    const Address address = store::address(store::Kind::configuration, name, name);
    auto staging = store_.claim(address);
    std::filesystem::create_directory((*staging)->path() / "root");
    base::Json meta;
    store::set_needs(meta, needs);
    const store::Manifest nothing;
    EXPECT_TRUE(store::write_content(**staging, nothing, nothing.digest(), meta));
    EXPECT_TRUE(store_.publish(std::move(**staging)));
    return address;
  }

  store::Collection collect(bool dry_run = false, bool archives = false,
                            const std::function<void(const Address&)>& withdrawn = {}) {
    auto collected = store::collect(store_, dry_run, archives, base::silent(), withdrawn);
    EXPECT_TRUE(collected) << describe(collected.error());
    return collected ? *collected : store::Collection{};
  }
};

TEST_F(Collect, RootsReachWhatTheyNeed) {
  ASSERT_TRUE(store::add_root(store_, "ci", environment_));
  auto roots = store::roots(store_);
  ASSERT_TRUE(roots);
  ASSERT_EQ(roots->size(), 1U);
  EXPECT_EQ(roots->front().name, "root ci");
  EXPECT_EQ(roots->front().object, environment_);
  const store::Collection plan = collect(true);
  EXPECT_THAT(plan.removed, ElementsAre(b_));
  EXPECT_TRUE(store_.has(b_));
  const store::Collection done = collect();
  EXPECT_EQ(done.removed, plan.removed);
  EXPECT_EQ(done.bytes, plan.bytes);
  EXPECT_GE(done.bytes, 500U);
  EXPECT_LT(done.bytes, 1000U + 500U);
  EXPECT_FALSE(store_.has(b_));
  EXPECT_TRUE(store_.has(a_));
  EXPECT_TRUE(store_.has(environment_));
  EXPECT_TRUE(staging_is_empty());
  EXPECT_THAT(damage(store_), IsEmpty());
}

// A kind that is not listed would count as absent, and what its objects need as needless.
TEST_F(Collect, IsNotPlannedFromAStoreThatCannotBeRead) {
  const NoDescriptors none;
  EXPECT_FALSE(store_.list(store::Kind::environment));
  EXPECT_FALSE(store::collect(store_, true, false, base::silent()));
  EXPECT_FALSE(store::roots_in_use(store_));
}

TEST_F(Collect, WithoutRootsEverythingGoes) {
  const store::Collection done = collect();
  EXPECT_THAT(done.removed, UnorderedElementsAre(a_, b_, environment_));
  EXPECT_EQ(done.removed.front(), environment_);  // before what it needs
  EXPECT_THAT(store_.list(store::Kind::package).value(), IsEmpty());
  EXPECT_THAT(collect().removed, IsEmpty());
}

TEST_F(Collect, WhatScriptsMadeGoesWithItsEnvironment) {
  const Address first = configuration("first", {a_});
  const Address second = configuration("second", {first, a_});
  const Address before = configuration("before-all-by-name", {second});
  const Address kept = configuration("kept", {});
  const Address user = link_environment(store_, b_, {b_, kept});
  ASSERT_TRUE(store::add_root(store_, "ci", user));
  std::vector<Address> expected{before, second, first, a_, environment_};
  const store::Collection done = collect();
  EXPECT_THAT(done.removed, UnorderedElementsAreArray(expected));
  const auto at = [&](const Address& one) {
    return std::find(done.removed.begin(), done.removed.end(), one);
  };
  EXPECT_LT(at(before), at(second)) << "an object goes before what it needs";
  EXPECT_LT(at(second), at(first));
  EXPECT_LT(at(first), at(a_));
  EXPECT_THAT(store_.list(store::Kind::configuration).value(), ElementsAre(kept));
}

TEST_F(Collect, WeighsWhatIsSharedOnce) {
  ASSERT_TRUE(store::add_root(store_, "one", environment_));
  ASSERT_TRUE(store::add_root(store_, "two", a_));
  ASSERT_TRUE(store::add_root(store_, "three", b_));
  std::map<std::string, store::Weight> weights;
  for (const store::Weight& weight : collect(true).weights) weights[weight.root] = weight;
  // The environment shares its only file with the package; its description is its own.
  EXPECT_GT(weights["root one"].total, weights["root two"].total);
  EXPECT_LT(weights["root one"].only, 1000U);
  EXPECT_GT(weights["root one"].only, 0U);
  EXPECT_EQ(weights["root two"].only, 0U);
  EXPECT_EQ(weights["root three"].only, weights["root three"].total);
}

TEST_F(Collect, RemovedRootsHoldNothing) {
  ASSERT_TRUE(store::add_root(store_, "ci", environment_));
  ASSERT_TRUE(store::add_root(store_, "ci", b_));  // moves on
  ASSERT_TRUE(store::remove_root(store_, "ci"));
  EXPECT_EQ(store::remove_root(store_, "ci").error().code, "store.unknown-root");
  EXPECT_EQ(collect().removed.size(), 3U);
}

TEST_F(Collect, RootsThatCannotBeAreRefused) {
  for (const char* name : {"", ".hidden", "../x", "a/b", "a b", "a\nb"}) {
    EXPECT_EQ(store::add_root(store_, name, a_).error().code, "store.root-name") << name;
  }
  Address gone = a_;
  gone.hash = std::string(32, '0');
  EXPECT_EQ(store::add_root(store_, "ci", gone).error().code, "store.unknown");
  std::filesystem::create_symlink("/etc", state() / "roots/odd");
  auto refused = store::collect(store_, false, false, base::silent());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "store.root-link");
  EXPECT_TRUE(store_.has(a_));
}

TEST_F(Collect, DoesNotGuessWhatADamagedObjectNeeds) {
  ASSERT_TRUE(store::add_root(store_, "ci", environment_));
  write_text(store_.path(environment_) / "meta.json", "{");
  auto refused = store::collect(store_, false, false, base::silent());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "store.meta");
  EXPECT_TRUE(store_.has(a_));
  std::filesystem::remove(store_.path(environment_) / "meta.json");
  EXPECT_FALSE(store::collect(store_, false, false, base::silent()));
  EXPECT_TRUE(store_.has(a_));
}

TEST_F(Collect, ArchivesGoWithTheirPackages) {
  ASSERT_TRUE(store::add_root(store_, "ci", environment_));
  EXPECT_THAT(collect(true, false).archives, IsEmpty());
  const store::Collection done = collect(false, true);
  ASSERT_EQ(done.archives.size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(store_.archives() / done.archives[0]));
  EXPECT_FALSE(std::filesystem::is_empty(store_.archives()));
}

TEST_F(Collect, KeepsWhatAProcessRunsIn) {
  const Occupant occupant(environment_.hash);
  auto used = store::roots_in_use(store_);
  ASSERT_TRUE(used);
  ASSERT_EQ(used->size(), 1U);
  EXPECT_EQ(used->front().name, "process " + occupant.pid() + " (sh)");
  EXPECT_THAT(collect().removed, ElementsAre(b_));
  EXPECT_TRUE(store_.has(environment_));
}

TEST_F(Collect, WhatIsEnteredMeanwhileComesBack) {
  std::unique_ptr<Occupant> occupant;
  const store::Collection done = collect(false, false, [&](const Address& withdrawn) {
    EXPECT_EQ(withdrawn, environment_);
    EXPECT_FALSE(store_.has(environment_));
    occupant = std::make_unique<Occupant>(environment_.hash);
  });
  EXPECT_THAT(done.removed, ElementsAre(b_));
  EXPECT_TRUE(store_.has(environment_));
  EXPECT_TRUE(store_.has(a_));
  EXPECT_THAT(damage(store_), IsEmpty());
}

TEST_F(Collect, MountsAreRecognisedWhereverTheStateDirectoryLies) {
  const std::string name = environment_.directory();
  const auto line = [](const std::string& root) {
    return "36 35 98:0 " + root + " /usr ro,noatime master:1 - ext4 /dev/root rw\n";
  };
  EXPECT_TRUE(
      store::mounts(line("/var/lib/cc-ci/store/environment/" + name + "/root/usr"), environment_));
  EXPECT_TRUE(store::mounts(line("/store/environment/" + name + "/root/usr"), environment_));
  EXPECT_TRUE(store::mounts(line("/") + line("/staging/" + name + "/root/usr"), environment_));
  EXPECT_TRUE(store::mounts(line("/staging/" + name + "/root/usr//deleted"), environment_));
  EXPECT_TRUE(store::mounts(line("/" + name), environment_));
  EXPECT_FALSE(store::mounts(line("/var/lib/" + name + "-2/usr"), environment_));
  EXPECT_FALSE(store::mounts(line("/usr"), environment_));
  EXPECT_FALSE(store::mounts("garbage\n\n   \n", environment_));
}

TEST_F(Collect, WaitsForBuildsAndRefusesItsOwn) {
  auto hold = store_.hold();
  ASSERT_TRUE(hold);
  EXPECT_EQ(store::collect(store_, false, false, base::silent()).error().code, "store.busy");
  store::Store other = open();
  std::atomic<bool> done{false};
  std::thread collector([&] {
    EXPECT_TRUE(store::collect(other, false, false, base::silent()));
    done = true;
  });
  // It cannot finish: the object that it would remove is still there when the hold ends.
  EXPECT_TRUE(store::add_root(store_, "ci", environment_));
  EXPECT_TRUE(store_.has(b_));
  EXPECT_FALSE(done);
  hold->reset();
  collector.join();
  EXPECT_TRUE(store_.has(environment_));
  EXPECT_FALSE(store_.has(b_));
}

// Otherwise gc would remove the environment of a running job.
TEST(InUse, ProcessesThatCannotBeSeenAreTold) {
  const test::Scratch scratch;
  std::ofstream(scratch.path() / "proc") << "no directory";
  EXPECT_FALSE(store::in_use({}, scratch.path() / "proc").has_value());
}

}  // namespace
}  // namespace ccci::test
