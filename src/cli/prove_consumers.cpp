// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/prove_consumers.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "cli/prove_repository.hpp"
#include "enter/entrypoint.hpp"
#include "enter/entrypoint_text.hpp"
#include "host/attachment.hpp"
#include "host/unit.hpp"
#include "host/unit_text.hpp"
#include "prove/proof.hpp"
#include "prove/readers.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_unit = 1U << 20U;
constexpr const char* attached_whole = "environment";  // what a unit with its /usr "executes"

// A unit and its drop-ins, as systemd would read them from the system's directory of units.
struct Unit {
  std::vector<std::string> texts;
  std::vector<std::string> files;
  std::vector<prove::Finding> own;
  std::string problem;
};

void add(const fs::path& root, const std::string& file, Unit& unit) {
  const auto text = base::read_file(root / file, largest_unit);
  if (!text) {
    unit.problem = one_line(text.error());
    return;
  }
  prove::Reading reading = prove::read_unit(file, *text);
  unit.own.insert(unit.own.end(), reading.findings.begin(), reading.findings.end());
  if (!reading.obstacle.empty()) unit.problem = file + ": " + reading.obstacle;
  unit.files.push_back(file);
  unit.texts.push_back(*text);
}

Unit read_unit(const fs::path& root, const std::string& name, bool with_main) {
  Unit unit;
  if (with_main) add(root, "systemd/" + name, unit);
  std::set<std::string> drop_ins;
  std::error_code error;
  for (fs::directory_iterator i(root / "systemd" / (name + ".d"), error), end; i != end;
       i.increment(error)) {
    if (i->path().extension() == ".conf") drop_ins.insert(i->path().filename().native());
  }
  for (const std::string& file : drop_ins) add(root, "systemd/" + name + ".d/" + file, unit);
  return unit;
}

void take(Unit unit, prove::Consumer& consumer) {
  consumer.followed.insert(consumer.followed.end(), unit.files.begin(), unit.files.end());
  consumer.own.insert(consumer.own.end(), unit.own.begin(), unit.own.end());
  if (consumer.obstacle.empty()) consumer.obstacle = std::move(unit.problem);
}

// The program of an Exec line: its prefixes say how it is run, not what.
std::string program_of(const std::string& command, std::string& problem) {
  const std::size_t start = command.find_first_not_of("@-:+!");
  const auto words = host::unit_words(
      std::string_view(command).substr(start == std::string::npos ? command.size() : start));
  if (!words) {
    problem = one_line(words.error());
    return {};
  }
  return words->empty() ? std::string() : words->front();
}

prove::Consumer consumer_of(const host::System& system, std::string name) {
  prove::Consumer consumer;
  consumer.host = system.host;
  consumer.name = std::move(name);
  return consumer;
}

std::string directory_of(const host::System& system) { return system.path + "/root"; }

}  // namespace

const ConsumerReader::Target& ConsumerReader::target(const std::string& path) {
  const auto [entry, is_new] = targets_.try_emplace(path);
  Target& target = entry->second;
  if (!is_new) return target;
  target.name = fs::path(path).filename().native();
  const auto bytes = base::read_file(path, enter::largest_entrypoint);
  if (!bytes) {
    target.problem = one_line(bytes.error());
    return target;
  }
  target.digest = base::sha256(*bytes).hex();
  std::string problem;
  const enter::Entrypoint entrypoint = enter::read_entrypoint(*bytes, problem);
  if (problem.empty()) {
    target.name = entrypoint.name;
    target.environment = entrypoint.environment;
  } else {
    target.problem = path + " is no entrypoint: " + problem;
  }
  return target;
}

void ConsumerReader::execute(const std::string& path, prove::Consumer& consumer) {
  std::error_code error;
  consumer.followed.push_back(path);
  const fs::path real = fs::canonical(path, error);
  if (error) {
    consumer.obstacle = path + ": " + base::describe_errno(error.value());
    return;
  }
  if (real.native() != path) consumer.followed.push_back(real.native());
  const Target& found = target(real.native());
  consumer.executes = found.name;
  consumer.digest = found.digest;
  consumer.environment = found.environment;
  if (consumer.obstacle.empty()) consumer.obstacle = found.problem;
}

void ConsumerReader::entrypoints(const host::System& system) {
  for (const auto& [name, entrypoint] : declaration_.entrypoints) {
    prove::Consumer consumer = consumer_of(system, "entrypoint " + name);
    execute(directory_of(system) + "/bin/" + name, consumer);
    out_.push_back(std::move(consumer));
  }
}

void ConsumerReader::timers(const host::System& system) {
  for (const auto& [name, timer] : declaration_.timers) {
    prove::Consumer consumer = consumer_of(system, "timer " + name);
    Unit schedule = read_unit(directory_of(system), name + ".timer", true);
    const std::vector<std::string> other = host::settings(schedule.texts, "Timer", "Unit");
    take(std::move(schedule), consumer);
    Unit service =
        read_unit(directory_of(system), other.empty() ? name + ".service" : other.back(), true);
    const std::vector<std::string> commands = host::settings(service.texts, "Service", "ExecStart");
    take(std::move(service), consumer);
    if (consumer.obstacle.empty() && commands.size() != 1) {
      consumer.obstacle = "its service has " + base::counted(commands.size(), "ExecStart line");
    }
    if (consumer.obstacle.empty()) {
      const std::string program = program_of(commands.front(), consumer.obstacle);
      if (consumer.obstacle.empty()) execute(program, consumer);
    }
    out_.push_back(std::move(consumer));
  }
}

