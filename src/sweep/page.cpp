// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/page.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "results/files.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

using results::escaped;

std::string element(std::string_view tag, const std::string& text) {
  return "<" + std::string(tag) + ">" + escaped(text) + "</" + std::string(tag) + ">";
}

double seconds(const history::Record& record) { return history::in_seconds(record.time); }

// One bar for each of the last runs, the oldest first: its height is the time, its colour the
// verdict.
std::string sparkline(const std::vector<history::Record>& past) {
  constexpr int bar = 6;
  constexpr double height = 20;
  constexpr double least = 3;
  double longest = 1;
  for (const history::Record& record : past) longest = std::max(longest, seconds(record));
  std::string bars;
  int x = 0;
  for (auto one = past.rbegin(); one != past.rend(); ++one) {
    const double high = std::max(least, height * seconds(*one) / longest);
    bars += "<rect class=\"" + std::string(history::name(one->verdict)) + "\" x=\"" +
            std::to_string(x) + "\" y=\"" + std::to_string(height - high) + "\" width=\"" +
            std::to_string(bar - 1) + "\" height=\"" + std::to_string(high) + "\"><title>" +
            escaped(one->night + ": " + std::string(history::name(one->verdict)) + ", " +
                    base::human_seconds(seconds(*one))) +
            "</title></rect>";
    x += bar;
  }
  return "<svg width=\"" + std::to_string(std::max(x, bar)) + "\" height=\"20\">" + bars + "</svg>";
}

std::string link_to(const fs::path& file, const fs::path& from) {
  return base::percent_encoded(file.lexically_relative(from).native(), "/");
}

std::string files_of(const history::Record& record, const fs::path& directory) {
  std::error_code error;
  const fs::path place = record.place;
  if (record.place.empty() || !fs::exists(place / "summary.html", error)) return {};
  std::string cell =
      "<a href=\"" + escaped(link_to(place / "summary.html", directory)) + "\">result</a>";
  if (fs::exists(place / "screenshot.png", error)) {
    const std::string picture = escaped(link_to(place / "screenshot.png", directory));
    cell += " <a href=\"" + picture + "\"><img alt=\"page\" src=\"" + picture + "\"></a>";
  }
  return cell;
}

const Evidence& evidence_in(const Evidences& evidences, const std::string& recipe) {
  static const Evidence none;
  const auto found = evidences.find(recipe);
  return found == evidences.end() ? none : found->second;
}

std::string link(const char* text, const fs::path& file, const fs::path& from) {
  if (file.empty()) return {};
  return " <a href=\"" + escaped(link_to(file, from)) + "\">" + text + "</a>";
}

// Why it is not green, what it said last, and where there is more.
std::string html_reason(const std::string& why, const Evidence& evidence,
                        const fs::path& directory) {
  std::string cell = escaped(why);
  if (!base::trim(evidence.last_words).empty()) cell += element("pre", evidence.last_words);
  cell += link("log", evidence.log, directory);
  cell += link("log of the first run", evidence.first_log, directory);
  return "<td>" + cell + "</td>";
}

constexpr const char* head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>cc-ci sweep</title>"
    "<style>body{font:14px sans-serif;margin:2em;color:#222}table{border-collapse:collapse}"
    "td,th{padding:.3em .8em;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}"
    "img{height:48px;border:1px solid #ddd}"
    "pre{background:#f6f8fa;margin:.3em 0;padding:.4em;white-space:pre-wrap;overflow-wrap:anywhere}"
    ".pass{color:#176f2c;fill:#2da44e}"
    ".fail{color:#b3261e;fill:#cf222e}.flaky{color:#8a5a00;fill:#d4a72c}"
    ".unverified{color:#57606a;fill:#8c959f}.skip{color:#57606a}</style></head><body>\n";

std::string junit_text(const history::Record& record, const Evidence& evidence) {
  if (base::trim(evidence.last_words).empty()) return record.cause;
  return record.cause + (record.cause.empty() ? "" : "\n") + "last words:\n" + evidence.last_words;
}

std::string junit_logs(const Evidence& evidence) {
  std::string text;
  if (!evidence.log.empty()) text += "log: " + evidence.log.native() + "\n";
  if (!evidence.first_log.empty())
    text += "log of the first run: " + evidence.first_log.native() + "\n";
  return text.empty() ? text : element("system-out", text);
}

std::string html_row(const Line& line, const Past& past, const fs::path& directory,
                     const Evidence& evidence) {
  const Decision& decision = line.job->decision;
  const history::Record* record = line.record;
  const std::string verdict = record != nullptr ? std::string(history::name(record->verdict))
                              : decision.run    ? "no verdict"
                                                : "skip";
  std::string why = record == nullptr ? decision.reason : record->reason;
  if (record != nullptr && !record->cause.empty()) why += "\n" + record->cause;
  const auto history = past.find(decision.recipe);
  return "<tr>" + element("td", decision.recipe) +
         element("td", record != nullptr ? record->version : decision.version) + "<td class=\"" +
         verdict + "\">" + verdict + "</td>" +
         element("td", record != nullptr ? std::to_string(record->level) : "") +
         element("td", line.change) +
         element("td", record != nullptr ? base::human_seconds(seconds(*record)) : "") +
         html_reason(why, evidence, directory) + "<td>" +
         (history != past.end() ? sparkline(history->second) : std::string()) + "</td><td>" +
         (record != nullptr ? files_of(*record, directory) : std::string()) + "</td></tr>\n";
}

}  // namespace

Evidences evidences_of(const Swept& swept, const fs::path& below, const std::string& machine) {
  Evidences all;
  for (const auto& [recipe, record] : swept.records) {
    Evidence evidence = evidence_of(below, machine, record);
    if (evidence != Evidence{}) all.emplace(recipe, std::move(evidence));
  }
  return all;
}

