// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/private_engine.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "engine/cgroups.hpp"
#include "engine/image_archive.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds probe_pause{5};
constexpr std::uint64_t log_lines = 2048;

// In the engine's root: says so, waits until its mounts are prepared, and becomes the engine. The
// words of the engine are arguments, so the shell parses none of them.
constexpr const char* handshake = "printf e >&3 && read -r go <&4 && exec \"$@\" 3>&- 4<&-";

std::vector<std::string> environment() {
  return {std::string("PATH=") + base::standard_path, "LC_ALL=C.UTF-8", "HOME=/run"};
}

std::string tail_of(const fs::path& file, std::size_t bytes) {
  const base::Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat found {};
  if (!fd || fstat(fd.get(), &found) != 0) return {};
  const off_t wanted = static_cast<off_t>(bytes);
  const off_t from = std::max<off_t>(0, found.st_size - wanted);
  std::string text(bytes, '\0');
  const ssize_t size = pread(fd.get(), text.data(), text.size(), from);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  if (from > 0) text.erase(0, std::min(text.size(), text.find('\n') + 1));
  return text;
}

// The last lines that say what went wrong.
std::string reasons(const std::string& log) {
  std::vector<std::string> kept;
  for (const std::string_view line : base::split(log, '\n')) {
    if (line.empty() || line.find("level=info") != std::string_view::npos) continue;
    kept.emplace_back(line);
  }
  if (kept.size() > 3) kept.erase(kept.begin(), kept.end() - 3);
  return base::join(kept, "\n");
}

}  // namespace

struct PrivateEngine::State {
  explicit State(const EngineSetup& wanted)
      : setup(wanted), records(wanted.directory), groups(Cgroups::of(wanted.name)) {}

  EngineSetup setup;
  Records records;
  Record record;
  base::Fd lock;
  Cgroups groups;
  std::optional<Keeper> keeper;
  std::optional<Api> api;
  std::optional<Teardown> teardown;
  bool kept = false;

  fs::path place() const { return records.place(setup.name); }
  fs::path socket() const { return place() / "docker.sock"; }
  base::Result<void> launch();
  base::Result<void> await_swarm();
  base::Result<void> check_driver();
  Teardown end(const std::function<void(const fs::path&)>& rescue);
};

std::vector<std::string> engine_command(const EngineSetup& setup, const std::string& groups) {
  std::vector<std::string> command = setup.entry;
  const std::string inside = inside_directory;
  for (const std::string& word : std::vector<std::string>{
           // An environment's PATH has only its tools; the daemons call iptables, runc and others.
           "/usr/bin/env", std::string("PATH=") + base::standard_path, "/bin/sh", "-c", handshake,
           "engine", "dockerd", "--host=unix://" + inside + "/docker.sock",
           std::string("--data-root=") + inside_data, "--exec-root=/run/docker",
           "--pidfile=/run/docker.pid", "--bridge=none", "--cgroup-parent=" + groups,
           // What one container writes must not fill the disk.
           "--log-level=warn", "--log-opt=max-size=20m", "--log-opt=max-file=2",
           // systemd is not reachable from these namespaces.
           "--exec-opt=native.cgroupdriver=cgroupfs"}) {
    command.push_back(word);
  }
  return command;
}

base::Result<void> PrivateEngine::State::launch() {
  record.name = setup.name;
  record.boot = boot_id();
  record.owner = name_process(getpid()).value_or(ProcessName{});
  CCCI_TRY(lock, records.create(record));
  CCCI_TRY(const base::Fd directory, base::open_path(place(), O_RDONLY | O_DIRECTORY));
  CCCI_TRY(const base::Fd log,
           base::open_path(place() / "engine.log", O_WRONLY | O_CREAT | O_APPEND, 0600));
  Keeping keeping;
  keeping.directory = directory.get();
  keeping.path = place().native();
  keeping.memory = setup.memory;
  CCCI_TRY(keeping.mounts, seed_mounts(setup.seeds));
  keeping.prepare = [this](const fs::path& data) { return plant(setup.seeds, data); };
  keeping.log = log.get();
  keeping.cgroups = groups.create();
  keeping.argv = engine_command(setup, groups.containers());
  keeping.environment = environment();
  CCCI_TRY(keeper, Keeper::start(keeping));
  record.keeper = name_process(keeper->process()).value_or(ProcessName{});
  return records.update(record);
}

// An engine with another driver or another image store would have none of the images.
base::Result<void> PrivateEngine::State::check_driver() {
  if (setup.seeds.empty()) return {};
  CCCI_TRY(const base::Json info, api->info());
  const std::string driver = info["Driver"].text_or_empty();
  if (driver == "overlay2") return {};
  return base::unexpected(
      base::fail("engine.driver", base::Condition::mismatch).with("driver", driver));
}

