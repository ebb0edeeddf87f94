// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/symptoms.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace ccci::view {

namespace {

using Severity = doctor::Symptom::State;

struct SeverityName {
  Severity state;
  std::string_view name;
};
constexpr std::array severities{SeverityName{Severity::good, "good"},
                                SeverityName{Severity::bad, "bad"},
                                SeverityName{Severity::unknown, "unknown"}};

std::string_view severity_name(Severity state) {
  const auto* const found =
      std::find_if(severities.begin(), severities.end(),
                   [&](const SeverityName& one) { return one.state == state; });
  return found->name;
}

}  // namespace

bool is_sick(const std::vector<doctor::Symptom>& symptoms) {
  return std::any_of(symptoms.begin(), symptoms.end(),
                     [](const doctor::Symptom& symptom) { return symptom.state == Severity::bad; });
}

base::Json to_json(const std::vector<doctor::Symptom>& symptoms) {
  base::Json json{{"schema", 1}, {"healthy", !is_sick(symptoms)}, {"checks", base::Json::array()}};
  for (const doctor::Symptom& symptom : symptoms) {
    json["checks"].push_back({{"check", symptom.what},
                              {"state", severity_name(symptom.state)},
                              {"found", symptom.found},
                              {"remedy", symptom.remedy}});
  }
  return json;
}

std::optional<std::vector<doctor::Symptom>> symptoms_in(const std::string& answer) {
  const auto json = base::Json::parse(answer);
  if (!json || !json->is_object() || !(*json)["checks"].is_array()) return std::nullopt;
  std::vector<doctor::Symptom> symptoms;
  const base::Json& checks = (*json)["checks"];
  for (const base::Json& check : checks) {
    if (!check.is_object()) return std::nullopt;
    const std::string state = check["state"].text_or_empty();
    const auto* const severity =
        std::find_if(severities.begin(), severities.end(),
                     [&](const SeverityName& one) { return one.name == state; });
    // The answer comes from another machine.
    symptoms.push_back({base::printable(check["check"].text_or_empty()),
                        severity == severities.end() ? Severity::unknown : severity->state,
                        base::printable(check["found"].text_or_empty()),
                        base::printable(check["remedy"].text_or_empty())});
  }
  return symptoms;
}

void print_symptoms(Invocation& invocation, const std::vector<doctor::Symptom>& symptoms) {
  if (invocation.json()) return invocation.print(to_json(symptoms));
  report::Table table({{.heading = "check"},
                       {.heading = "state"},
                       {.heading = "found", .elastic = true},
                       {.heading = "remedy", .elastic = true}});
  for (const doctor::Symptom& symptom : symptoms) {
    table.row(
        {symptom.what, std::string(severity_name(symptom.state)), symptom.found, symptom.remedy});
  }
  invocation.print(table);
}

}  // namespace ccci::view
