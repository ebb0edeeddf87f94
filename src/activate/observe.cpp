// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/observe.hpp"

#include <algorithm>

#include "base/directory.hpp"
#include "base/text.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_note = 4096;

using Links = std::map<std::string, std::string>;

base::Result<void> add_links(const Layout& layout, std::string_view directory,
                             std::string_view only, Links& links) {
  std::error_code error;
  CCCI_TRY(const auto entries, base::entries_of(layout.at(directory)));
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().native();
    const std::string path = std::string(directory) + "/" + name;
    if (entry.is_symlink(error)) {
      if (!only.empty() && name != only) continue;
      const std::string target = fs::read_symlink(entry.path(), error).native();
      if (is_ours(target)) links[path] = target;
    } else if (only.empty() && name.ends_with(".d") && entry.is_directory(error)) {
      CCCI_CHECK(add_links(layout, path, drop_in_name, links));
    }
  }
  return {};
}

// A link in .wants points to a unit in the units' directory. It is ours if that unit is ours, or if
// that unit no longer exists.
base::Result<void> add_wants(const Layout& layout, Links& links) {
  std::error_code error;
  const std::string units = std::string(units_directory) + "/";
  CCCI_TRY(const auto entries, base::entries_of(layout.at(wants_directory)));
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_symlink(error)) continue;
    const std::string target = fs::read_symlink(entry.path(), error).native();
    if (!target.starts_with(units) && !is_ours(target)) continue;
    if (is_ours(target) || links.contains(target) ||
        !fs::exists(fs::symlink_status(layout.at(target), error))) {
      links[std::string(wants_directory) + "/" + entry.path().filename().native()] = target;
    }
  }
  return {};
}

std::set<std::string> names_of(const Generation& from, const Generation& to) {
  std::set<std::string> names;
  for (const Generation* generation : {&from, &to}) {
    for (const auto& list : {timers_of(*generation), services_of(*generation),
                             attached_of(*generation), generation->health.units}) {
      names.insert(list.begin(), list.end());
    }
  }
  return names;
}

base::Result<std::map<std::string, StartedWith>> waiting_units(const Layout& layout) {
  std::map<std::string, StartedWith> waiting;
  CCCI_TRY(const auto entries, base::entries_of(layout.run() / "restart"));
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().native();
    const auto text = base::read_file(entry.path(), largest_note);
    if (!text || !is_unit_name(name)) continue;
    const std::vector<std::string_view> words = base::split(base::trim(*text), ' ');
    waiting[name] = {std::string(words[0]), words.size() > 1 ? std::string(words[1]) : ""};
  }
  return waiting;
}

}  // namespace

const UnitState* Observed::unit(const std::string& name) const {
  const auto found = units.find(name);
  return found == units.end() ? nullptr : &found->second;
}

base::Result<Links> our_links(const Layout& layout) {
  Links links;
  CCCI_CHECK(add_links(layout, units_directory, {}, links));
  CCCI_CHECK(add_wants(layout, links));
  std::error_code error;
  const std::string profile = fs::read_symlink(layout.at(profile_file), error).native();
  if (is_ours(profile)) links[std::string(profile_file)] = profile;
  return links;
}

std::string environment_in(std::string_view mountinfo) {
  constexpr std::string_view kind = "/environment/";
  std::string environment;
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    // 36 35 98:0 ROOT MOUNTPOINT …: if there are several mounts on one path, the last one is
    // visible.
    const std::vector<std::string_view> fields = base::split(line, ' ');
    if (fields.size() < 5 || fields[4] != "/usr") continue;
    environment.clear();
    const std::size_t at = fields[3].rfind(kind);
    if (at == std::string_view::npos) continue;
    const std::string_view name = fields[3].substr(at + kind.size());
    environment = name.substr(0, name.find('-'));
  }
  return environment;
}

std::optional<std::string> environment_of_process(int pid, const fs::path& proc) {
  const fs::path directory = proc / std::to_string(pid);
  const auto comm = base::read_file(directory / "comm", largest_note);
  const auto mountinfo = base::read_file(directory / "mountinfo", largest_mountinfo);
  if (!comm || comm->starts_with('(') || !mountinfo || mountinfo->empty()) return std::nullopt;
  return environment_in(*mountinfo);
}

std::string home_of(const std::string& environment) {
  return environment.empty() ? "the host's own /usr" : "environment " + environment.substr(0, 12);
}

base::Result<Observed> observe(const Generations& generations, Systemd& systemd,
                               const Generation& from, const Generation& to) {
  const Layout& layout = generations.layout();
  Observed observed;
  const auto current = generations.current();
  observed.current = current.value_or(0);
  observed.lost = !current;
  observed.confirmed = generations.confirmed();
  std::error_code error;
  observed.pending = fs::exists(layout.run() / "pending", error);
  CCCI_TRY(observed.waiting, waiting_units(layout));
  CCCI_TRY(observed.links, our_links(layout));
  for (const auto& [path, target] : wanted_links(to)) {
    const bool there = fs::exists(fs::symlink_status(layout.at(path), error));
    if (!there || observed.links.contains(path)) continue;
    // For a link in a .wants directory only the name counts.
    const bool enables =
        path.starts_with(wants_directory) && fs::is_symlink(layout.at(path), error);
    (enables ? observed.settled : observed.foreign).insert(path);
  }
  std::set<std::string> names = names_of(from, to);
  for (const auto& [unit, started] : observed.waiting) names.insert(unit);
  CCCI_TRY(std::vector<UnitState> states, systemd.show({names.begin(), names.end()}));
  for (UnitState& state : states) {
    std::string name = state.name;
    observed.units[std::move(name)] = std::move(state);
  }
  for (const std::string& name : attached_of(to)) {
    const UnitState* unit = observed.unit(name);
    if (unit == nullptr || unit->active != "active" || unit->main_pid <= 0) continue;
    const std::string environment = environment_of_process(unit->main_pid).value_or("");
    // A runner outside of all environments is not listed: if somebody detached it by hand, every
    // switch would restart it.
    if (!environment.empty()) observed.inside[name] = environment;
  }
  return observed;
}

}  // namespace ccci::activate
