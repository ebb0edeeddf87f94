// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/generation.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/json_reader.hpp"
#include "host/attachment.hpp"

namespace ccci::activate {

namespace {

constexpr std::uint64_t schema = 1;
constexpr std::string_view attached_suffix = ".d/50-cc-ci.conf";
static_assert(attached_suffix.ends_with(host::drop_in_name));
constexpr std::size_t longest_unit_name = 255;
constexpr std::size_t hash_digits = 32;

base::unexpected<base::Error> refuse(std::string_view file, std::string_view problem) {
  return base::unexpected(
      base::fail("activate.record").with("path", file).with("problem", problem));
}

std::vector<std::string> units_ending(const Generation& generation, std::string_view suffix,
                                      bool cut) {
  std::vector<std::string> names;
  for (const auto& [path, digest] : generation.units) {
    if (!path.ends_with(suffix)) continue;
    names.push_back(cut ? path.substr(0, path.size() - suffix.size()) : path);
  }
  return names;
}

std::optional<std::vector<std::string>> strings(const base::Json& list) {
  std::vector<std::string> all;
  if (!list.is_array()) return std::nullopt;
  for (const base::Json& item : list) {
    if (!item.is_string()) return std::nullopt;
    all.push_back(*item.text());
  }
  return all;
}

}  // namespace

bool Generation::same_as(const Generation& other) const {
  Generation mine = *this;
  mine.number = other.number;
  mine.time = other.time;
  mine.commit = other.commit;
  mine.dirty = other.dirty;
  mine.override_reason = other.override_reason;
  return mine == other;
}

base::Json to_json(const HealthRules& rules) {
  return {
      {"units", rules.units}, {"commands", rules.commands}, {"deadline", rules.deadline.count()}};
}

base::Result<HealthRules> health_rules(const base::Json& json, std::string_view file) {
  base::JsonReader members(json);
  HealthRules rules;
  rules.units = members.texts("units");
  for (const base::Json& command : members.array("commands")) {
    auto words = strings(command);
    members.require(words.has_value(), "commands");
    if (!words) break;
    if (words->empty()) return refuse(file, "a command of 'health' is empty");
    rules.commands.push_back(std::move(*words));
  }
  const std::uint64_t deadline = members.number("deadline");
  if (!members.good()) return refuse(file, members.fault());
  if (deadline > std::numeric_limits<std::uint32_t>::max()) {
    return refuse(file, "the deadline of 'health' is too long");
  }
  rules.deadline = std::chrono::seconds(deadline);
  if (!std::all_of(rules.units.begin(), rules.units.end(), is_unit_name)) {
    return refuse(file, "a unit of 'health' is not a unit name");
  }
  return rules;
}

std::string write_record(const Generation& generation) {
  base::Json json{{"schema", schema},
                  {"number", generation.number},
                  {"host", generation.host},
                  {"system", generation.system},
                  {"system_path", generation.system_path},
                  {"digest", generation.digest},
                  {"environment", generation.environment},
                  {"state", generation.state},
                  {"time", generation.time},
                  {"commit", generation.commit},
                  {"dirty", generation.dirty},
                  {"project", generation.project},
                  {"units", generation.units},
                  {"attached", generation.attached},
                  {"health", to_json(generation.health)}};
  if (!generation.override_reason.empty()) json["override"] = generation.override_reason;
  return json.dump(1) + "\n";
}

base::Result<Generation> read_record(std::string_view text, std::string_view file) {
  const base::Json json = base::Json::parse(text).value_or(base::Json());
  base::JsonReader members(json);
  const std::uint64_t written = members.number("schema");
  if (!members.good()) return refuse(file, members.fault());
  if (written != schema) {
    return refuse(file, "its schema is " + std::to_string(written) + ", and only 1 is known");
  }
  Generation generation;
  generation.number = members.number("number");
  generation.host = members.text("host");
  generation.system = members.text("system");
  generation.system_path = members.text("system_path");
  generation.digest = members.text("digest");
  generation.environment = members.text("environment");
  generation.state = members.text("state");
  generation.time = members.text("time");
  generation.commit = members.text("commit");
  generation.dirty = members.yes("dirty");
  generation.override_reason = json["override"].text_or_empty();
  generation.project = members.text("project");
  generation.units = members.text_map("units");
  generation.attached = members.text_map("attached");
  const base::Json& health = members.object("health");
  if (!members.good()) return refuse(file, members.fault());
  CCCI_TRY(generation.health, health_rules(health, file));
  for (const auto& [path, digest] : generation.units) {
    if (!is_unit_path(path)) return refuse(file, "'" + path + "' is not a unit");
  }
  return generation;
}

std::vector<std::string> timers_of(const Generation& generation) {
  return units_ending(generation, ".timer", false);
}

std::vector<std::string> services_of(const Generation& generation) {
  return units_ending(generation, ".service", false);
}

std::vector<std::string> attached_of(const Generation& generation) {
  return units_ending(generation, attached_suffix, true);
}

std::string told_environment(std::string_view drop_in) {
  constexpr std::string_view marker = "\"CC_CI_ENVIRONMENT=";
  const std::size_t at = drop_in.find(marker);
  if (at == std::string_view::npos) return {};
  const std::string_view hash = drop_in.substr(at + marker.size(), hash_digits);
  const bool whole = hash.size() == hash_digits &&
                     hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return whole ? std::string(hash) : std::string();
}

bool is_unit_name(std::string_view name) {
  static constexpr std::array types{".service", ".timer", ".socket",    ".target",
                                    ".path",    ".mount", ".automount", ".swap",
                                    ".slice",   ".scope", ".device"};
  const auto plain = [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') ||
           std::string_view(":-_.\\@").find(byte) != std::string_view::npos;
  };
  return name.size() <= longest_unit_name && !name.empty() && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), plain) &&
         std::any_of(types.begin(), types.end(), [&](std::string_view type) {
           return name.size() > type.size() && name.ends_with(type);
         });
}

bool is_unit_path(std::string_view path) {
  if (path.ends_with(attached_suffix)) {
    const std::string_view unit = path.substr(0, path.size() - attached_suffix.size());
    return is_unit_name(unit) && unit.ends_with(".service");
  }
  return is_unit_name(path) && (path.ends_with(".service") || path.ends_with(".timer"));
}

}  // namespace ccci::activate
