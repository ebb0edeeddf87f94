// SPDX-License-Identifier: GPL-3.0-or-later
// Drift of units as systemd has read them.
#include <algorithm>
#include <charconv>
#include <cstdint>

#include "activate/drift.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::activate {

namespace {

// Splits a list as systemctl prints it: words with blanks are in double quotes.
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

// A remedy keeps the operator's file: it may be the only copy.
std::string set_aside(const std::string& file) {
  return "mv " + file + " " + file + ".before-cc-ci && systemctl daemon-reload";
}

// The remedy for a drop-in that replaces a setting of ours. It names the file if there is only one.
std::string without_override(const UnitState& unit) {
  std::vector<std::string> others;
  for (std::string& file : printed_words(unit.drop_ins)) {
    if (!file.ends_with(drop_in_name)) others.push_back(std::move(file));
  }
  if (others.size() == 1) return set_aside(others.front());
  return "systemctl edit " + unit.name + ", and remove the setting; systemctl cat shows its file";
}

void check_loaded(const UnitState& unit, const std::string& path, Drifts& drifts) {
  const std::string own = std::string(units_directory) + "/" + path;
  if (unit.load == "masked") {
    drifts.push_back({"unit " + unit.name, own, "masked", "systemctl unmask " + unit.name});
  } else if (unit.load != "loaded") {
    drifts.push_back({"unit " + unit.name, "loaded", unit.load, "cc-ci switch"});
  } else if (unit.fragment != own) {
    drifts.push_back(
        {"unit " + unit.name, own, "replaced by " + unit.fragment, set_aside(unit.fragment)});
  } else if (unit.needs_reload) {
    drifts.push_back({"unit " + unit.name, "read by systemd as it is", "an older text",
                      "systemctl daemon-reload"});
  }
}

void check_timer(const UnitState& unit, Drifts& drifts) {
  if (unit.load != "loaded") return;
  if (unit.active != "active") {
    drifts.push_back({"timer " + unit.name, "active", unit.active, "cc-ci switch"});
  } else if (unit.sub == "elapsed") {
    drifts.push_back({"timer " + unit.name, "a next run", "none: its schedule has passed",
                      "correct its schedule in cc-ci.toml, then cc-ci switch"});
  }
  if (unit.file_state != "enabled" && unit.file_state != "enabled-runtime") {
    drifts.push_back({"timer " + unit.name, "enabled", unit.file_state, "cc-ci switch"});
  }
}

// Whether the last run of a timer's job was good.
void check_last_run(const UnitState& unit, Drifts& drifts) {
  if (unit.load != "loaded" || unit.active != "failed") return;
  std::string found = "failed: " + unit.result;
  if (unit.exit_status != 0) found += ", status " + std::to_string(unit.exit_status);
  drifts.push_back(
      {"last run of " + unit.name, "success", found, "journalctl --unit=" + unit.name});
}

void check_service(const UnitState& unit, const std::string& text, Drifts& drifts) {
  const std::string own = own_program(text);
  const std::string found = program_of(unit.exec_start);
  if (unit.load != "loaded" || own.empty() || found == own) return;
  drifts.push_back(
      {"command of " + unit.name, own, found.empty() ? "none" : found, without_override(unit)});
}

void check_runner(const UnitState& unit, const std::string& text, Drifts& drifts) {
  if (unit.load != "loaded") {
    const bool masked = unit.load == "masked";
    drifts.push_back({"runner " + unit.name, "a unit of this host", unit.load,
                      masked ? "systemctl unmask " + unit.name
                             : "install the runner, or correct its `unit` in cc-ci.toml"});
    return;
  }
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
  const std::string own = path_set_by(text);
  const std::string found = path_in(printed_words(unit.environment));
  if (own.empty() || own == found) return;
  drifts.push_back(
      {"PATH of " + unit.name, own, found.empty() ? "none" : found, without_override(unit), true});
}

}  // namespace

Drifts overdue_runs(const Generations& generations, const Generation& generation,
                    const Observed& observed, base::ProcessRunner& processes,
                    std::chrono::microseconds since_boot) {
  Drifts drifts;
  for (const std::string& timer : timers_of(generation)) {
    const std::string service = timer.substr(0, timer.rfind('.')) + ".service";
    const UnitState* unit = observed.unit(service);
    const auto text = generations.unit_text(generation, timer);
    if (unit == nullptr || unit->active != "activating" || !text) continue;
    std::int64_t started = 0;
    std::from_chars(unit->started.data(), unit->started.data() + unit->started.size(), started);
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(
        since_boot - std::chrono::microseconds(started));
    const std::vector<std::string> schedules = host::settings({*text}, "Timer", "OnCalendar");
    if (started <= 0 || age.count() < 1 || schedules.empty()) continue;
    base::Command command;
    // The next time after the run began. "From now" says whether it has come.
    command.argv = {"systemd-analyze", "calendar",
                    "--base-time=-" + std::to_string(age.count()) + "s", "--", schedules.back()};
    command.time_limit = std::chrono::seconds(10);
    const auto outcome = processes.run(command);
    if (!outcome || outcome->status != 0) continue;
    const std::size_t at = outcome->out.find("From now:");
    if (at == std::string::npos) continue;
    const std::string_view rest = std::string_view(outcome->out).substr(at);
    if (!base::trim(rest.substr(0, rest.find('\n'))).ends_with("ago")) continue;
    drifts.push_back({"run of " + service, "ended before its next time",
                      "running for " + base::human_seconds(static_cast<double>(age.count())),
                      "systemctl stop " + service});
  }
  return drifts;
}

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
      check_last_run(*unit, drifts);
    }
  }
  return drifts;
}

}  // namespace ccci::activate
