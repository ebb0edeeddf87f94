// SPDX-License-Identifier: GPL-3.0-or-later
#include "results/files.hpp"

namespace ccci::results {

namespace {

double seconds(std::chrono::milliseconds time) { return static_cast<double>(time.count()) / 1000; }

const char* ending(run::Ending ending) {
  switch (ending) {
    case run::Ending::deadline:
      return "deadline";
    case run::Ending::stopped:
      return "stopped";
    case run::Ending::failed:
      return "failed";
    case run::Ending::complete:
      break;
  }
  return "complete";
}

base::Json rung_json(const run::Rung& rung) {
  return {{"name", rung.name},
          {"verdict", run::name(rung.verdict)},
          {"reason", rung.reason},
          {"seconds", seconds(rung.time)},
          {"last_words", rung.last_words}};
}

}  // namespace

base::Json to_json(const run::Result& result) {
  base::Json rungs = base::Json::array();
  for (const run::Rung& rung : result.rungs) rungs.push_back(rung_json(rung));
  base::Json deviations = base::Json::array();
  for (const recipe::Deviation& deviation : result.deviations) {
    deviations.push_back(
        {{"service", deviation.service}, {"key", deviation.key}, {"what", deviation.what}});
  }
  base::Json json{
      {"schema", 1},
      {"recipe", result.recipe},
      {"version", result.version},
      {"commit", result.commit},
      {"dirty", result.dirty},
      {"release", result.release},
      {"environment", result.environment},
      {"domain", result.domain},
      {"engine", result.engine.empty() ? "private" : result.engine},
      {"started", result.started},
      {"ending", ending(result.ending)},
      {"problem", result.promotion.empty() ? result.problem : result.promotion},
      {"verdict", run::name(run::verdict(result))},
      {"settled", run::is_settled(result)},
      {"level", run::level(result)},
      {"rungs", std::move(rungs)},
      {"deviations", std::move(deviations)},
      {"notes", result.notes},
      {"images", result.images},
      {"settings", result.settings ? base::Json(*result.settings) : base::Json(nullptr)},
      {"left", result.left},
      {"screenshot",
       result.screenshot.empty() ? base::Json("screenshot.png") : base::Json(nullptr)},
      {"no_screenshot", result.screenshot}};
  json["flags"] = base::Json{{"clean_teardown", result.clean_teardown},
                             {"no_secret_leak", result.no_secret_leak}};
  json["seconds"] = base::Json{{"all", seconds(result.time)},
                               {"engine_start", seconds(result.engine_start)},
                               {"serving", seconds(result.serving)},
                               {"teardown", seconds(result.teardown)}};
  json["dependencies"] = result.dependencies;
  base::Json notes = base::Json::array();
  for (const run::ReleaseNote& note : result.release_notes)
    notes.push_back({{"version", note.version}, {"text", note.text}});
  json["release_notes"] = std::move(notes);
  json["peak_disk"] = result.peak_disk ? base::Json(*result.peak_disk) : base::Json(nullptr);
  json["peak_memory"] = result.peak_memory ? base::Json(*result.peak_memory) : base::Json(nullptr);
  return json;
}

}  // namespace ccci::results
