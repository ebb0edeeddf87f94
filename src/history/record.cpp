// SPDX-License-Identifier: GPL-3.0-or-later
#include "history/record.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ccci::history {

namespace {

constexpr std::array verdicts{std::pair{Verdict::pass, "pass"}, std::pair{Verdict::fail, "fail"},
                              std::pair{Verdict::flaky, "flaky"},
                              std::pair{Verdict::unverified, "unverified"}};

std::vector<RungRecord> rungs_of(const base::Json& list) {
  std::vector<RungRecord> rungs;
  for (const base::Json& rung : list.elements()) {
    rungs.push_back({rung["name"].text_or_empty(), rung["verdict"].text_or_empty(),
                     at_most_longest(rung["milliseconds"].number().value_or(0))});
  }
  return rungs;
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
  const auto level = json["level"].number();
  if (!level || *level > most_levels) {
    why = "level";
    return std::nullopt;
  }
  for (const auto& [member, most] :
       {std::pair{"milliseconds", longest_time}, std::pair{"peak_memory", most_memory}}) {
    if (json[member].number().value_or(0) <= most) continue;
    why = member;
    return std::nullopt;
  }
  record.verdict = *verdict;
  record.level = static_cast<int>(*level);
  record.version = json["version"].text_or_empty();
  record.commit = json["commit"].text_or_empty();
  record.time = at_most_longest(json["milliseconds"].number().value_or(0));
  record.peak_memory = json["peak_memory"].number().value_or(0);
  record.reason = json["reason"].text_or_empty();
  record.cause = json["cause"].text_or_empty();
  record.decision = json["decision"].text_or_empty();
  record.machine = json["machine"].text_or_empty();
  record.place = json["place"].text_or_empty();
  record.promoted = json["promoted"].boolean().value_or(false);
  record.rungs = rungs_of(json["rungs"]);
  for (const auto& [image, digest] : json["images"].items())
    record.images[image] = digest.text_or_empty();
  record.settings = settings_of(json["settings"]);
  for (const auto& [recipe, version] : json["dependencies"].items())
    record.dependencies[recipe] = version.text_or_empty();
  return record;
}

}  // namespace ccci::history
