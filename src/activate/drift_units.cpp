// SPDX-License-Identifier: GPL-3.0-or-later
// Drift of what runs: units as systemd has read them, and the processes of runners.
#include <algorithm>
#include <charconv>
#include <set>

#include "activate/drift.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_proc_file = 64U << 20U;
constexpr std::size_t most_processes = 10000;

// Words as systemctl prints a list: those with blanks stand in double quotes.
std::vector<std::string> printed_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      word.push_back(text[++i]);
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::exchange(word, {}));
    } else {
      word.push_back(c);
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::string path_in(const std::vector<std::string>& variables) {
  std::string path;
  for (const std::string& variable : variables) {
    if (variable.starts_with("PATH=")) path = variable.substr(5);
  }
  return path;
}

// What our text sets; nothing where it cannot be told.
std::string own_path(const std::string& text) {
  std::vector<std::string> variables;
  for (const std::string& setting : host::settings({text}, "Service", "Environment")) {
    const auto words = host::unit_words(setting);
    if (words) variables.insert(variables.end(), words->begin(), words->end());
  }
  return path_in(variables);
}

std::string own_program(const std::string& text) {
  const std::vector<std::string> commands = host::settings({text}, "Service", "ExecStart");
  if (commands.empty()) return {};
  const auto words = host::unit_words(
      std::string_view(commands.back()).substr(commands.back().starts_with(':') ? 1 : 0));
  return words && !words->empty() ? words->front() : std::string();
}

// { path=/x/y ; argv[]=/x/y a b ; … }
std::string program_of(const std::string& exec_start) {
  constexpr std::string_view key = "path=";
  const std::size_t at = exec_start.find(key);
  if (at == std::string::npos) return {};
  const std::size_t end = exec_start.find(" ;", at);
  return exec_start.substr(at + key.size(), end - at - key.size());
}

void check_loaded(const UnitState& unit, const std::string& path, Drifts& drifts) {
  const std::string own = std::string(units_directory) + "/" + path;
  if (unit.load == "masked") {
    drifts.push_back({"unit " + unit.name, own, "masked", "systemctl unmask " + unit.name});
  } else if (unit.load != "loaded") {
    drifts.push_back({"unit " + unit.name, "loaded", unit.load, "cc-ci switch"});
  } else if (unit.fragment != own) {
    drifts.push_back({"unit " + unit.name, own, "replaced by " + unit.fragment,
                      "rm " + unit.fragment + " && systemctl daemon-reload"});
  } else if (unit.needs_reload) {
    drifts.push_back({"unit " + unit.name, "read by systemd as it is", "an older text",
                      "systemctl daemon-reload"});
  }
}

void check_timer(const UnitState& unit, Drifts& drifts) {
  if (unit.load != "loaded") return;
  if (unit.active != "active") {
    drifts.push_back({"timer " + unit.name, "active", unit.active, "cc-ci switch"});
  }
  if (unit.file_state != "enabled" && unit.file_state != "enabled-runtime") {
    drifts.push_back({"timer " + unit.name, "enabled", unit.file_state, "cc-ci switch"});
  }
}

void check_service(const UnitState& unit, const std::string& text, Drifts& drifts) {
  const std::string own = own_program(text);
  const std::string found = program_of(unit.exec_start);
  if (unit.load != "loaded" || own.empty() || found == own) return;
  drifts.push_back({"command of " + unit.name, own, found.empty() ? "none" : found,
                    "systemctl revert " + unit.name});
}

void check_runner(const UnitState& unit, const std::string& text, Drifts& drifts) {
  if (unit.load != "loaded") return;  // not installed on this host
  const std::string drop_in =
      std::string(units_directory) + "/" + unit.name + ".d/" + std::string(drop_in_name);
  const std::vector<std::string> read = printed_words(unit.drop_ins);
  if (std::find(read.begin(), read.end(), drop_in) == read.end()) {
    drifts.push_back({"runner " + unit.name, drop_in, "not read by systemd", "cc-ci switch"});
    return;
  }
  if (unit.needs_reload) {
    drifts.push_back({"runner " + unit.name, "read by systemd as it is", "an older text",
                      "systemctl daemon-reload"});
  }
  if (unit.file_state.starts_with("enabled") && !unit.runs()) {
    drifts.push_back({"runner " + unit.name, "active, as it is enabled", unit.active,
                      "systemctl start " + unit.name});
  }
  const std::string own = own_path(text);
  const std::string found = path_in(printed_words(unit.environment));
  if (own.empty() || own == found) return;
  drifts.push_back({"PATH of " + unit.name, own, found.empty() ? "none" : found,
                    "systemctl revert " + unit.name});
}

void collect_processes(const fs::path& directory, std::set<int>& pids, int depth) {
  if (depth > 16 || pids.size() > most_processes) return;
  const auto text = base::read_file(directory / "cgroup.procs", largest_proc_file);
  if (!text) return;
  for (const std::string_view line : base::split(*text, '\n')) {
    int pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    if (pid > 0) pids.insert(pid);
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.is_directory(error) && !entry.is_symlink(error)) {
      collect_processes(entry.path(), pids, depth + 1);
    }
  }
}

std::string brief(const std::string& environment) {
  return environment.empty() ? "the host's own /usr" : "environment " + environment.substr(0, 12);
}

}  // namespace

Drifts changed_units(const Generations& generations, const Generation& generation,
                     const Observed& observed) {
  Drifts drifts;
  for (const auto& [path, digest] : generation.units) {
    const bool attached = path.ends_with(drop_in_name);
    const std::string name = attached ? path.substr(0, path.find(".d/")) : path;
    const UnitState* unit = observed.unit(name);
    const auto text = generations.unit_text(generation, path);
    if (unit == nullptr || !text) continue;
    if (attached) {
      check_runner(*unit, *text, drifts);
      continue;
    }
    check_loaded(*unit, path, drifts);
    if (path.ends_with(".timer")) {
      check_timer(*unit, drifts);
    } else {
      check_service(*unit, *text, drifts);
    }
  }
  return drifts;
}

Drifts stray_processes(const Generation& generation, const Observed& observed,
                       const std::vector<std::string>& known, const fs::path& proc,
                       const fs::path& cgroups) {
  Drifts drifts;
  for (const auto& [name, expected] : generation.attached) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr || unit->active != "active" || unit->control_group.empty()) continue;
    std::set<int> pids;
    collect_processes(cgroups / fs::path(unit->control_group).relative_path(), pids, 0);
    for (const int pid : pids) {
      const fs::path directory = proc / std::to_string(pid);
      // Gone since, or nothing that has mounts.
      const auto mountinfo = base::read_file(directory / "mountinfo", largest_proc_file);
      if (!mountinfo || mountinfo->empty()) continue;
      const std::string found = environment_in(*mountinfo);
      if (found == expected) continue;
      const bool main = pid == unit->main_pid;
      // A job may enter the environment of the host's own extra tools, but not the daemon.
      if (!main && std::find(known.begin(), known.end(), found) != known.end()) continue;
      const auto comm = base::read_file(directory / "comm", 4096);
      drifts.push_back({"process " + std::to_string(pid) + " (" +
                            (comm ? std::string(base::trim(*comm)) : "?") + ") of " + name,
                        brief(expected), brief(found), "systemctl restart " + name});
    }
  }
  return drifts;
}

}  // namespace ccci::activate