std::vector<Line> lines(const Plan& plan, const Swept& swept) {
  std::vector<Line> all;
  for (const Job& job : plan.jobs) {
    Line line{&job, nullptr, {}};
    const auto record = swept.records.find(job.decision.recipe);
    if (record != swept.records.end()) {
      line.record = &record->second;
      const auto before = plan.known.find(job.decision.recipe);
      if (before == plan.known.end()) {
        line.change = "new";
      } else if (before->second.verdict != record->second.verdict) {
        line.change = std::string(history::name(before->second.verdict)) + " -> " +
                      std::string(history::name(record->second.verdict));
      }
    }
    all.push_back(line);
  }
  return all;
}

base::Json to_json(const Plan& plan, const Swept& swept, const Evidences& evidences) {
  base::Json recipes = base::Json::array();
  for (const Line& line : lines(plan, swept)) {
    const Decision& decision = line.job->decision;
    const history::Record* record = line.record;
    base::Json row{{"name", decision.recipe},
                   {"version", record != nullptr ? record->version : decision.version},
                   {"decision", decision.run ? "run" : "skip"},
                   {"reason", decision.reason}};
    row["verdict"] = record != nullptr ? base::Json(history::name(record->verdict)) : nullptr;
    row["level"] = record != nullptr ? base::Json(record->level) : nullptr;
    row["seconds"] = record != nullptr ? base::Json(seconds(*record)) : nullptr;
    row["problem"] = record != nullptr ? record->reason : "";
    row["cause"] = record != nullptr ? record->cause : "";
    row["change"] = line.change;
    row["promoted"] = record != nullptr && record->promoted;
    row["results"] = record != nullptr ? record->place : "";
    const Evidence& evidence = evidence_in(evidences, decision.recipe);
    row["last_words"] = evidence.last_words;
    row["log"] = evidence.log.native();
    row["first_log"] = evidence.first_log.native();
    recipes.push_back(std::move(row));
  }
  return {{"schema", 1},
          {"sweep", plan.night},
          {"started", plan.started},
          {"environment", plan.environment},
          {"continued", plan.continued},
          {"complete", !swept.stopped},
          {"recipes", std::move(recipes)}};
}

std::string to_junit(const Plan& plan, const Swept& swept, const Evidences& evidences) {
  std::string cases;
  int failures = 0;
  int skipped = 0;
  double time = 0;
  for (const Line& line : lines(plan, swept)) {
    const history::Record* record = line.record;
    cases += "  <testcase classname=\"sweep\" name=\"" + escaped(line.job->decision.recipe) +
             "\" time=\"" + std::to_string(record != nullptr ? seconds(*record) : 0) + "\">";
    if (record == nullptr) {
      ++skipped;
      cases += "<skipped message=\"" + escaped(line.job->decision.reason) + "\"/>";
    } else {
      time += seconds(*record);
      if (record->verdict != history::Verdict::pass) {
        ++failures;
        const Evidence& evidence = evidence_in(evidences, record->recipe);
        cases += "<failure type=\"" + std::string(history::name(record->verdict)) +
                 "\" message=\"" + escaped(record->reason) + "\">" +
                 escaped(junit_text(*record, evidence)) + "</failure>" + junit_logs(evidence);
      }
    }
    cases += "</testcase>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"cc-ci sweep " +
         escaped(plan.night) + "\" tests=\"" + std::to_string(plan.jobs.size()) + "\" failures=\"" +
         std::to_string(failures) + "\" errors=\"0\" skipped=\"" + std::to_string(skipped) +
         "\" time=\"" + std::to_string(time) + "\" timestamp=\"" + escaped(plan.started) + "\">\n" +
         cases + "</testsuite>\n";
}

std::string to_html(const Plan& plan, const Swept& swept, const Past& past,
                    const fs::path& directory, const Evidences& evidences) {
  std::string rows;
  for (const Line& line : lines(plan, swept))
    rows += html_row(line, past, directory, evidence_in(evidences, line.job->decision.recipe));
  return head + element("h1", "Sweep " + plan.night) +
         element("p", "Begun " + plan.started + ", environment " + plan.environment) +
         "\n<table><tr><th>recipe</th><th>version</th><th>verdict</th><th>level</th>"
         "<th>change</th><th>time</th><th>reason</th><th>history</th><th>files</th></tr>\n" +
         rows + "</table></body></html>\n";
}

base::Result<void> write_files(const Plan& plan, const Swept& swept, const Past& past,
                               const Evidences& evidences, const fs::path& directory) {
  CCCI_CHECK(base::make_directories(directory));
  CCCI_CHECK(
      base::replace_file(directory / "sweep.json",
                         base::printable_json(to_json(plan, swept, evidences).dump(2)) + "\n"));
  CCCI_CHECK(base::replace_file(directory / "junit.xml", to_junit(plan, swept, evidences)));
  return base::replace_file(directory / "summary.html",
                            to_html(plan, swept, past, directory, evidences));
}

bool is_news(const Plan& plan, const Swept& swept, declare::NotifyWhen when) {
  if (when == declare::NotifyWhen::always) return true;
  const std::vector<Line> all = lines(plan, swept);
  return std::any_of(all.begin(), all.end(), [&](const Line& line) {
    if (line.record == nullptr) return false;
    const bool green = line.record->verdict == history::Verdict::pass;
    if (when == declare::NotifyWhen::red) return !green;
    // A recipe that is new and green is no news.
    return !line.change.empty() && !(line.change == "new" && green);
  });
}

}  // namespace ccci::sweep
