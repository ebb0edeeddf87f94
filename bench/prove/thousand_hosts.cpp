// SPDX-License-Identifier: GPL-3.0-or-later
// The proofs that need no building, for a thousand hosts of one declaration, and the planning of
// their systems: the bound for both together is a second.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>

#include "host/system.hpp"
#include "prove/proofs.hpp"
#include "prove/readers.hpp"

namespace {

using namespace ccci;

declare::Declaration declaration(int hosts) {
  declare::Declaration out;
  for (int i = 0; i < 15; ++i) out.tools.push_back({"tool-" + std::to_string(i), {}});
  out.entrypoints["cc-ci-run"] = {{"cc-ci-run", {}}, {"python3"}};
  out.timers["sweep"] = {{"sweep", {}}, "Sun *-*-* 03:00", {"cc-ci-run"}};
  out.runners["drone"] = {{"drone", {}}, "drone-exec", {}};
  for (int i = 0; i < hosts; ++i) {
    const std::string name = "host-" + std::to_string(i);
    out.hosts[name] = {{name, {}}, {{"extra", {}}}};
  }
  return out;
}

std::vector<environment::Exposed> exposed(const declare::Declaration& declared) {
  std::vector<environment::Exposed> out;
  const auto add = [&](const std::string& tool) {
    environment::Exposed one{tool, tool, "1", "/usr/lib/cc-ci/path/" + tool, {}};
    for (int i = 0; i < 60; ++i) {
      const std::string command = tool + "-" + std::to_string(i);
      one.commands.push_back({command, "/usr/bin/" + command, tool});
    }
    out.push_back(std::move(one));
  };
  for (const declare::Name& tool : declared.tools) add(tool.text);
  add("extra");
  return out;
}

// Each host has a list of its own: the worst case, where none is shared in memory.
void prove_hosts(benchmark::State& state) {
  const declare::Declaration declared = declaration(static_cast<int>(state.range(0)));
  const std::string digest(64, 'a');
  std::vector<prove::Consumer> consumers;
  prove::Trial trial{"htop", "htop", "3.2", {}, {}, {}};
  const auto before =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"git", "jq"});
  const auto after = std::make_shared<const std::vector<std::string>>(
      std::vector<std::string>{"git", "htop", "jq"});
  for (const prove::Expected& expected : prove::expected_consumers(declared)) {
    consumers.push_back(
        {expected.host, expected.name, "cc-ci-run", digest, "environment", {}, {}, {}});
    trial.before.push_back({expected.host, expected.name, before});
    trial.after.push_back({expected.host, expected.name, after});
  }
  std::vector<prove::HostView> views;
  std::vector<prove::BaselineList> baselines;
  for (const auto& [name, host] : declared.hosts) {
    views.push_back(
        {name, std::make_shared<const std::vector<environment::Exposed>>(exposed(declared)), {}});
    baselines.push_back({name, {"tool-0", "tool-1", "extra"}, {}, name, {}});
  }
  const auto shared = exposed(declared);
  for (auto _ : state) {
    std::vector<prove::Proof> proofs;
    proofs.push_back(prove::single_source(declared, {}, {}, consumers, "environment"));
    proofs.push_back(prove::superset(declared, baselines, {}, &shared));
    proofs.push_back(prove::parity(declared, consumers));
    proofs.push_back(prove::divergence(declared, views, baselines, {}));
    proofs.push_back(prove::propagation(declared, trial));
    if (prove::verdict(proofs) != prove::Verdict::pass) state.SkipWithError("a proof did not pass");
    benchmark::DoNotOptimize(proofs);
  }
}
BENCHMARK(prove_hosts)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

// A system each, as `cc-ci prove --no-build` plans them; what hosts share is planned once.
void plan_hosts(benchmark::State& state) {
  std::string directory = (std::filesystem::temp_directory_path() / "cc-ci-bench-XXXXXX").native();
  if (mkdtemp(directory.data()) == nullptr) return state.SkipWithError("no directory");
  const auto store = store::Store::open(directory);
  if (!store) return state.SkipWithError("no store");
  const declare::Declaration declared = declaration(static_cast<int>(state.range(0)));
  environment::Environment environment;
  environment.address = store::address(store::Kind::environment, "shared", "bench");
  environment.root = store->path(environment.address).native() + "/root";
  environment.exposed = exposed(declared);
  const auto own = std::make_shared<const environment::Environment>(environment);
  host::EntrypointObject entrypoint;
  entrypoint.name = "cc-ci-run";
  entrypoint.address = store::address(store::Kind::entrypoint, "cc-ci-run", "bench");
  entrypoint.path = store->path(entrypoint.address).native() + "/root/cc-ci-run";
  const std::map<std::string, host::EntrypointObject> entrypoints{{"cc-ci-run", entrypoint}};
  for (auto _ : state) {
    const host::SharedPart shared =
        host::plan_shared_part(*store, declared, environment, entrypoints, entrypoint);
    std::map<std::string, host::System> systems;
    for (const auto& [name, host] : declared.hosts) {
      systems.emplace(name, host::plan_system(*store, declared, name, shared, own, entrypoint));
    }
    benchmark::DoNotOptimize(systems);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}
BENCHMARK(plan_hosts)->Arg(1)->Arg(100)->Arg(1000)->Unit(benchmark::kMillisecond);

void read_repository(benchmark::State& state) {
  std::string script;
  for (int i = 0; i < 1000; ++i)
    script += "# a comment\nif [ -x \"$(command -v git)\" ]; then echo 'it is'; fi\n";
  for (auto _ : state) benchmark::DoNotOptimize(prove::read_file("x.sh", script));
  state.SetBytesProcessed(static_cast<std::int64_t>(script.size()) * state.iterations());
}
BENCHMARK(read_repository)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
