// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/private_engine.hpp"

#include <unistd.h>

#include <thread>

#include "base/text.hpp"
#include "engine/daemons.hpp"
#include "engine/endpoints.hpp"
#include "engine/image_archive.hpp"
#include "engine/run_place.hpp"
#include "engine/tenant.hpp"

namespace ccci::engine {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds probe_pause{5};
constexpr std::uint64_t log_lines = 2048;

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
      : setup(wanted), run(wanted.directory, wanted.name, wanted.entry) {}

  EngineSetup setup;
  RunPlace run;
  std::optional<Api> api;
  Daemons daemons;
  std::optional<Teardown> teardown;

  fs::path socket() const { return run.path() / "docker.sock"; }
  base::Result<void> launch();
  base::Result<void> await_swarm();
  base::Result<void> check_driver();
};

namespace {

std::vector<std::string> engine_command(const std::string& groups) {
  const std::string inside = inside_directory;
  return {"dockerd", "--host=unix://" + inside + "/docker.sock",
          std::string("--data-root=") + inside_data, "--exec-root=/run/docker",
          "--pidfile=/run/docker.pid", "--bridge=none", "--cgroup-parent=" + groups,
          // What one container writes must not fill the disk.
          "--log-level=warn", "--log-opt=max-size=20m", "--log-opt=max-file=2",
          // systemd is not reachable from these namespaces.
          "--exec-opt=native.cgroupdriver=cgroupfs"};
}

}  // namespace

base::Result<void> PrivateEngine::State::launch() {
  Keeping keeping;
  keeping.memory = setup.memory;
  CCCI_TRY(keeping.mounts, seed_mounts(setup.seeds));
  keeping.prepare = [this](const fs::path& data) { return plant(setup.seeds, data); };
  return run.open(std::move(keeping), engine_command(run.groups().containers()));
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
    if (auto why = run.keeper().ended())
      return base::unexpected(std::move(*why).with("log", reasons(run.log_tail(log_lines))));
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
              .with("log", reasons(run.log_tail(log_lines))));
    }
    std::this_thread::sleep_for(probe_pause);
  }
}

base::Result<PrivateEngine> PrivateEngine::start(const EngineSetup& setup) {
  if (geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  PrivateEngine engine(std::make_unique<State>(setup));
  CCCI_CHECK(engine.state_->launch());
  CCCI_CHECK(engine.state_->await_swarm());
  engine.state_->daemons = Daemons::of(engine.process());
  return engine;
}

PrivateEngine::PrivateEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateEngine::~PrivateEngine() {
  if (state_ && !state_->run.kept()) stop();
}
PrivateEngine::PrivateEngine(PrivateEngine&&) noexcept = default;
PrivateEngine& PrivateEngine::operator=(PrivateEngine&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

const Api& PrivateEngine::api() const { return *state_->api; }
pid_t PrivateEngine::process() const { return state_->run.keeper().process(); }
fs::path PrivateEngine::place() const { return state_->run.path(); }
base::Result<std::string> PrivateEngine::own_address() const { return engine_address(api()); }
std::optional<base::Error> PrivateEngine::ended() { return state_->run.keeper().ended(); }
std::optional<std::uint64_t> PrivateEngine::peak_memory(Cgroups::Part part) const {
  return state_->run.groups().peak_memory(part);
}
pid_t PrivateEngine::process_of(const std::string& container) const {
  return state_->run.groups().process_of(container);
}
std::string PrivateEngine::log_tail(std::size_t bytes) const { return state_->run.log_tail(bytes); }

base::Result<Companion> PrivateEngine::start_beside(const std::vector<std::string>& argv,
                                                    int output) const {
  CompanionCommand command;
  command.argv = argv;
  command.output = output;
  return start_beside(std::move(command));
}

base::Result<Companion> PrivateEngine::start_beside(CompanionCommand command) const {
  return state_->run.start_beside(std::move(command));
}

base::Result<void> PrivateEngine::check() const {
  CCCI_CHECK(state_->daemons.check());
  CCCI_CHECK(api().info());
  return {};
}

recipe::Stack PrivateEngine::fitted(recipe::Stack stack) const {
  stack = with_own_parts(std::move(stack));
  lead_to_engine(stack, {std::string(inside_directory) + "/docker.sock", inside_data});
  return stack;
}
base::Result<std::optional<Image>> PrivateEngine::image(const std::string& name) const {
  return find_image(api(), name);
}
base::Result<void> PrivateEngine::load(int archive, const Guard& guard) {
  CCCI_CHECK(load_archive(api(), archive, guard));
  return {};
}

Teardown PrivateEngine::stop(const std::function<void(const fs::path&)>& rescue) {
  if (!state_->teardown) state_->teardown = state_->run.end(rescue);
  return *state_->teardown;
}

base::Result<std::vector<std::string>> make_seed(EngineSetup setup, int archive,
                                                 const fs::path& seed, const Guard& guard) {
  setup.swarm = false;
  setup.memory = 0;
  CCCI_TRY(PrivateEngine engine, PrivateEngine::start(setup));
  CCCI_TRY(std::vector<std::string> names, load_archive(engine.api(), archive, guard));
  base::Result<void> harvested;
  engine.stop([&](const fs::path& data) { harvested = harvest(data, seed); });
  if (!harvested) return base::unexpected(std::move(harvested).error());
  return names;
}

base::Result<fs::path> PrivateEngine::keep() {
  CCCI_CHECK(state_->run.keep());
  return state_->socket();
}

}  // namespace ccci::engine
