// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/record.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace ccci::history {

namespace {

constexpr std::array verdicts{std::pair{Verdict::pass, "pass"}, std::pair{Verdict::fail, "fail"},
                              std::pair{Verdict::flaky, "flaky"},
                              std::pair{Verdict::unverified, "unverified"}};

// Members may be absent, as in what an older cc-ci wrote. One that is there and has another type or
// is out of bounds must not silently become another value.
bool take(const base::Json& from, const char* member, std::string& to) {
  const base::Json* value = from.find(member);
  if (value == nullptr) return true;
  if (value->text() == nullptr) return false;
  to = *value->text();
  return true;
}

bool take(const base::Json& from, const char* member, std::uint64_t most, std::uint64_t& to) {
  const base::Json* value = from.find(member);
  if (value == nullptr) return true;
  const auto number = value->number();
  if (!number || *number > most) return false;
  to = *number;
  return true;
}

bool take(const base::Json& from, const char* member, std::map<std::string, std::string>& to) {
  const base::Json* value = from.find(member);
  if (value == nullptr) return true;
  if (!value->is_object()) return false;
  for (const auto& [key, text] : value->items()) {
    if (text.text() == nullptr) return false;
    to[key] = *text.text();
  }
  return true;
}

bool take_rungs(const base::Json& from, std::vector<RungRecord>& to) {
  const base::Json* list = from.find("rungs");
  if (list == nullptr) return true;
  if (!list->is_array()) return false;
  for (const base::Json& one : list->elements()) {
    RungRecord rung;
    std::uint64_t time = 0;
    if (!take(one, "name", rung.name) || !take(one, "verdict", rung.verdict) ||
        !take(one, "milliseconds", longest_time, time))
      return false;
    rung.time = at_most_longest(time);
    to.push_back(std::move(rung));
  }
  return true;
}

}  // namespace

std::chrono::milliseconds at_most_longest(std::uint64_t milliseconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::min(milliseconds, longest_time)));
}

std::string_view name(Verdict verdict) {
  for (const auto& [value, text] : verdicts)
    if (value == verdict) return text;
  return "unverified";
}

std::optional<Verdict> verdict_named(std::string_view name) {
  for (const auto& [value, text] : verdicts)
    if (name == text) return value;
  return std::nullopt;
}

std::optional<std::map<std::string, std::string>> settings_of(const base::Json& json) {
  if (!json.is_object()) return std::nullopt;
  std::map<std::string, std::string> settings;
  for (const auto& [key, digest] : json.items()) settings[key] = digest.text_or_empty();
  return settings;
}

base::Json to_json(const std::vector<RungRecord>& rungs) {
  base::Json list = base::Json::array();
  for (const RungRecord& rung : rungs) {
    list.push_back({{"name", rung.name},
                    {"verdict", rung.verdict},
                    {"milliseconds", static_cast<std::uint64_t>(rung.time.count())}});
  }
  return list;
}

double in_seconds(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

base::Json to_json(const Record& record) {
  return {{"recipe", record.recipe},
          {"night", record.night},
          {"environment", record.environment},
          {"version", record.version},
          {"commit", record.commit},
          {"started", record.started},
          {"verdict", name(record.verdict)},
          {"level", record.level},
          {"milliseconds", static_cast<std::uint64_t>(record.time.count())},
          {"peak_memory", record.peak_memory},
          {"reason", record.reason},
          {"cause", record.cause},
          {"decision", record.decision},
          {"machine", record.machine},
          {"place", record.place},
          {"promoted", record.promoted},
          {"rungs", to_json(record.rungs)},
          {"images", record.images},
          {"settings", record.settings ? base::Json(*record.settings) : base::Json(nullptr)},
          {"dependencies", record.dependencies}};
}

std::optional<Record> record_of(const base::Json& json, std::string& why) {
  Record record;
  for (const auto& [member, target] :
       {std::pair{"recipe", &record.recipe}, std::pair{"night", &record.night},
        std::pair{"environment", &record.environment}, std::pair{"started", &record.started}}) {
    const std::string* text = json[member].text();
    if (text == nullptr || text->empty()) {
      why = member;
      return std::nullopt;
    }
    *target = *text;
  }
  const auto verdict = verdict_named(json["verdict"].text_or_empty());
  if (!verdict) {
    why = "verdict";
    return std::nullopt;
  }
  record.verdict = *verdict;
  const auto refuse = [&why](const char* member) {
    why = member;
    return std::nullopt;
  };
  for (const auto& [member, target] :
       {std::pair{"version", &record.version}, std::pair{"commit", &record.commit},
        std::pair{"reason", &record.reason}, std::pair{"cause", &record.cause},
        std::pair{"decision", &record.decision}, std::pair{"machine", &record.machine},
        std::pair{"place", &record.place}})
    if (!take(json, member, *target)) return refuse(member);
  std::uint64_t level = 0;
  std::uint64_t time = 0;
  for (const auto& [member, most, target] :
       {std::tuple{"level", std::uint64_t{most_levels}, &level},
        std::tuple{"milliseconds", longest_time, &time},
        std::tuple{"peak_memory", most_memory, &record.peak_memory}})
    if (!take(json, member, most, *target)) return refuse(member);
  if (json.find("level") == nullptr) return refuse("level");
  record.level = static_cast<int>(level);
  record.time = at_most_longest(time);
  if (const base::Json* promoted = json.find("promoted"); promoted != nullptr) {
    if (!promoted->boolean()) return refuse("promoted");
    record.promoted = *promoted->boolean();
  }
  if (!take_rungs(json, record.rungs)) return refuse("rungs");
  if (!take(json, "images", record.images)) return refuse("images");
  if (!take(json, "dependencies", record.dependencies)) return refuse("dependencies");
  if (const base::Json* settings = json.find("settings"); settings && !settings->is_null()) {
    record.settings.emplace();
    if (!take(json, "settings", *record.settings)) return refuse("settings");
  }
  return record;
}

}  // namespace ccci::history
