// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/private_engine.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <thread>

#include "base/child.hpp"
#include "engine/cgroups.hpp"
#include "engine/containers.hpp"
#include "engine/shared_engine.hpp"
#include "tests/engine/fixture.hpp"
#include "tests/engine/image.hpp"

namespace ccci::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

class PrivateEngineTest : public testing::Test {
 protected:
  PrivateEngine started(const std::string& name) {
    const auto begin = std::chrono::steady_clock::now();
    auto engine = PrivateEngine::start(setup_in(directory, name));
    if (!engine) ADD_FAILURE() << words(engine.error());
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    RecordProperty("ready_ms", static_cast<int>(time.count() * 1000));
    return std::move(*engine);
  }

  // Processes, control groups, mounts and files of the engine that this host still has.
  std::vector<std::string> traces(const std::string& name) {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      // Empty if the process ends meanwhile: an iterator over the file would throw then.
      const std::string line = test::read_text(entry.path() / "cmdline");
      if (line.find("/cc-ci/" + name + "/containers") != std::string::npos)
        found.push_back(entry.path().native());
    }
    const auto grouped = Cgroups::of(name).processes().value();
    for (const pid_t process : grouped) found.push_back("grouped " + std::to_string(process));
    for (const auto& hierarchy : fs::directory_iterator("/sys/fs/cgroup")) {
      if (fs::exists(hierarchy.path() / "cc-ci" / name)) found.push_back(hierarchy.path().native());
    }
    if (test::read_text("/proc/self/mountinfo").find(directory.native()) != std::string::npos)
      found.push_back("a mount");
    for (const char* end : {"", ".json", ".lock"}) {
      if (fs::exists(directory / (name + end))) found.push_back("file " + name + end);
    }
    return found;
  }

  // A process that starts the engine, says so and then only waits.
  pid_t owner_of(const std::string& name, bool keep = false) {
    base::Pipe pipe = base::make_pipe();
    const pid_t child = fork();
    if (child == 0) {
      auto engine = PrivateEngine::start(setup_in(directory, name));
      if (engine && keep && !engine->keep()) _exit(1);
      static_cast<void>(!write(pipe.write.get(), engine ? "y" : "n", 1));
      if (keep) _exit(0);
      for (;;) pause();
    }
    pipe.write.reset();
    char answer = 0;
    EXPECT_EQ(read(pipe.read.get(), &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    return child;
  }

  void end(pid_t process) {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
  }

  test::Scratch scratch;
  fs::path directory = scratch / "engines";
};

TEST_F(PrivateEngineTest, is_a_swarm_of_one_node_and_leaves_nothing) {
  PrivateEngine engine = started("one");
  const auto info = engine.api().info();
  ASSERT_TRUE(info) << words(info.error());
  EXPECT_EQ((*info)["Swarm"]["LocalNodeState"].text_or_empty(), "active");
  EXPECT_EQ((*info)["Swarm"]["Nodes"].number(), 1U);
  EXPECT_EQ((*info)["Name"].text_or_empty(), "engine");
  EXPECT_GT(engine.peak_memory().value_or(1), 0U);
  EXPECT_FALSE(engine.ended());
  const Teardown teardown = engine.stop();
  EXPECT_THAT(teardown.left, IsEmpty());
  RecordProperty("teardown_ms", static_cast<int>(teardown.time.count()));
  EXPECT_THAT(traces("one"), IsEmpty());
  EXPECT_FALSE(fs::exists("/opt/containerd"));
  EXPECT_FALSE(fs::exists("/run/containerd"));
}

// It starts another containerd and answers as before.
TEST_F(PrivateEngineTest, that_has_lost_its_containerd_is_not_well) {
  PrivateEngine engine = started("lost");
  ASSERT_TRUE(engine.check()) << words(engine.check().error());
  pid_t runner = 0;
  const auto namespace_of = [](const fs::path& process) {
    std::error_code error;
    return fs::read_symlink(process / "ns/pid", error);
  };
  const fs::path own = namespace_of("/proc/" + std::to_string(engine.process()));
  for (const auto& entry : fs::directory_iterator("/proc"))
    if (test::read_text(entry.path() / "comm") == "containerd\n" &&
        namespace_of(entry.path()) == own)
      runner = std::stoi(entry.path().filename());
  ASSERT_GT(runner, 0);
  ASSERT_EQ(kill(runner, SIGKILL), 0);
  auto checked = engine.check();
  for (int i = 0; i < 1000 && checked; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    checked = engine.check();
  }
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, "engine.lost");
  EXPECT_EQ(checked.error().field("daemon"), "containerd");
  EXPECT_THAT(engine.stop().left, IsEmpty());
}

