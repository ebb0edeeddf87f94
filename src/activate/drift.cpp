// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/drift.hpp"

#include <algorithm>
#include <set>

#include "activate/system_object.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr const char* switch_again = "cc-ci switch";

std::string named(std::uint64_t number) {
  return number == 0 ? "none" : "generation " + std::to_string(number);
}

}  // namespace

Drifts unfinished(const Observed& observed, const Generation& generation) {
  if (!observed.pending && observed.confirmed == generation.number) return {};
  const std::string found =
      observed.confirmed == generation.number
          ? "a switch that did not end"
          : "not confirmed; the last one that was healthy: " + named(observed.confirmed);
  return {{named(generation.number), "switched to and healthy", found, switch_again}};
}

Drifts changed_files(const Generations& generations, const Generation& generation,
                     const Observed& observed) {
  Drifts drifts;
  bool units_intact = true;
  for (const auto& [path, digest] : generation.units) {
    const auto text = generations.unit_text(generation, path);
    if (text && base::sha256(*text).hex() == digest) continue;
    units_intact = false;
    drifts.push_back({"unit " + path, "text " + digest.substr(0, 12),
                      text ? "changed by hand: " + base::sha256(*text).short_hex() : "no such file",
                      switch_again});
  }
  if (units_intact && !generations.intact(generation)) {
    drifts.push_back({named(generation.number), "its links and profile.sh as they were made",
                      "changed by hand", switch_again});
  }
  for (const auto& [path, target] : wanted_links(generation)) {
    if (observed.settled.contains(path)) continue;
    if (observed.foreign.contains(path)) {
      drifts.push_back({"path " + path, "a link to " + target,
                        "something that cc-ci did not put there",
                        "mv " + path + " " + path + ".before-cc-ci && cc-ci switch"});
      continue;
    }
    const auto there = observed.links.find(path);
    if (there == observed.links.end()) {
      drifts.push_back({"path " + path, "a link to " + target, "nothing", switch_again});
    } else if (there->second != target) {
      drifts.push_back({"path " + path, "a link to " + target, there->second, switch_again});
    }
  }
  const auto wanted = wanted_links(generation);
  for (const auto& [path, target] : observed.links) {
    if (wanted.contains(path)) continue;
    drifts.push_back({"path " + path, "nothing", "a link to " + target, switch_again});
  }
  return drifts;
}

Drifts damaged_objects(const store::Store& store, const Generation& generation) {
  const auto system = store::read_directory(store::Kind::system, generation.system);
  if (!system || !store.has(*system)) {
    return {{"system " + generation.system, "an object of the store", "none", switch_again}};
  }
  Drifts drifts;
  auto objects = closure(store, *system);
  if (!objects) {
    return {{"system " + generation.system, "all that it needs",
             "an object that is missing or cannot be read", "cc-ci store repair"}};
  }
  for (const store::Address& object : *objects) {
    if (store.has(object)) continue;
    drifts.push_back({store::reference(object), "an object of the store", "none", switch_again});
  }
  std::erase_if(*objects, [&](const store::Address& object) {
    return object.kind == store::Kind::environment || !store.has(object);
  });
  const auto verification = store::verify(store, *objects, base::silent());
  if (!verification) return drifts;
  for (const store::Finding& finding : verification->findings) {
    drifts.push_back({store::reference(finding.object) + " " + finding.path, "as it was built",
                      "changed by hand", "cc-ci store repair"});
  }
  return drifts;
}

Drifts leftovers(const Layout& layout) {
  Drifts drifts;
  std::error_code error;
  const fs::path units = layout.at("/run/systemd/system");
  for (const auto& directory : fs::directory_iterator(units, error)) {
    if (!directory.is_directory(error)) continue;
    std::error_code unreadable;
    for (const auto& entry : fs::directory_iterator(directory.path(), unreadable)) {
      const std::string name = entry.path().filename().native();
      if (name.find("cc-ci-witness") == std::string::npos) continue;
      const std::string path =
          "/run/systemd/system/" + directory.path().filename().native() + "/" + name;
      drifts.push_back({"path " + path, "nothing", "left by a witness that was killed",
                        "cc-ci witness, or rm " + path + " && systemctl daemon-reload"});
    }
  }
  return drifts;
}

Drifts shadowed(const Layout& layout, const std::vector<std::string>& commands,
                std::string_view path) {
  Drifts drifts;
  const std::string own = std::string(home_directory) + "/current/bin";
  for (const std::string_view directory : base::split(path, ':')) {
    if (directory == own) return drifts;
    if (!directory.starts_with('/')) continue;
    for (const std::string& command : commands) {
      std::error_code error;
      if (!fs::exists(layout.at(directory) / command, error)) continue;
      drifts.push_back({"PATH of a login shell", own + "/" + command,
                        std::string(directory) + "/" + command + " comes before it",
                        "grep -rs PATH= /etc/profile /etc/profile.d /etc/environment"});
    }
  }
  return {{"PATH of a login shell", own + " on it", std::string(path),
           "grep -rs PATH= /etc/profile /etc/profile.d /etc/environment"}};
}

std::string login_path(base::ProcessRunner& processes) {
  base::Command command;
  command.argv = {"/bin/sh", "-lc", "printf '\\n%s' \"$PATH\""};
  command.environment = {{"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=/bin/sh",
                          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
  command.directory = "/";
  command.time_limit = std::chrono::seconds(10);
  command.output_limit = 1U << 16U;
  const auto outcome = processes.run(command);
  if (!outcome || outcome->status != 0 || outcome->timed_out) return {};
  // What profiles print stands before it.
  return outcome->out.substr(outcome->out.rfind('\n') + 1);
}

base::Result<Drifts> find_drift(const Generations& generations, const store::Store& store,
                                Systemd& systemd, base::ProcessRunner& processes,
                                const Generation& generation) {
  CCCI_TRY(const Observed observed, observe(generations, systemd, generation, generation));
  Drifts drifts = unfinished(observed, generation);
  const auto add = [&](Drifts more) {
    for (Drift& drift : more) drifts.push_back(std::move(drift));
  };
  add(changed_files(generations, generation, observed));
  add(changed_units(generations, generation, observed));
  if (generation.number == 0) return drifts;
  add(damaged_objects(store, generation));
  std::vector<std::string> known;
  if (const auto system = store::read_directory(store::Kind::system, generation.system)) {
    const auto objects = closure(store, *system).value_or(std::vector<store::Address>{});
    for (const store::Address& object : objects) {
      if (object.kind == store::Kind::environment) known.push_back(object.hash);
    }
  }
  add(stray_processes(generation, observed, known));
  add(leftovers(generations.layout()));
  const std::string path = generations.layout().real() ? login_path(processes) : std::string();
  if (!path.empty()) {
    std::vector<std::string> commands;
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(fs::path(generation.system_path) / "bin", error)) {
      commands.push_back(entry.path().filename().native());
    }
    add(shadowed(generations.layout(), commands, path));
  }
  return drifts;
}

}  // namespace ccci::activate
