// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the results.json of a run and as a delivery to `cc-ci results import`: what is read
// is written and read back the same, and what shows it has no control character, no formula and no
// name that could be another path.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json.hpp"
#include "base/text.hpp"
#include "results/files.hpp"
#include "sweep/export.hpp"
#include "sweep/outcome.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_harmless(const std::string& text) {
  return base::printable_lines(text) == text && text.find("<script") == std::string::npos;
}

void result(const base::Json& json) {
  const auto read = results::read_result(json);
  if (!read) return;
  const std::string written = results::to_json(*read).dump();
  const auto parsed = base::Json::parse(written);
  require(parsed.has_value());
  const auto again = results::read_result(*parsed);
  require(again && results::to_json(*again).dump() == written);
  for (const std::string& text :
       {results::to_html(*read), results::to_junit(*read), results::to_badge(*read)})
    require(is_harmless(text));
}

void outcome(const base::Json& json, const std::string& text) {
  sweep::Job job;
  job.decision.recipe = "gitea";
  for (const int status : {0, 1, 2, 3, 4, 142, 143}) {
    const sweep::RunOutcome outcome = sweep::outcome_of(job, "sha256:aa", status, json, text);
    require(outcome.record.reason.size() <= 403);
    require(outcome.record.reason.find('\n') == std::string::npos);
    require(outcome.record.level >= 0 && outcome.record.level <= 5);
  }
}

// No cell begins as a formula, whichever program reads it.
void csv(const std::string& text) {
  bool quoted = false;
  bool begins = true;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (begins && (c == ' ' || c == '\n')) continue;
    require(!begins || std::string_view("=+-@\t").find(c) == std::string_view::npos);
    begins = !quoted && (c == ',' || c == '\n' || c == ';');
    require(quoted || c != ';');
  }
  require(!quoted);
}

void delivery(const std::string& text) {
  const auto records = sweep::import_json(text, "all.json", "2026-11-28");
  if (!records) {
    require(!records.error().field("why").empty());
    return;
  }
  for (const history::Record& record : *records) {
    require(record.place.empty() && record.level <= 5 && record.time.count() >= 0);
    for (const std::string* name : {&record.recipe, &record.night})
      require(!name->empty() && name->front() != '.' && name->find('/') == std::string::npos);
  }
  const std::string written = sweep::export_json(*records).dump();
  const auto again = sweep::import_json(written, "all.json", {});
  require(again && *again == *records);
  csv(sweep::export_csv(*records));
  require(is_harmless(sweep::export_junit(*records)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  delivery(text);
  const auto json = base::Json::parse(text);
  if (json) result(*json);
  outcome(json ? *json : base::Json(), text);
  return 0;
}