// What stands in the place of /usr, and whether PATH is that environment's.
void ConsumerReader::attached(const std::vector<std::string>& texts,
                              prove::Consumer& consumer) const {
  std::string root;
  for (const std::string& value : host::settings(texts, "Service", "BindReadOnlyPaths")) {
    const std::size_t to = value.rfind("\":/usr");
    if (to == std::string::npos || to + 6 != value.size()) continue;
    const auto from = host::unit_words(std::string_view(value).substr(0, to + 1));
    if (!from || from->size() != 1 || !from->front().ends_with("/usr")) continue;
    root = from->front().substr(0, from->front().size() - 4);
  }
  if (root.empty()) {
    consumer.obstacle = "no drop-in attaches an environment's /usr";
    return;
  }
  const auto marker = base::read_file(fs::path(root) / enter::marker_file, 4096);
  if (!marker) {
    consumer.obstacle = one_line(marker.error());
    return;
  }
  consumer.followed.push_back(root);
  consumer.executes = attached_whole;
  consumer.environment = std::string(base::trim(*marker));
  // The digest of a whole root is what its build recorded.
  consumer.digest = root == build_.environment.root ? build_.environment.digest
                                                    : base::sha256(root + *marker).hex();
  const std::string expected = "PATH=" + host::runner_path(build_.environment, build_.entrypoints);
  std::string path;
  for (const std::string& value : host::settings(texts, "Service", "Environment")) {
    const auto words = host::unit_words(value);
    if (!words) consumer.obstacle = one_line(words.error());
    if (!words) return;
    for (const std::string& word : *words) {
      if (word.starts_with("PATH=")) path = word;
    }
  }
  if (path != expected) consumer.obstacle = "its PATH is not the environment's";
}

prove::Consumer ConsumerReader::runner(const host::System& system,
                                       const declare::Runner& runner) const {
  prove::Consumer consumer = consumer_of(system, "runner " + runner.name.text);
  consumer.obstacle = host::runner_problem(runner, build_.environment);
  if (!consumer.obstacle.empty()) return consumer;
  Unit unit = read_unit(directory_of(system), host::runner_unit(runner), false);
  const std::vector<std::string> texts = unit.texts;
  take(std::move(unit), consumer);
  if (consumer.obstacle.empty()) attached(texts, consumer);
  return consumer;
}

void ConsumerReader::runners(const host::System& system) {
  for (const auto& [name, declared] : declaration_.runners) {
    out_.push_back(runner(system, declared));
  }
}

// Commands in bin/ that come from nowhere in the declaration, and extras that lead elsewhere.
void ConsumerReader::own_commands(const host::System& system, const std::set<std::string>& shared,
                                  prove::Consumer& consumer) {
  const std::string directory = directory_of(system) + "/bin";
  std::set<std::string> found;
  std::error_code error;
  for (fs::directory_iterator i(directory, error), end; i != end; i.increment(error)) {
    const std::string name = i->path().filename().native();
    const auto declared = system.commands.find(name);
    std::error_code unread;
    if (declared == system.commands.end()) {
      found.insert(name);
    } else if (!shared.contains(name) &&
               fs::read_symlink(i->path(), unread).native() != declared->second) {
      found.insert(name);
    }
  }
  for (const std::string& name : found) {
    prove::Finding finding;
    finding.file = "bin/" + name;
    finding.what = "the host's PATH";
    finding.tools.push_back({name, false, {}});
    consumer.own.push_back(std::move(finding));
  }
}

void ConsumerReader::path(const host::System& system) {
  const std::string directory = directory_of(system) + "/bin";
  std::map<std::string, std::vector<std::string>> leads;  // to what, which shared commands
  std::set<std::string> shared;
  prove::Consumer consumer = consumer_of(system, "PATH");
  for (const environment::Exposed& exposed : build_.environment.exposed) {
    if (exposed.package.empty()) continue;  // Essential packages' every host has of its own
    for (const environment::Command& command : exposed.commands) {
      // An entrypoint of a tool's name goes before it.
      if (declaration_.entrypoints.contains(command.name)) continue;
      shared.insert(command.name);
      std::error_code error;
      const fs::path to = fs::read_symlink(directory + "/" + command.name, error);
      leads[error ? std::string() : to.native()].push_back(command.name);
    }
  }
  if (const auto missing = leads.find(""); missing != leads.end()) {
    consumer.obstacle = "its PATH has no " + prove::listed(missing->second, 4);
    leads.erase(missing);
  }
  const auto most = std::max_element(leads.begin(), leads.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  if (most != leads.end()) execute(most->first, consumer);
  own_commands(system, shared, consumer);
  out_.push_back(std::move(consumer));
  for (auto lead = leads.begin(); lead != leads.end(); ++lead) {
    if (lead == most) continue;
    prove::Consumer other = consumer_of(system, "PATH: " + prove::listed(lead->second, 4));
    execute(lead->first, other);
    out_.push_back(std::move(other));
  }
}

std::vector<prove::Consumer> ConsumerReader::read() {
  for (const auto& [name, system] : build_.systems) {
    entrypoints(system);
    timers(system);
    runners(system);
    path(system);
  }
  return std::move(out_);
}

}  // namespace ccci::cli
