// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/shared_engine.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "engine/daemons.hpp"
#include "engine/eviction.hpp"
#include "engine/image_archive.hpp"
#include "engine/run_place.hpp"
#include "engine/tenant.hpp"

namespace ccci::engine {

// What is known about the engine before the run has anything in it.
struct HostEngine {
  std::string node;
  std::filesystem::path data;
  base::Fd network;  // its namespace
  Daemons daemons;
};

namespace {

namespace fs = std::filesystem;

base::Error no_engine(const std::string& socket, int number) {
  return base::fail("engine.no-engine").with("socket", socket).with_errno(number);
}

bool is_same(const fs::path& one, const fs::path& other) {
  struct stat a {};
  struct stat b {};
  return stat(one.c_str(), &a) == 0 && stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

base::Result<HostEngine> look_at(const Api& api, const std::string& socket) {
  CCCI_TRY(const base::Json info, api.info());
  const base::Json& swarm = info["Swarm"];
  if (!swarm["ControlAvailable"].boolean().value_or(false)) {
    const std::string state = swarm["LocalNodeState"].text_or_empty();
    return base::unexpected(base::fail("engine.no-swarm")
                                .with("socket", socket)
                                .with("state", state == "active" ? "worker" : state));
  }
  HostEngine found;
  found.node = swarm["NodeID"].text_or_empty();
  found.data = info["DockerRootDir"].text_or_empty();
  // The engine, or the service manager that opened the socket for it. Both are in the network and
  // see the files that matter.
  CCCI_TRY(const pid_t owner, owner_of(socket));
  const fs::path process = "/proc/" + std::to_string(owner);
  found.network = base::Fd(open((process / "ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  if (owner == 0 || !found.network || !found.data.is_absolute() ||
      !is_same(process / "root" / found.data.relative_path(), found.data)) {
    return base::unexpected(
        base::fail("engine.elsewhere").with("socket", socket).with("path", found.data.native()));
  }
  found.daemons = Daemons::of(owner);
  return found;
}

}  // namespace

struct SharedEngine::State {
  State(const SharedSetup& wanted, Api with_api, HostEngine with_engine, Tenant with_tenant)
      : setup(wanted),
        api(std::move(with_api)),
        engine(std::move(with_engine)),
        tenant(std::move(with_tenant)),
        run(wanted.directory, wanted.name, wanted.entry) {}

  SharedSetup setup;
  Api api;
  HostEngine engine;
  Tenant tenant;
  RunPlace run;
  std::map<std::string, Image> images;  // loaded for this run, by familiar name
  int archives = 0;
  std::optional<Teardown> teardown;
};

base::Result<std::unique_ptr<SharedEngine>> SharedEngine::start(const SharedSetup& setup,
                                                                std::vector<Reaped>& reaped) {
  if (geteuid() != 0) return base::unexpected(base::fail("engine.not-root"));
  auto api = Api::connect(setup.socket);
  if (!api && api.error().is(base::Condition::disconnected) && api.error().number != 0)
    return base::unexpected(no_engine(setup.socket, api.error().number));
  if (!api) return base::unexpected(std::move(api).error());
  CCCI_TRY(HostEngine engine, look_at(*api, setup.socket));
  Records records(setup.directory);
  CCCI_TRY(const std::string lease, records.lease());
  CCCI_TRY(const std::set<std::string> runs, tenants(*api, lease));
  CCCI_TRY(reaped, reap_tenants(records, setup.socket, runs));
  std::unique_ptr<SharedEngine> made(new SharedEngine(std::make_unique<State>(
      setup, std::move(*api), std::move(engine), Tenant{lease, setup.name})));
  State& state = *made->state_;
  Keeping keeping;
  const std::string volumes = (state.engine.data / "volumes").native();
  keeping.writable = {{volumes, "volumes"}};
  keeping.prepare = [](const fs::path& data) { return base::make_directories(data / "volumes"); };
  CCCI_CHECK(state.run.open(std::move(keeping), {"sleep", "infinity"}, setup.socket));
  return made;
}

SharedEngine::SharedEngine(std::unique_ptr<State> state) : state_(std::move(state)) {}
SharedEngine::~SharedEngine() {
  if (!state_->run.kept()) stop();
}

const Api& SharedEngine::api() const { return state_->api; }
fs::path SharedEngine::place() const { return state_->run.path(); }
fs::path SharedEngine::data() const { return state_->engine.data; }
recipe::Labels SharedEngine::marks() const { return state_->tenant.marks(); }

base::Result<Companion> SharedEngine::start_beside(CompanionCommand command) const {
  // Whoever has doors answers for the containers, so it must reach them.
  if (!command.doors.empty()) command.network = state_->engine.network.get();
  return state_->run.start_beside(std::move(command));
}

recipe::Stack SharedEngine::fitted(recipe::Stack stack) const {
  stack = among_others(std::move(stack), state_->tenant, state_->engine.node);
  lead_to_engine(stack, {state_->setup.socket, state_->engine.data.native()});
  return stack;
}

base::Result<std::optional<Image>> SharedEngine::image(const std::string& name) const {
  const auto loaded = state_->images.find(familiar_name(name));
  if (loaded != state_->images.end()) return loaded->second;
  return find_image(state_->api, name);
}

// Under the archive's own names the images could replace others, and two runs could not have
// different images of one name.
base::Result<void> SharedEngine::load(int archive, const Guard& guard) {
  CCCI_TRY(const ImageArchive read, read_image_archive(archive));
  const std::string tag = std::to_string(state_->archives++) + ".";
  CCCI_TRY(const RenamedArchive other, renamed(archive, read, state_->tenant.images(), tag));
  CCCI_CHECK(load_images(state_->api, other.body, guard));
  for (const auto& [name, old_names] : other.names) {
    CCCI_TRY(const std::optional<Image> found, find_image(state_->api, name));
    if (!found)
      return base::unexpected(base::fail("engine.load").with("problem", name + " is missing"));
    for (const std::string& old : old_names) state_->images[familiar_name(old)] = *found;
  }
  return {};
}

base::Result<void> SharedEngine::check() const {
  CCCI_CHECK(state_->engine.daemons.check());
  CCCI_CHECK(state_->api.info());
  return {};
}

std::optional<Footprint> SharedEngine::footprint() const {
  const auto found = footprint_of(state_->api, state_->tenant);
  return found ? std::optional<Footprint>(*found) : std::nullopt;
}

pid_t SharedEngine::process_of(const std::string& container) const {
  return process_of_container(state_->api, container);
}

Teardown SharedEngine::stop() {
  if (state_->teardown) return *state_->teardown;
  state_->teardown = state_->run.end();
  // The containers are in the groups of the engine's own choice.
  state_->teardown->peak_memory.reset();
  state_->teardown->peak_of_containers.reset();
  return *state_->teardown;
}

base::Result<fs::path> SharedEngine::keep() {
  CCCI_CHECK(state_->run.keep());
  return fs::path(state_->setup.socket);
}

}  // namespace ccci::engine