// Its data are at a path that only its own mounts have, as with an engine in a container.
TEST_F(PrivateEngineTest, cannot_be_shared) {
  EngineSetup setup = setup_in(directory, "alone");
  setup.swarm = false;
  auto engine = PrivateEngine::start(setup);
  ASSERT_TRUE(engine) << words(engine.error());
  std::vector<Reaped> reaped;
  const SharedSetup guest{directory, "guest", setup.entry, engine->api().socket().native()};
  EXPECT_EQ(SharedEngine::start(guest, reaped).error().code, "engine.no-swarm");
  ASSERT_TRUE(engine->api().begin_swarm());
  EXPECT_EQ(SharedEngine::start(guest, reaped).error().code, "engine.elsewhere");
  EXPECT_THAT(traces("guest"), IsEmpty());
  engine->stop();
  EXPECT_EQ(SharedEngine::start(guest, reaped).error().code, "engine.no-engine");
}

TEST_F(PrivateEngineTest, has_a_network_of_its_own) {
  PrivateEngine engine = started("net");
  struct stat own {};
  struct stat engines {};
  ASSERT_EQ(stat("/proc/self/ns/net", &own), 0);
  const std::string path = "/proc/" + std::to_string(engine.process()) + "/ns/net";
  ASSERT_EQ(stat(path.c_str(), &engines), 0);
  EXPECT_NE(own.st_ino, engines.st_ino);
}

TEST_F(PrivateEngineTest, does_not_meet_another_one) {
  PrivateEngine one = started("left");
  PrivateEngine two = started("right");
  EXPECT_NE((*one.api().info())["Swarm"]["NodeID"].text_or_empty(),
            (*two.api().info())["Swarm"]["NodeID"].text_or_empty());
  EXPECT_THAT(one.stop().left, IsEmpty());
  EXPECT_TRUE(two.api().info());
  EXPECT_EQ(PrivateEngine::start(setup_in(directory, "right")).error().code, "engine.exists");
}

TEST_F(PrivateEngineTest, ends_with_its_owner_and_is_reaped_by_the_next) {
  const pid_t owner = owner_of("killed");
  EXPECT_THAT(traces("killed"), testing::Not(IsEmpty()));
  Records records(directory);
  EXPECT_THAT(*reap(records), IsEmpty());  // its owner lives
  end(owner);
  const auto reaped = reap(records);
  ASSERT_TRUE(reaped);
  EXPECT_THAT(*reaped, testing::ElementsAre(Reaped{"killed", {}}));
  EXPECT_THAT(traces("killed"), IsEmpty());
}

