// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/outcome.hpp"

#include <algorithm>
#include <cmath>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::sweep {

namespace {

constexpr std::uint64_t largest_results = 16U << 20U;
constexpr std::uint64_t largest_output = 64U << 20U;
constexpr std::size_t longest_reason = 400;  // bytes; the store grows by less than 2 kB a verdict

// Exit statuses of `cc-ci test`.
enum Status { passed = 0, failed = 1, misused = 2, unverified = 4, deadline = 142, stopped = 143 };

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
  if (text.size() <= longest_reason) return text;
  text.resize(longest_reason);
  // Not in the middle of a character.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80)
    text.pop_back();
  if (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80U) != 0) text.pop_back();
  return text + "…";
}

// Numbers of results.json are seconds with a fraction.
std::chrono::milliseconds milliseconds(const base::Json& seconds) {
  constexpr double thousand = 1000;
  const std::string text = seconds.dump();
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end == text.c_str() || !(value >= 0) || value > 1e9) return std::chrono::milliseconds(0);
  return std::chrono::milliseconds(std::llround(value * thousand));
}

// The first rung with this verdict, as "install: reason". An app that does not run matters more
// than a rule of lint.
std::string reason_of(const base::Json& results, std::string_view verdict) {
  std::string of_lint;
  for (const base::Json& rung : results["rungs"].elements()) {
    if (rung["verdict"].text_or_empty() != verdict) continue;
    std::string reason = rung["name"].text_or_empty() + ": " + rung["reason"].text_or_empty();
    if (rung["name"].text_or_empty() != "lint") return reason;
    of_lint = std::move(reason);
  }
  return of_lint;
}

std::string why_not_green(const base::Json& results) {
  std::string reason = results["problem"].text_or_empty();
  if (reason.empty()) reason = reason_of(results, "fail");
  const base::Json& flags = results["flags"];
  if (reason.empty() && flags["clean_teardown"].boolean() == false)
    reason = "the teardown left something";
  if (reason.empty() && flags["no_secret_leak"].boolean() == false)
    reason = "a secret is in the files of the result";
  if (reason.empty()) reason = reason_of(results, "unverified");
  return one_line(std::move(reason));
}

}  // namespace

std::optional<history::Record> record_of_results(const base::Json& results) {
  const std::string recipe = results["recipe"].text_or_empty();
  const auto verdict = history::verdict_named(results["verdict"].text_or_empty());
  if (recipe.empty() || !verdict || !results["rungs"].is_array()) return std::nullopt;
  history::Record record{.recipe = recipe, .night = {}, .environment = {}};
  record.environment = results["environment"].text_or_empty();
  record.version = results["version"].text_or_empty();
  record.commit = results["commit"].text_or_empty();
  record.started = results["started"].text_or_empty();
  record.verdict = *verdict;
  record.level =
      static_cast<int>(std::min<std::uint64_t>(results["level"].number().value_or(0), 5));
  record.time = milliseconds(results["seconds"]["all"]);
  record.peak_memory = std::min(results["peak_memory"].number().value_or(0), history::most_memory);
  if (record.verdict != history::Verdict::pass) record.reason = why_not_green(results);
  for (const base::Json& rung : results["rungs"].elements()) {
    record.rungs.push_back({rung["name"].text_or_empty(), rung["verdict"].text_or_empty(),
                            milliseconds(rung["seconds"])});
  }
  for (const auto& [image, digest] : results["images"].items())
    record.images[image] = digest.text_or_empty();
  record.settings = history::settings_of(results["settings"]);
  // "db 1.0.0+16": a recipe's name has no blank.
  for (const base::Json& one : results["dependencies"].elements()) {
    const std::string text = one.text_or_empty();
    const std::size_t blank = text.find(' ');
    if (blank != std::string::npos)
      record.dependencies[text.substr(0, blank)] = text.substr(blank + 1);
  }
  return record;
}

RunOutcome outcome_of(const Job& job, const std::string& environment, int exit_status,
                      const base::Json& results, const std::string& said) {
  RunOutcome outcome;
  const auto read = record_of_results(results);
  if (read) outcome.record = *read;
  history::Record& record = outcome.record;
  record.recipe = job.decision.recipe;
  record.decision = job.decision.reason;
  if (record.version.empty()) record.version = job.decision.version;
  if (record.commit.empty()) record.commit = job.decision.commit;
  if (record.environment.empty()) record.environment = environment;
  outcome.dirty = results["dirty"].boolean().value_or(false);
  switch (exit_status) {
    case passed:
    case failed:
    case unverified:
      outcome.settled = exit_status == failed && record.verdict == history::Verdict::fail &&
                        results["settled"].boolean().value_or(false);
      if (read) break;
      outcome.machine_failed = true;
      record.reason =
          "the run ended with status " + std::to_string(exit_status) + " and wrote no results.json";
      record.verdict = history::Verdict::unverified;
      break;
    case deadline:
      record.verdict = history::Verdict::fail;
      if (record.reason.empty()) record.reason = "the deadline of the run was over";
      break;
    case stopped:
      outcome.stopped = true;
      break;
    case misused:
      // The declaration was read before: what cannot be read now is the recipe.
      record.verdict = history::Verdict::fail;
      record.reason = one_line(said.empty() ? "the recipe cannot be read" : said);
      break;
    default:
      outcome.machine_failed = true;
      record.verdict = history::Verdict::unverified;
      if (record.reason.empty() || !read) {
        record.reason = one_line(
            said.empty() ? "cc-ci test ended with status " + std::to_string(exit_status) : said);
      }
      break;
  }
  // The environment of the sweep is one: a declaration that somebody changes meanwhile must not
  // give verdicts of two.
  if (!outcome.stopped && record.environment != environment) {
    record.verdict = history::Verdict::unverified;
    record.reason = "the environment changed during the sweep";
    outcome.machine_failed = true;
    record.environment = environment;
  }
  return outcome;
}

base::Json read_results(const std::filesystem::path& directory) {
  const auto text = base::read_file(directory / "results.json", largest_results);
  if (!text) return nullptr;
  const auto json = base::Json::parse(*text);
  return json ? *json : base::Json(nullptr);
}

std::string last_line(const std::filesystem::path& file) {
  const auto text = base::read_file(file, largest_output);
  if (!text) return {};
  std::string error;
  for (const std::string_view line : base::split(*text, '\n')) {
    // An error is followed by notes and a hint.
    constexpr std::string_view mark = "cc-ci: error: ";
    if (line.starts_with(mark)) error = line.substr(mark.size());
  }
  return base::printable(error);
}

}  // namespace ccci::sweep
