// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/export.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/date.hpp"
#include "base/json_fault.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"
#include "recipe/version.hpp"
#include "results/files.hpp"
#include "run/verdict.hpp"
#include "sweep/night.hpp"
#include "sweep/outcome.hpp"

namespace ccci::sweep {

namespace {

std::string decimal_seconds(const history::Record& record) {
  return std::to_string(history::in_seconds(record.time));
}

// A spreadsheet takes a cell for a formula also if blanks stand before it, and where the machine's
// language separates cells by ';', also what follows one.
std::string cell(const std::string& foreign) {
  constexpr std::string_view blanks = " \n\t";
  constexpr std::string_view formula = "=+-@";
  std::string text;
  bool begins = true;
  for (const char c : base::printable_lines(foreign)) {
    if (begins && formula.find(c) != std::string_view::npos) text += '\'';
    if (blanks.find(c) == std::string_view::npos) begins = c == ';';
    text += c == '\t' ? ' ' : c;
  }
  if (text.find_first_of("\",;\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

// What its own members say against each other. A run that is red for another reason than a rung (a
// leak, a deadline) is no contradiction.
std::string contradiction_in(const history::Record& record) {
  if (record.verdict != history::Verdict::pass)
    return record.promoted ? "'promoted' is true, but 'verdict' is not pass" : std::string();
  if (record.promoted && record.version.empty())
    return "'promoted' is true, but 'version' is empty";
  for (const history::RungRecord& rung : record.rungs) {
    if (rung.verdict == "fail" || rung.verdict == "unverified")
      return "'verdict' is pass, but the rung " + base::printable(rung.name) + " is " +
             rung.verdict;
  }
  return {};
}

// record_of_results() takes what it can get of a run of this machine. A file of somebody else must
// not silently get other values. Empty: nothing is wrong; else the member.
std::string unlike_results(const base::Json& json) {
  constexpr double most_seconds = static_cast<double>(history::longest_time) / 1000;
  const auto is_text = [](const base::Json* value) { return !value || value->text() != nullptr; };
  const auto is_count = [](const base::Json* value, std::uint64_t most) {
    return !value || value->number().value_or(most + 1) <= most;
  };
  const auto is_time = [&](const base::Json* value) {
    if (!value) return true;
    const std::string text = value->dump();
    char* end = nullptr;
    const double seconds = std::strtod(text.c_str(), &end);
    return end != text.c_str() && *end == '\0' && seconds >= 0 && seconds <= most_seconds;
  };
  for (const char* member : {"version", "commit", "problem"})
    if (!is_text(json.find(member))) return member;
  if (!is_count(json.find("level"), history::most_levels)) return "level";
  const base::Json* memory = json.find("peak_memory");
  if (memory && !memory->is_null() && !is_count(memory, history::most_memory)) return "peak_memory";
  if (!is_time(json["seconds"].find("all"))) return "seconds";
  for (const base::Json& rung : json["rungs"].elements()) {
    if (!is_text(rung.find("name")) || !is_text(rung.find("verdict")) ||
        !is_text(rung.find("reason")) || !is_time(rung.find("seconds")))
      return "rungs";
  }
  return {};
}

// That of a release is a version. Else a label of the recipe says it, which may be any text.
std::string objection_to_version(const history::Record& record, bool of_a_release) {
  if (record.version.empty()) return {};
  if (of_a_release || record.promoted) {
    const auto version = recipe::read_version(record.version);
    const auto* why = std::get_if<recipe::NoVersion>(&version);
    return why == nullptr ? std::string() : "'version': " + std::string(recipe::reason(*why));
  }
  return base::printable(record.version) == record.version
             ? std::string()
             : "'version' contains a control character";
}

// What is wrong with a record that another program wrote; empty: nothing.
std::string objection_to(const history::Record& record) {
  constexpr std::array verdicts{"pass", "fail", "skip", "unverified"};
  constexpr std::size_t longest_text = 4000;
  constexpr std::size_t most_rungs = 100;
  constexpr std::size_t most_images = 1000;
  const std::string name = declare::objection(declare::forms::recipe, record.recipe);
  if (!name.empty()) return "'recipe': " + name;
  if (!check_night(record.night)) return "'night': expected letters, digits, '.', '_' and '-'";
  if (!base::from_rfc3339(record.started)) return "'started': expected a time in RFC 3339";
  if (record.environment.size() > 100 ||
      record.environment.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz:-") !=
          std::string::npos)
    return "'environment': expected a digest";
  if (record.rungs.size() > most_rungs) return "'rungs': more than " + std::to_string(most_rungs);
  if (record.images.size() > most_images)
    return "'images': more than " + std::to_string(most_images);
  if ((record.settings && record.settings->size() > most_images) ||
      record.dependencies.size() > most_images)
    return "'settings' or 'dependencies': more than " + std::to_string(most_images);
  // bisect hands it to git and to `cc-ci test`.
  if (record.commit.size() > 64 ||
      record.commit.find_first_not_of("0123456789abcdef") != std::string::npos)
    return "'commit': expected hexadecimal digits";
  for (const history::RungRecord& rung : record.rungs) {
    if (std::find(verdicts.begin(), verdicts.end(), rung.verdict) == verdicts.end())
      return "'rungs': expected the verdict pass, fail, skip or unverified, found '" +
             base::printable(rung.verdict) + "'";
  }
  std::vector<const std::string*> texts{&record.version, &record.commit,   &record.reason,
                                        &record.cause,   &record.decision, &record.machine,
                                        &record.place};
  for (const history::RungRecord& rung : record.rungs) texts.push_back(&rung.name);
  for (const auto& [image, digest] : record.images) {
    texts.push_back(&image);
    texts.push_back(&digest);
  }
  for (const std::string* text : texts)
    if (text->size() > longest_text) return "a text is longer than 4000 bytes";
  return contradiction_in(record);
}

}  // namespace

base::Json export_json(const std::vector<history::Record>& records) {
  base::Json list = base::Json::array();
  for (const history::Record& record : records) list.push_back(history::to_json(record));
  return {{"schema", 1}, {"verdicts", std::move(list)}};
}

std::string export_junit(const std::vector<history::Record>& records) {
  std::string cases;
  std::size_t failures = 0;
  for (const history::Record& record : records) {
    cases += "  <testcase classname=\"" + results::escaped(record.night) + "\" name=\"" +
             results::escaped(record.recipe) + "\" time=\"" + decimal_seconds(record) + "\">";
    if (record.verdict != history::Verdict::pass) {
      ++failures;
      cases += "<failure type=\"" + std::string(history::name(record.verdict)) + "\" message=\"" +
               results::escaped(record.reason) + "\">" + results::escaped(record.cause) +
               "</failure>";
    }
    cases += "</testcase>\n";
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"cc-ci results\" tests=\"" +
         std::to_string(records.size()) + "\" failures=\"" + std::to_string(failures) +
         "\" errors=\"0\" skipped=\"0\">\n" + cases + "</testsuite>\n";
}

std::string export_csv(const std::vector<history::Record>& records) {
  std::string text =
      "night,recipe,version,commit,environment,started,verdict,level,seconds,peak_memory,promoted,"
      "decision,reason,cause,machine\r\n";
  for (const history::Record& record : records) {
    const std::array<std::string, 15> cells{record.night,
                                            record.recipe,
                                            record.version,
                                            record.commit,
                                            record.environment,
                                            record.started,
                                            std::string(history::name(record.verdict)),
                                            std::to_string(record.level),
                                            decimal_seconds(record),
                                            std::to_string(record.peak_memory),
                                            record.promoted ? "yes" : "no",
                                            record.decision,
                                            record.reason,
                                            record.cause,
                                            record.machine};
    std::string line;
    for (const std::string& one : cells) line += (line.empty() ? "" : ",") + cell(one);
    text += line + "\r\n";
  }
  return text;
}

base::Result<std::vector<history::Record>> import_json(const std::string& text,
                                                       const std::string& path,
                                                       const std::string& night) {
  const auto wrong = [&](const std::string& why) {
    return base::unexpected(base::fail("history.import").with("path", path).with("why", why));
  };
  const auto json = base::Json::parse(text);
  if (!json) return wrong(base::json_fault(text));
  const base::Json* schema = json->find("schema");
  if (schema != nullptr && schema->number() != 1U)
    return wrong("expected schema 1, found " + schema->dump());
  std::vector<history::Record> records;
  if (const base::Json* verdicts = json->find("verdicts"); verdicts != nullptr) {
    if (!verdicts->is_array()) return wrong("'verdicts' is missing or wrong");
    for (const base::Json& one : verdicts->elements()) {
      std::string why;
      auto record = history::record_of(one, why);
      if (!record) return wrong("'" + why + "' is missing or wrong");
      if (why = objection_to(*record); !why.empty()) return wrong(why);
      if (why = objection_to_version(*record, false); !why.empty()) return wrong(why);
      record->place.clear();  // a sweep removes what its own records name
      records.push_back(std::move(*record));
    }
    return records;
  }
  if (const std::string member = unlike_results(*json); !member.empty())
    return wrong("'" + member + "' is missing or wrong");
  auto record = record_of_results(*json);
  if (!record) return wrong("'recipe', 'verdict' or 'rungs' is missing or wrong");
  const auto started = base::from_rfc3339(record->started);
  if (!started) return wrong("'started' is missing or wrong");
  if (record->environment.empty()) return wrong("'environment' is missing or wrong");
  const std::string ending = (*json)["ending"].text_or_empty();
  if (ending == "stopped") return wrong("the run was stopped before it had a verdict");
  record->night = night.empty() ? base::local_date(*started) : night;
  const bool released = !record->version.empty() && !record->commit.empty() &&
                        (*json)["dirty"].boolean() == false &&
                        (*json)["release"].boolean().value_or(false);
  bool whole = true;
  for (const base::Json& rung : (*json)["rungs"].elements())
    whole = whole && rung["reason"].text_or_empty() != run::not_asked;
  record->promoted = released && whole && record->verdict == history::Verdict::pass;
  record->decision = "imported";
  if (const std::string why = objection_to(*record); !why.empty()) return wrong(why);
  const bool of_a_release = (*json)["release"].boolean().value_or(false);
  if (const std::string why = objection_to_version(*record, of_a_release); !why.empty())
    return wrong(why);
  records.push_back(std::move(*record));
  return records;
}

void keep_later_canonicals(std::vector<history::Record>& records,
                           const std::map<std::string, history::Canonical>& canonicals) {
  std::map<std::string, std::string> dates;
  for (const auto& [recipe, canonical] : canonicals) dates[recipe] = canonical.date;
  for (history::Record& record : records) {
    if (!record.promoted) continue;
    std::string& latest = dates[record.recipe];
    const auto known = base::from_rfc3339(latest);
    const auto started = base::from_rfc3339(record.started);
    if (known && started && *started < *known) {
      record.promoted = false;
    } else {
      latest = record.started;
    }
  }
}

}  // namespace ccci::sweep