TEST_F(PrivateEngineTest, ends_completely_when_its_keeper_is_killed) {
  PrivateEngine engine = started("beheaded");
  kill(engine.process(), SIGKILL);
  for (int i = 0; i < 500 && !engine.ended(); ++i) usleep(10'000);
  ASSERT_TRUE(engine.ended());
  EXPECT_EQ(engine.ended()->code, "engine.ended");
  EXPECT_THAT(engine.stop().left, IsEmpty());
  EXPECT_THAT(traces("beheaded"), IsEmpty());
}

TEST_F(PrivateEngineTest, outlives_its_owner_if_it_is_kept) {
  const pid_t owner = owner_of("kept", true);
  waitpid(owner, nullptr, 0);
  Records records(directory);
  EXPECT_THAT(*reap(records), IsEmpty());
  const auto api = Api::connect(directory / "kept/docker.sock");
  ASSERT_TRUE(api) << words(api.error());
  EXPECT_TRUE(api->info());
  const auto removed = remove_engine(records, "kept");
  ASSERT_TRUE(removed) << words(removed.error());
  EXPECT_THAT(removed->left, IsEmpty());
  EXPECT_THAT(traces("kept"), IsEmpty());
}

TEST_F(PrivateEngineTest, may_have_its_data_in_memory) {
  EngineSetup setup = setup_in(directory, "memory");
  setup.memory = 1U << 30U;
  const auto begin = std::chrono::steady_clock::now();
  auto engine = PrivateEngine::start(setup);
  ASSERT_TRUE(engine) << words(engine.error());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  RecordProperty("ready_ms", static_cast<int>(time.count() * 1000));
  EXPECT_EQ((*engine->api().info())["Driver"].text_or_empty(), "overlay2");
  EXPECT_TRUE(fs::is_empty(directory / "memory/data"));
  const Teardown teardown = engine->stop();
  RecordProperty("teardown_ms", static_cast<int>(teardown.time.count()));
  EXPECT_THAT(teardown.left, IsEmpty());
  EXPECT_THAT(traces("memory"), IsEmpty());
}

TEST_F(PrivateEngineTest, has_the_images_of_its_seeds_at_once) {
  const std::string busybox = test::read_text(getenv("CCCI_ENGINE_BUSYBOX"));
  const auto seed = [&](const std::string& name) {
    const TestImage image({name + ":1", name + ":2"}, busybox + name, {"sleep", "1000"});
    test::write_text(scratch / "image.tar", image.docker_archive());
    const auto file = base::open_path(scratch / "image.tar", O_RDONLY);
    const auto names = make_seed(setup_in(directory, "seed"), file->get(), scratch / name);
    EXPECT_TRUE(names) << words(names.error());
    EXPECT_THAT(traces("seed"), IsEmpty());
    return scratch / name;
  };
  EngineSetup setup = setup_in(directory, "seeded");
  setup.seeds = {seed("app"), seed("db")};
  for (const std::uint64_t memory : {0U, 1U << 30U}) {
    setup.memory = memory;
    auto engine = PrivateEngine::start(setup);
    ASSERT_TRUE(engine) << words(engine.error());
    for (const char* name : {"app:1", "app:2", "db:1", "db:2"}) {
      const auto found = find_image(engine->api(), name);
      ASSERT_TRUE(found) << words(found.error());
      EXPECT_TRUE(*found) << name;
    }
    base::Json body{{"Image", "db:2"}};
    body["Cmd"] = base::Json::array({"sh", "-c", "echo changed >>/etc/passwd; cat /etc/passwd"});
    const auto made = engine->api().post("/containers/create", body);
    ASSERT_TRUE(made) << words(made.error());
    const std::string id = (*made)["Id"].text_or_empty();
    const auto begun = engine->api().post("/containers/" + id + "/start", {});
    ASSERT_TRUE(begun) << words(begun.error());
    ASSERT_TRUE(engine->api().post("/containers/" + id + "/wait", {}));
    EXPECT_THAT(container_logs(engine->api(), id)->out, HasSubstr("changed"));
    EXPECT_THAT(engine->stop().left, IsEmpty());
    EXPECT_THAT(traces("seeded"), IsEmpty());
  }
}

// What a program beside the engine says first.
std::string said_beside(const PrivateEngine& engine, std::optional<Companion>& companion,
                        const std::string& line) {
  base::Pipe pipe = base::make_pipe();
  auto started = engine.start_beside({"/bin/sh", "-c", line}, pipe.write.get());
  EXPECT_TRUE(started) << words(started.error());
  if (!started) return {};
  companion.emplace(std::move(*started));
  pipe.write.reset();
  std::array<char, 64> said{};
  EXPECT_GT(read(pipe.read.get(), said.data(), said.size() - 1), 0);
  return said.data();
}

TEST_F(PrivateEngineTest, has_companions_that_end_with_it) {
  PrivateEngine engine = started("pair");
  std::optional<Companion> companion;
  const std::string network =
      said_beside(engine, companion, "readlink /proc/self/ns/net; exec sleep 1000");
  const std::string keeper = "/proc/" + std::to_string(engine.process()) + "/ns/net";
  EXPECT_EQ(network, fs::read_symlink(keeper).native() + "\n");
  EXPECT_TRUE(companion->runs());
  EXPECT_THAT(engine.stop().left, IsEmpty());
  EXPECT_FALSE(companion->runs());
  EXPECT_THAT(traces("pair"), IsEmpty());
}

// Whatever the first process of the host does: the namespaces end when all in them is reaped.
TEST_F(PrivateEngineTest, has_companions_that_the_keeper_reaps) {
  PrivateEngine engine = started("reaper");
  std::optional<Companion> companion;
  std::string own = said_beside(engine, companion, "echo $$; exec sleep 1000");
  own.erase(own.find('\n'));
  std::optional<Companion> other;
  EXPECT_EQ(said_beside(engine, other, "read -r a b c d e </proc/" + own + "/stat; echo $d"),
            "1\n");
}

// A kill at any moment of the start, the swarm or the first call.
TEST_F(PrivateEngineTest, is_reaped_wherever_its_owner_was_killed) {
  const char* const wanted = getenv("CCCI_KILLS");
  const int kills = wanted == nullptr ? 12 : std::stoi(wanted);
  std::mt19937 random(static_cast<unsigned>(getpid()));
  for (int i = 0; i < kills; ++i) {
    const std::string name = "kill-" + std::to_string(i);
    const pid_t owner = fork();
    if (owner == 0) {
      const auto engine = PrivateEngine::start(setup_in(directory, name));
      for (;;) pause();
    }
    const auto delay = std::uniform_int_distribution<useconds_t>(0, 1'200'000)(random);
    usleep(delay);
    end(owner);
    Records records(directory);
    const auto reaped = reap(records);
    ASSERT_TRUE(reaped) << words(reaped.error());
    for (const Reaped& one : *reaped) EXPECT_THAT(one.left, IsEmpty()) << delay;
    EXPECT_THAT(traces(name), IsEmpty()) << "killed after " << delay << " us";
  }
}

TEST_F(PrivateEngineTest, says_why_it_did_not_start) {
  EngineSetup setup = setup_in(directory, "bad");
  setup.entry = {"/bin/false"};
  const auto engine = PrivateEngine::start(setup);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, "engine.ended");
  EXPECT_EQ(engine.error().field("status"), "1");
  EXPECT_THAT(traces("bad"), IsEmpty());
}

}  // namespace
}  // namespace ccci::engine
