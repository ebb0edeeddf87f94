// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/systemd.hpp"

#include <charconv>

#include "base/text.hpp"

namespace ccci::activate {

namespace {

// systemd itself gives generators and a reload 90 seconds. A longer wait means that there is no
// answer.
constexpr std::chrono::seconds longest_call{120};
constexpr std::chrono::seconds longest_look{20};
constexpr std::uint64_t largest_answer = 64U << 20U;
constexpr std::uint64_t largest_look = 1U << 20U;
constexpr const char* properties =
    "LoadState,LoadError,ActiveState,SubState,Result,UnitFileState,FragmentPath,DropInPaths,Type,"
    "InvocationID,ControlGroup,Environment,ExecStart,MainPID,NRestarts,ExecMainStatus,"
    "NeedDaemonReload,User,TimeoutStopUSec,LastTriggerUSecMonotonic,InactiveExitTimestampMonotonic,"
    "ConditionResult,AssertResult,TriggeredBy,"
    "Job,Id";

template <typename Number>
Number parsed(std::string_view text) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// LoadError is the name of a bus error and its text in quotes. Returns the text, because the name
// alone does not help.
std::string load_error(std::string_view value) {
  const std::size_t quote = value.find('"');
  if (quote == std::string_view::npos) return {};
  value.remove_prefix(quote + 1);
  if (value.ends_with('"')) value.remove_suffix(1);
  return std::string(value);
}

void set(UnitState& unit, std::string_view key, std::string_view value) {
  if (key == "Id") unit.id = value;
  if (key == "LoadState") unit.load = value;
  if (key == "LoadError") unit.load_error = load_error(value);
  if (key == "ActiveState") unit.active = value;
  if (key == "SubState") unit.sub = value;
  if (key == "Result") unit.result = value;
  if (key == "UnitFileState") unit.file_state = value;
  if (key == "FragmentPath") unit.fragment = value;
  if (key == "DropInPaths") unit.drop_ins = value;
  if (key == "Type") unit.type = value;
  if (key == "InvocationID") unit.invocation = value;
  if (key == "ControlGroup") unit.control_group = value;
  if (key == "Environment") unit.environment = value;
  if (key == "ExecStart") unit.exec_start += std::string(value) + "\n";
  if (key == "User") unit.user = value;
  if (key == "LastTriggerUSecMonotonic") unit.last_trigger = value;
  if (key == "InactiveExitTimestampMonotonic") unit.started = value;
  if (key == "TriggeredBy") unit.triggers = value;
  if (key == "TimeoutStopUSec") unit.stop_limit = value;
  if (key == "MainPID") unit.main_pid = parsed<int>(value);
  if (key == "NRestarts") unit.restarts = parsed<unsigned>(value);
  if (key == "ExecMainStatus") unit.exit_status = parsed<int>(value);
  if (key == "ConditionResult") unit.condition = value != "no";
  if (key == "AssertResult") unit.assertion = value != "no";
  if (key == "Job") unit.queued = !value.empty() && value != "0";
  if (key == "NeedDaemonReload") unit.needs_reload = value == "yes";
}

}  // namespace

bool UnitState::runs() const {
  return active == "active" || active == "reloading" || active == "activating";
}

std::vector<UnitState> read_units(std::string_view text, const std::vector<std::string>& units) {
  std::vector<UnitState> states(units.size());
  std::size_t at = 0;
  bool inside = false;
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty()) {
      if (inside) ++at;
      inside = false;
      continue;
    }
    if (at >= states.size()) break;
    inside = true;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    set(states[at], line.substr(0, equals), line.substr(equals + 1));
  }
  for (std::size_t i = 0; i < units.size(); ++i) states[i].name = units[i];
  return states;
}

base::Result<std::string> RealSystemd::call(std::vector<std::string> words,
                                            const std::vector<std::string>& units) {
  base::Command command;
  command.argv = {"systemctl", "--no-pager", "--no-ask-password"};
  const std::string verb = words.front();
  for (std::string& word : words) command.argv.push_back(std::move(word));
  if (!units.empty()) {
    command.argv.emplace_back("--");
    command.argv.insert(command.argv.end(), units.begin(), units.end());
  }
  command.time_limit = longest_call;
  command.output_limit = largest_answer;
  CCCI_TRY(const base::Outcome outcome, processes_.run(command));
  if (outcome.status == 0 && !outcome.timed_out && !outcome.truncated) return outcome.out;
  std::string found = "status " + std::to_string(outcome.status);
  if (outcome.timed_out) found = "no answer in " + base::human_seconds(longest_call.count());
  if (outcome.truncated) found = "too long an answer";
  return base::unexpected(base::fail("activate.systemctl", base::Condition::refused)
                              .with("call", "systemctl " + verb)
                              .with("units", base::join(units, " "))
                              .with("found", found)
                              .with("output", base::trim(outcome.err)));
}

base::Result<std::vector<UnitState>> RealSystemd::show(const std::vector<std::string>& units) {
  if (units.empty()) return std::vector<UnitState>{};
  CCCI_TRY(const std::string text, call({"show", "--property", properties}, units));
  return read_units(text, units);
}

base::Result<void> RealSystemd::reload() {
  CCCI_CHECK(call({"daemon-reload"}, {}));
  return {};
}

base::Result<void> RealSystemd::stop(const std::vector<std::string>& units) {
  if (!units.empty()) CCCI_CHECK(call({"stop"}, units));
  return {};
}

base::Result<void> RealSystemd::start(const std::vector<std::string>& units) {
  if (units.empty()) return {};
  forget_starts(units);
  CCCI_CHECK(call({"start", "--no-block"}, units));
  return {};
}

base::Result<void> RealSystemd::restart(const std::vector<std::string>& units) {
  if (units.empty()) return {};
  forget_starts(units);
  CCCI_CHECK(call({"restart", "--no-block"}, units));
  return {};
}

// If a unit flapped in the old generation, systemd's limit must not refuse its start in the next
// one. For units that are not loaded, and so have not failed, systemctl returns an error; it is
// ignored.
void RealSystemd::forget_starts(const std::vector<std::string>& units) {
  static_cast<void>(call({"reset-failed"}, units));
}

std::string RealSystemd::look(std::vector<std::string> argv) {
  base::Command command;
  command.argv = std::move(argv);
  command.time_limit = longest_look;
  command.output_limit = largest_look;
  const auto outcome = processes_.run(command);
  return outcome ? outcome->out + outcome->err : std::string();
}

std::string RealSystemd::status(const std::string& unit) {
  return look({"systemctl", "--no-pager", "--full", "--lines=0", "status", "--", unit});
}

std::string RealSystemd::journal(const std::string& unit,
                                 std::chrono::system_clock::time_point since) {
  const auto seconds = std::chrono::system_clock::to_time_t(since);
  return look({"journalctl", "--no-pager", "--quiet", "--lines=500", "--output=short-iso",
               "--since=@" + std::to_string(seconds), "--unit=" + unit});
}

}  // namespace ccci::activate