base::Result<void> PrivateEngine::State::await_swarm() {
  const auto deadline = Clock::now() + setup.longest_start;
  for (;;) {
    if (auto why = keeper->ended())
      return base::unexpected(
          std::move(*why).with("log", reasons(tail_of(place() / "engine.log", log_lines))));
    auto answer = Api::connect(socket(), std::chrono::seconds(2));
    if (answer) {
      api = std::move(*answer);
      CCCI_CHECK(check_driver());
      return setup.swarm ? api->begin_swarm() : base::Result<void>();
    }
    // Until it listens there is no socket, or nobody accepts.
    const bool wait = answer.error().is(base::Condition::disconnected) ||
                      answer.error().is(base::Condition::silent);
    if (!wait) return base::unexpected(std::move(answer).error());
    if (Clock::now() > deadline) {
      return base::unexpected(
          base::fail("engine.slow")
              .with("limit",
                    base::human_seconds(std::chrono::duration<double>(setup.longest_start).count()))
              .with("log", reasons(tail_of(place() / "engine.log", log_lines))));
    }
    std::this_thread::sleep_for(probe_pause);
  }
}

Teardown PrivateEngine::State::end(const std::function<void(const fs::path&)>& rescue) {
  const auto begin = Clock::now();
  Teardown result;
  result.peak_memory = groups.peak_memory();
  result.peak_of_containers = groups.peak_memory(Cgroups::Part::containers);
  const bool ended = !keeper || keeper->stop(10'000);
  if (rescue && ended) rescue(place() / "data");
  if (lock) result.left = clear(records, record, real_host());
  lock.reset();
  result.time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  return result;
}

base::Result<PrivateEngine> PrivateEngine::start(const EngineSetup& setup) {
  if (geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  PrivateEngine engine(std::make_unique<State>(setup));
  CCCI_CHECK(engine.state_->launch());
  CCCI_CHECK(engine.state_->await_swarm());
  return engine;
}

PrivateEngine::PrivateEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateEngine::~PrivateEngine() {
  if (state_ && !state_->kept) stop();
}
PrivateEngine::PrivateEngine(PrivateEngine&&) noexcept = default;
PrivateEngine& PrivateEngine::operator=(PrivateEngine&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

const Api& PrivateEngine::api() const { return *state_->api; }
pid_t PrivateEngine::process() const { return state_->keeper->process(); }
fs::path PrivateEngine::place() const { return state_->place(); }
std::optional<base::Error> PrivateEngine::ended() { return state_->keeper->ended(); }
std::optional<std::uint64_t> PrivateEngine::peak_memory(Cgroups::Part part) const {
  return state_->groups.peak_memory(part);
}
std::string PrivateEngine::log_tail(std::size_t bytes) const {
  return tail_of(state_->place() / "engine.log", bytes);
}

base::Result<Companion> PrivateEngine::start_beside(const std::vector<std::string>& argv,
                                                    int output) const {
  CompanionCommand command;
  command.argv = argv;
  command.output = output;
  return start_beside(std::move(command));
}

base::Result<Companion> PrivateEngine::start_beside(CompanionCommand command) const {
  command.argv.insert(command.argv.begin(), state_->setup.entry.begin(), state_->setup.entry.end());
  const std::vector<std::string> own = environment();
  command.environment.insert(command.environment.begin(), own.begin(), own.end());
  return Companion::start(process(), state_->groups.create(), command);
}

Teardown PrivateEngine::stop(const std::function<void(const fs::path&)>& rescue) {
  if (!state_->teardown) state_->teardown = state_->end(rescue);
  return *state_->teardown;
}

base::Result<std::vector<std::string>> make_seed(EngineSetup setup, int archive,
                                                 const fs::path& seed) {
  setup.swarm = false;
  setup.memory = 0;
  CCCI_TRY(PrivateEngine engine, PrivateEngine::start(setup));
  CCCI_TRY(std::vector<std::string> names, load_archive(engine.api(), archive));
  base::Result<void> harvested;
  engine.stop([&](const fs::path& data) { harvested = harvest(data, seed); });
  if (!harvested) return base::unexpected(std::move(harvested).error());
  return names;
}

base::Result<fs::path> PrivateEngine::keep() {
  state_->record.kept = true;
  // The record first: a kill between the two steps must not leave an engine that nobody reaps.
  CCCI_CHECK(state_->records.update(state_->record));
  state_->keeper->release();
  state_->kept = true;
  return state_->socket();
}

}  // namespace ccci::engine
