// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/plan.hpp"

#include <algorithm>

#include "activate/layout.hpp"
#include "base/text.hpp"

namespace ccci::activate {

namespace {

using Act = Operation::Act;

std::string drop_in_of(const std::string& unit) { return unit + ".d/" + std::string(drop_in_name); }

std::string digest_of(const Generation& generation, const std::string& path) {
  const auto found = generation.units.find(path);
  return found == generation.units.end() ? std::string() : found->second;
}

class Planner {
 public:
  Planner(const Observed& observed, const Generation& from, const Generation& to)
      : observed_(observed), from_(from), to_(to), wanted_(wanted_links(to)) {}

  Plan plan(bool published);

 private:
  void find_links();
  void find_restarts();
  bool stale(const std::string& unit) const;
  bool awaited(const UnitState& state) const;
  std::vector<std::string> running_timers() const;
  std::vector<std::string> idle_timers(const std::vector<std::string>& paused) const;
  bool needs_reload() const;
  bool elsewhere() const { return observed_.lost || observed_.current != to_.number; }
  void add(Operation operation) { plan_.operations.push_back(std::move(operation)); }

  const Observed& observed_;
  const Generation& from_;
  const Generation& to_;
  const std::map<std::string, std::string> wanted_;
  std::vector<Operation> make_;
  std::vector<Operation> drop_;
  std::vector<std::string> restart_;
  Plan plan_;
};

void Planner::find_links() {
  for (const auto& [path, target] : wanted_) {
    if (observed_.settled.contains(path)) continue;
    const auto there = observed_.links.find(path);
    if (there != observed_.links.end() && there->second == target) continue;
    make_.push_back({.act = Act::link, .path = path, .target = target});
  }
  for (const auto& [path, target] : observed_.links) {
    if (!wanted_.contains(path)) drop_.push_back({.act = Act::unlink, .path = path});
  }
}

// Whether the running service was started with a text other than the wanted one.
bool Planner::stale(const std::string& unit) const {
  const std::string path = drop_in_of(unit);
  const std::string wanted = digest_of(to_, path);
  const UnitState& state = *observed_.unit(unit);
  if (const auto waits = observed_.waiting.find(unit); waits != observed_.waiting.end()) {
    return waits->second != StartedWith{state.invocation, wanted};
  }
  if (wanted != digest_of(from_, path)) return true;
  const auto inside = observed_.inside.find(unit);
  const auto attached = to_.attached.find(unit);
  return inside != observed_.inside.end() && attached != to_.attached.end() &&
         inside->second != attached->second;
}

bool Planner::awaited(const UnitState& state) const {
  const std::string path = drop_in_of(state.name);
  const std::string wanted = digest_of(to_, path);
  return (state.file_state == "enabled" || state.file_state == "enabled-runtime") &&
         !wanted.empty() && wanted != digest_of(from_, path);
}

void Planner::find_restarts() {
  std::set<std::string> units;
  for (const Generation* generation : {&from_, &to_}) {
    for (const std::string& unit : attached_of(*generation)) units.insert(unit);
  }
  // A unit that a killed switch noted may be in neither of the two generations.
  for (const auto& [unit, started] : observed_.waiting) units.insert(unit);
  for (const std::string& unit : units) {
    const UnitState* state = observed_.unit(unit);
    if (state == nullptr) continue;
    const bool waits = observed_.waiting.contains(unit);
    // A stopped unit is not started, with two exceptions. It may have failed in a restart of ours.
    // Or it is enabled and waited for this switch, because its program may be only in the
    // environment.
    if (!state->runs() && !waits && !awaited(*state)) continue;
    plan_.required.push_back(unit);
    // A running oneshot is a run that somebody started, not a daemon.
    if (state->type == "oneshot" && state->runs()) continue;
    if (!state->runs() || stale(unit)) restart_.push_back(unit);
  }
}

std::vector<std::string> Planner::running_timers() const {
  std::vector<std::string> timers;
  for (const auto& [name, state] : observed_.units) {
    const bool own = from_.units.contains(name) || to_.units.contains(name);
    if (own && name.ends_with(".timer") && state.runs()) timers.push_back(name);
  }
  return timers;
}

std::vector<std::string> Planner::idle_timers(const std::vector<std::string>& paused) const {
  std::vector<std::string> timers;
  for (const std::string& timer : timers_of(to_)) {
    const UnitState* state = observed_.unit(timer);
    const bool stopped = std::find(paused.begin(), paused.end(), timer) != paused.end();
    if (stopped || state == nullptr || !state->runs()) timers.push_back(timer);
  }
  return timers;
}

bool Planner::needs_reload() const {
  const auto unit_link = [](const Operation& operation) { return operation.path != profile_file; };
  return observed_.pending || elsewhere() || std::any_of(make_.begin(), make_.end(), unit_link) ||
         std::any_of(drop_.begin(), drop_.end(), unit_link) ||
         std::any_of(observed_.units.begin(), observed_.units.end(),
                     [](const auto& unit) { return unit.second.needs_reload; });
}

Plan Planner::plan(bool published) {
  plan_.from = observed_.current;
  plan_.to = to_.number;
  find_links();
  find_restarts();
  const bool reload = needs_reload();
  const std::vector<std::string> paused = reload ? running_timers() : std::vector<std::string>{};
  const std::vector<std::string> start = idle_timers(paused);
  const bool nothing = !reload && make_.empty() && drop_.empty() && restart_.empty() &&
                       start.empty() && observed_.confirmed == to_.number;
  if (nothing) return std::move(plan_);
  add({.act = Act::begin, .generation = to_.number});
  if (!published) add({.act = Act::publish, .generation = to_.number});
  if (!paused.empty()) add({.act = Act::pause, .units = paused});
  for (Operation& operation : make_) add(std::move(operation));
  for (const std::string& unit : restart_) {
    if (observed_.waiting.contains(unit)) continue;
    const UnitState& state = *observed_.unit(unit);
    add({.act = Act::note,
         .target = state.invocation + " " + digest_of(from_, drop_in_of(unit)),
         .units = {unit}});
  }
  if (elsewhere()) add({.act = Act::activate, .generation = to_.number});
  for (Operation& operation : drop_) add(std::move(operation));
  if (reload) add({.act = Act::reload});
  if (!restart_.empty()) add({.act = Act::restart, .units = restart_});
  std::vector<std::string> changed;
  for (const std::string& timer : start) {
    if (digest_of(from_, timer) != digest_of(to_, timer)) changed.push_back(timer);
  }
  if (!changed.empty()) add({.act = Act::stamp, .units = changed});
  if (!start.empty()) add({.act = Act::start, .units = start});
  return std::move(plan_);
}

std::string_view word(Act act) {
  switch (act) {
    case Act::begin:
      return "begin";
    case Act::publish:
      return "publish";
    case Act::pause:
      return "pause";
    case Act::link:
      return "link";
    case Act::note:
      return "note";
    case Act::activate:
      return "activate";
    case Act::unlink:
      return "unlink";
    case Act::reload:
      return "reload";
    case Act::restart:
      return "restart";
    case Act::stamp:
      return "stamp";
    case Act::start:
      return "start";
  }
  return "?";
}

std::string object(const Operation& operation) {
  const std::string generation =
      operation.generation == 0 ? "nothing" : "generation " + std::to_string(operation.generation);
  switch (operation.act) {
    case Act::begin:
      return "the way to " + generation;
    case Act::publish:
    case Act::activate:
      return generation;
    case Act::link:
      return operation.path + " -> " + operation.target;
    case Act::unlink:
      return operation.path;
    case Act::reload:
      return "systemd";
    case Act::pause:
    case Act::note:
    case Act::restart:
    case Act::stamp:
    case Act::start:
      return base::join(operation.units, " ");
  }
  return {};
}

}  // namespace

base::Result<Plan> make_plan(const Observed& observed, const Generation& from, const Generation& to,
                             bool published) {
  std::vector<base::Error> errors;
  for (const std::string& path : observed.foreign) {
    errors.push_back(base::fail("activate.foreign").with("path", path));
  }
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return Planner(observed, from, to).plan(published);
}

std::vector<std::string> restarted(const Plan& plan) {
  for (const Operation& operation : plan.operations) {
    if (operation.act == Act::restart) return operation.units;
  }
  return {};
}

std::string describe(const Operation& operation) {
  std::string text(word(operation.act));
  text.resize(std::max<std::size_t>(text.size(), 8), ' ');
  return text + "  " + object(operation);
}

base::Json to_json(const Plan& plan) {
  base::Json json{{"from", plan.from}, {"to", plan.to}, {"operations", base::Json::array()}};
  for (const Operation& operation : plan.operations) {
    base::Json entry{{"act", word(operation.act)}};
    if (!operation.path.empty()) entry["path"] = operation.path;
    if (operation.act == Act::link) entry["target"] = operation.target;
    if (!operation.units.empty()) entry["units"] = operation.units;
    if (operation.generation != 0) entry["generation"] = operation.generation;
    json["operations"].push_back(std::move(entry));
  }
  for (const RunnerJob& job : plan.busy) {
    json["jobs"].push_back({{"unit", job.unit},
                            {"pid", job.pid},
                            {"command", job.command},
                            {"seconds", job.age.count()}});
  }
  return json;
}

}  // namespace ccci::activate
