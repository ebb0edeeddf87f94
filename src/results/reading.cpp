// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstdlib>

#include "results/files.hpp"

namespace ccci::results {

namespace {

std::chrono::milliseconds time_in(const base::Json& seconds) {
  constexpr double thousand = 1000;
  constexpr double longest = 1e9;
  const std::string text = seconds.dump();
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(value >= 0) || value > longest) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(std::llround(value * thousand));
}

std::vector<std::string> texts_in(const base::Json& list) {
  std::vector<std::string> texts;
  for (const base::Json& item : list.elements()) texts.push_back(item.text_or_empty());
  return texts;
}

run::Verdict verdict_in(const std::string& text) {
  for (const auto verdict : {run::Verdict::pass, run::Verdict::fail, run::Verdict::skip})
    if (run::name(verdict) == text) return verdict;
  return run::Verdict::unverified;
}

run::Ending ending_in(const std::string& text) {
  if (text == "deadline") return run::Ending::deadline;
  if (text == "stopped") return run::Ending::stopped;
  return text == "failed" ? run::Ending::failed : run::Ending::complete;
}

void read_head(const base::Json& json, run::Result& result) {
  result.recipe = json["recipe"].text_or_empty();
  result.version = json["version"].text_or_empty();
  result.commit = json["commit"].text_or_empty();
  result.dirty = json["dirty"].boolean().value_or(false);
  result.release = json["release"].boolean().value_or(false);
  result.environment = json["environment"].text_or_empty();
  result.domain = json["domain"].text_or_empty();
  result.engine = json["engine"].text_or_empty();
  if (result.engine == "private") result.engine.clear();
  result.started = json["started"].text_or_empty();
  result.ending = ending_in(json["ending"].text_or_empty());
  result.problem = json["problem"].text_or_empty();
  result.screenshot = json["no_screenshot"].text_or_empty();
  result.clean_teardown = json["flags"]["clean_teardown"].boolean().value_or(false);
  result.no_secret_leak = json["flags"]["no_secret_leak"].boolean().value_or(false);
  result.time = time_in(json["seconds"]["all"]);
  result.engine_start = time_in(json["seconds"]["engine_start"]);
  result.serving = time_in(json["seconds"]["serving"]);
  result.teardown = time_in(json["seconds"]["teardown"]);
  result.peak_memory = json["peak_memory"].number();
  result.peak_disk = json["peak_disk"].number();
}

}  // namespace

std::optional<run::Result> read_result(const base::Json& json) {
  if (!json["rungs"].is_array() || !json["recipe"].is_string()) return std::nullopt;
  run::Result result;
  read_head(json, result);
  for (const base::Json& rung : json["rungs"].elements()) {
    result.rungs.push_back({rung["name"].text_or_empty(),
                            verdict_in(rung["verdict"].text_or_empty()),
                            rung["reason"].text_or_empty(), rung["last_words"].text_or_empty(),
                            time_in(rung["seconds"])});
  }
  for (const base::Json& one : json["deviations"].elements()) {
    result.deviations.push_back(
        {one["service"].text_or_empty(), one["key"].text_or_empty(), one["what"].text_or_empty()});
  }
  for (const base::Json& note : json["release_notes"].elements())
    result.release_notes.push_back({note["version"].text_or_empty(), note["text"].text_or_empty()});
  for (const base::Json::Member& image : json["images"].items())
    result.images[image.name] = image.value.text_or_empty();
  if (json["settings"].is_object()) {
    auto& settings = result.settings.emplace();
    for (const base::Json::Member& one : json["settings"].items())
      settings[one.name] = one.value.text_or_empty();
  }
  result.notes = texts_in(json["notes"]);
  result.left = texts_in(json["left"]);
  result.dependencies = texts_in(json["dependencies"]);
  return result;
}

}  // namespace ccci::results
