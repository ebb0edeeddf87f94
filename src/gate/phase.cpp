// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/phase.hpp"

#include <algorithm>

#include "base/shell.hpp"
#include "base/text.hpp"

namespace ccci::gate {

namespace {

base::Json how_json(const How& how) {
  if (how.argv.empty()) return how.script;
  return how.argv;
}

base::Json expect_json(const Expectation& expect) {
  base::Json json{{"status", expect.status}};
  if (expect.output) json["output"] = *expect.output;
  if (!expect.patterns.empty()) json["matches"] = expect.patterns;
  if (expect.lines) {
    json["lines"] = {{"least", expect.lines->least}};
    if (expect.lines->most) json["lines"]["most"] = *expect.lines->most;
  }
  if (expect.same_as) json["same_as"] = how_json(*expect.same_as);
  for (const JsonValue& value : expect.json) {
    json["json"].push_back({{"pointer", value.pointer}, {"equals", value.equals}});
  }
  return json;
}

}  // namespace

std::string How::text() const {
  if (argv.empty()) return script;
  return base::shell_line(argv);
}

const Gate* Phase::find(std::string_view gate) const {
  const auto found = std::find_if(gates.begin(), gates.end(),
                                  [&](const Gate& candidate) { return candidate.name == gate; });
  return found == gates.end() ? nullptr : &*found;
}

base::Json texts(const Gate& gate) {
  base::Json checks = base::Json::array();
  for (const Check& check : gate.checks) {
    checks.push_back({{"name", check.name},
                      {"how", how_json(check.how)},
                      {"time_limit", format_span(check.time_limit)},
                      {"expect", expect_json(check.expect)}});
  }
  base::Json texts{{"what", gate.what}, {"where", gate.where}};
  if (gate.live) texts["live"] = true;
  texts["checks"] = std::move(checks);
  return texts;
}

base::Json digests(const Gate& gate) {
  base::Json how = base::Json::array();
  base::Json expected = base::Json::array();
  for (const Check& check : gate.checks) {
    how.push_back({check.name, how_json(check.how), format_span(check.time_limit)});
    expected.push_back({check.name, expect_json(check.expect)});
  }
  if (gate.live) how.push_back("live");
  const auto digest = [](const base::Json& json) { return base::sha256(json.dump()).hex(); };
  return {{"what", digest(gate.what)},
          {"where", digest(gate.where)},
          {"how", digest(how)},
          {"expected", digest(expected)}};
}

std::vector<std::string> describe(const Expectation& expect) {
  std::vector<std::string> lines{"exit status " + std::to_string(expect.status)};
  if (expect.output) {
    lines.push_back(expect.output->empty() ? "no output" : "output: " + *expect.output);
  }
  for (const std::string& pattern : expect.patterns) lines.push_back("a line matching " + pattern);
  if (const auto& count = expect.lines) {
    if (!count->most) {
      lines.push_back("at least " + base::counted(count->least, "line"));
    } else if (*count->most == count->least) {
      lines.push_back(base::counted(count->least, "line"));
    } else {
      lines.push_back(std::to_string(count->least) + " to " + base::counted(*count->most, "line"));
    }
  }
  if (expect.same_as) lines.push_back("the same output as: " + expect.same_as->text());
  for (const JsonValue& value : expect.json) {
    lines.push_back("JSON " + value.pointer + " = " + value.equals.dump());
  }
  return lines;
}

}  // namespace ccci::gate
