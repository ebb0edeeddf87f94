// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/consumer_reader.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "enter/entrypoint.hpp"
#include "enter/entrypoint_text.hpp"
#include "environment/environment.hpp"
#include "host/attachment.hpp"
#include "host/unit.hpp"
#include "host/unit_text.hpp"
#include "prove/proof.hpp"
#include "prove/readers.hpp"
#include "prove/repository.hpp"
#include "wording/message.hpp"

namespace ccci::prove {

namespace {

namespace fs = std::filesystem;

constexpr const char* attached_whole = "environment";  // for units whose /usr is the environment's

// A unit and its drop-ins, as systemd would read them from the system's units directory.
struct Unit {
  std::vector<std::string> texts;
  std::vector<std::string> files;
  std::vector<Finding> own;
  std::string problem;
};

void add(const SystemFiles& system, const std::string& file, Unit& unit) {
  const auto text = system.text(file);
  if (!text) {
    unit.problem = wording::one_line(text.error());
    return;
  }
  Reading reading = read_unit(file, *text);
  unit.own.insert(unit.own.end(), reading.findings.begin(), reading.findings.end());
  if (!reading.unavailable.empty()) unit.problem = file + ": " + reading.unavailable;
  unit.files.push_back(file);
  unit.texts.push_back(*text);
}

Unit read_unit(const SystemFiles& system, const std::string& name, bool with_main) {
  Unit unit;
  if (with_main) add(system, "systemd/" + name, unit);
  for (const std::string& file : system.drop_ins(name)) {
    add(system, "systemd/" + name + ".d/" + file, unit);
  }
  return unit;
}

void take(Unit unit, Consumer& consumer) {
  consumer.followed.insert(consumer.followed.end(), unit.files.begin(), unit.files.end());
  consumer.own.insert(consumer.own.end(), unit.own.begin(), unit.own.end());
  if (consumer.unavailable.empty()) consumer.unavailable = std::move(unit.problem);
}

// The program of an Exec line. The prefixes say how it is run, not what is run, so they are
// skipped.
std::string program_of(const std::string& command, std::string& problem) {
  const std::size_t start = command.find_first_not_of("@-:+!");
  const auto words = host::unit_words(
      std::string_view(command).substr(start == std::string::npos ? command.size() : start));
  if (!words) {
    problem = wording::one_line(words.error());
    return {};
  }
  return words->empty() ? std::string() : words->front();
}

Consumer consumer_of(const SystemFiles& files, std::string name) {
  Consumer consumer;
  consumer.host = files.system().host;
  consumer.name = std::move(name);
  return consumer;
}

}  // namespace

ConsumerReader::ConsumerReader(const declare::Declaration& declaration, const host::Build& build)
    : declaration_(declaration), build_(build) {
  for (const environment::Exposed& exposed : build.environment.exposed) {
    if (exposed.package.empty()) continue;  // from Essential packages, which every host has
    for (const environment::Command& command : exposed.commands) {
      // An entrypoint with the name of a tool takes priority over the tool.
      if (!declaration.entrypoints.contains(command.name)) shared_.insert(command.name);
    }
  }
  const std::string& hash = build.environment.address.hash;
  for (const auto& [name, entrypoint] : build.entrypoints) {
    planned_[entrypoint.path] = {name, entrypoint.digest, hash, {}};
  }
  planned_[build.inside.path] = {build.inside.name, build.inside.digest, hash, {}};
  for (const auto& [host, inside] : build.host_inside) {
    planned_.try_emplace(
        inside.path,
        Target{inside.name, inside.digest, build.systems.at(host).environment->address.hash, {}});
  }
}

const ConsumerReader::Target& ConsumerReader::target(const std::string& path) {
  const auto [entry, is_new] = targets_.try_emplace(path);
  Target& target = entry->second;
  if (!is_new) return target;
  target.name = fs::path(path).filename().native();
  const auto bytes = base::read_file(path, enter::largest_entrypoint);
  if (!bytes) {
    target.problem = wording::one_line(bytes.error());
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

void ConsumerReader::execute(const SystemFiles& system, const std::string& path,
                             Consumer& consumer) {
  consumer.followed.push_back(path);
  const auto planned = system.planned() ? planned_.find(path) : planned_.end();
  fs::path real = path;
  if (planned == planned_.end()) {
    std::error_code error;
    real = fs::canonical(path, error);
    if (error) {
      consumer.unavailable = path + ": " + base::describe_errno(error.value());
      return;
    }
    if (real.native() != path) consumer.followed.push_back(real.native());
  }
  const Target& found = planned == planned_.end() ? target(real.native()) : planned->second;
  consumer.executes = found.name;
  consumer.digest = found.digest;
  consumer.environment = found.environment;
  if (consumer.unavailable.empty()) consumer.unavailable = found.problem;
}

void ConsumerReader::entrypoints(const SystemFiles& system) {
  for (const auto& [name, entrypoint] : declaration_.entrypoints) {
    Consumer consumer = consumer_of(system, "entrypoint " + name);
    execute(system, system.command(name), consumer);
    out_.push_back(std::move(consumer));
  }
}

void ConsumerReader::timers(const SystemFiles& system) {
  for (const auto& [name, timer] : declaration_.timers) {
    if (!declare::is_on(timer.hosts, system.system().host)) continue;
    Consumer consumer = consumer_of(system, "timer " + name);
    Unit schedule = read_unit(system, name + ".timer", true);
    const std::vector<std::string> other = host::settings(schedule.texts, "Timer", "Unit");
    take(std::move(schedule), consumer);
    Unit service = read_unit(system, other.empty() ? name + ".service" : other.back(), true);
    const std::vector<std::string> commands = host::settings(service.texts, "Service", "ExecStart");
    take(std::move(service), consumer);
    if (consumer.unavailable.empty() && commands.size() != 1) {
      consumer.unavailable = "its service has " + base::counted(commands.size(), "ExecStart line");
    }
    if (consumer.unavailable.empty()) {
      const std::string program = program_of(commands.front(), consumer.unavailable);
      if (consumer.unavailable.empty()) execute(system, program, consumer);
    }
    out_.push_back(std::move(consumer));
  }
}

// Finds what is mounted as /usr, and whether PATH is the one of that environment.
void ConsumerReader::attached(const std::vector<std::string>& texts, Consumer& consumer) const {
  std::string root;
  for (const std::string& value : host::settings(texts, "Service", "BindReadOnlyPaths")) {
    const std::size_t to = value.rfind("\":/usr");
    if (to == std::string::npos || to + 6 != value.size()) continue;
    const auto from = host::unit_words(std::string_view(value).substr(0, to + 1));
    if (!from || from->size() != 1 || !from->front().ends_with("/usr")) continue;
    root = from->front().substr(0, from->front().size() - 4);
  }
  if (root.empty()) {
    consumer.unavailable = "no drop-in attaches an environment's /usr";
    return;
  }
  const auto marker = base::read_file(fs::path(root) / enter::marker_file, 4096);
  if (!marker) {
    consumer.unavailable = wording::one_line(marker.error());
    return;
  }
  consumer.followed.push_back(root);
  consumer.executes = attached_whole;
  consumer.environment = std::string(base::trim(*marker));
  // For a whole root, the digest is the one that its build recorded.
  consumer.digest = root == build_.environment.root ? build_.environment.digest
                                                    : base::sha256(root + *marker).hex();
  const std::string expected = "PATH=" + host::runner_path(build_.environment, build_.entrypoints);
  std::string path;
  for (const std::string& value : host::settings(texts, "Service", "Environment")) {
    const auto words = host::unit_words(value);
    if (!words) consumer.unavailable = wording::one_line(words.error());
    if (!words) return;
    for (const std::string& word : *words) {
      if (word.starts_with("PATH=")) path = word;
    }
  }
  if (path != expected) consumer.unavailable = "its PATH is not the environment's";
}

Consumer ConsumerReader::runner(const SystemFiles& system, const declare::Runner& runner) const {
  Consumer consumer = consumer_of(system, "runner " + runner.name.text);
  consumer.unavailable = host::runner_problem(runner);
  if (!consumer.unavailable.empty()) return consumer;
  Unit unit = read_unit(system, declare::runner_unit(runner), false);
  const std::vector<std::string> texts = unit.texts;
  take(std::move(unit), consumer);
  if (consumer.unavailable.empty()) attached(texts, consumer);
  return consumer;
}

void ConsumerReader::runners(const SystemFiles& system) {
  for (const auto& [name, declared] : declaration_.runners) {
    if (!declare::is_on(declared.hosts, system.system().host)) continue;
    out_.push_back(runner(system, declared));
  }
}

// Commands in bin/ that are not from the declaration, and extras whose link has another target.
void ConsumerReader::own_commands(const SystemFiles& files, Consumer& consumer) const {
  const std::map<std::string, std::string>& commands = files.system().commands;
  for (const auto& [name, target] : files.links()) {
    const auto declared = commands.find(name);
    const bool ours =
        declared != commands.end() && (shared_.contains(name) || declared->second == target);
    if (ours) continue;
    Finding finding;
    finding.file = "bin/" + name;
    finding.what = "the host's PATH";
    finding.tools.push_back({name, false, {}});
    consumer.own.push_back(std::move(finding));
  }
}

void ConsumerReader::path(const SystemFiles& files) {
  std::map<std::string, std::vector<std::string>> leads;  // link target to its shared commands
  Consumer consumer = consumer_of(files, "PATH");
  for (const std::string& name : shared_) {
    const auto link = files.links().find(name);
    leads[link == files.links().end() ? std::string() : link->second].push_back(name);
  }
  if (const auto missing = leads.find(""); missing != leads.end()) {
    consumer.unavailable = "its PATH has no " + listed(missing->second, 4);
    leads.erase(missing);
  }
  const auto most = std::max_element(leads.begin(), leads.end(), [](const auto& a, const auto& b) {
    return a.second.size() < b.second.size();
  });
  if (most != leads.end()) execute(files, most->first, consumer);
  own_commands(files, consumer);
  out_.push_back(std::move(consumer));
  for (auto lead = leads.begin(); lead != leads.end(); ++lead) {
    if (lead == most) continue;
    Consumer other = consumer_of(files, "PATH: " + listed(lead->second, 4));
    execute(files, lead->first, other);
    out_.push_back(std::move(other));
  }
}

void ConsumerReader::read(const SystemFiles& files) {
  entrypoints(files);
  timers(files);
  runners(files);
  path(files);
}

namespace {

std::string units_of(const host::System& system) {
  std::string names;
  for (const host::UnitFile& unit : system.units) names += unit.path + "\n";
  return names;
}

}  // namespace

std::vector<Consumer> ConsumerReader::read() {
  // Plans with the same environment and units differ only in the host's name.
  std::map<std::pair<store::Address, std::string>, std::pair<std::size_t, std::size_t>> planned;
  for (const auto& [name, system] : build_.systems) {
    const SystemFiles files(system);
    if (!files.planned()) {
      read(files);
      continue;
    }
    const auto [known, is_new] =
        planned.try_emplace({system.environment->address, units_of(system)}, out_.size(), 0);
    auto& [first, count] = known->second;
    if (is_new) {
      read(files);
      count = out_.size() - first;
      continue;
    }
    for (std::size_t i = 0; i < count; ++i) {
      Consumer consumer = out_[first + i];
      consumer.host = name;
      out_.push_back(std::move(consumer));
    }
  }
  return std::move(out_);
}

}  // namespace ccci::prove
