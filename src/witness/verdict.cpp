// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/verdict.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::witness {

namespace {

constexpr std::size_t shown_digits = 12;    // of a hash
constexpr std::size_t longest_quote = 200;  // bytes of a line

using Values = std::map<std::string, std::string>;

std::string value_of(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

std::string quoted(const std::string& value) {
  return value.empty() ? "nothing" : "'" + value + "'";
}

std::string brief(const std::string& hash) {
  return hash.empty() ? "none" : hash.substr(0, shown_digits);
}

void expect(std::vector<std::string>& lines, const std::string& what, const std::string& found,
            const std::string& expected) {
  if (found == expected) return;
  lines.push_back(what + ": expected " + quoted(expected) + ", found " + quoted(found));
}

// Quotes the last lines of a failed test, because they show the reason.
void quote_output(std::vector<std::string>& lines, const std::string& output) {
  constexpr std::size_t most = 6;
  std::vector<std::string_view> all = base::split(base::trim(output), '\n');
  if (all.size() > most) all.erase(all.begin(), all.end() - most);
  for (const std::string_view line : all) {
    if (line.empty()) continue;
    const bool cut = line.size() > longest_quote;
    lines.push_back("output: " + std::string(line.substr(0, longest_quote)) + (cut ? "…" : ""));
  }
}

void check_inside(std::vector<std::string>& lines, const Expected& expected, const Inside& inside) {
  expect(lines, "environment", brief(inside.environment), brief(expected.environment));
  expect(lines, "marker of the root", brief(inside.marker), brief(expected.environment));
  expect(lines, "PATH inside", inside.path, expected.path);
  for (const auto& [name, file] : expected.commands) {
    expect(lines, name, value_of(inside.commands, name), file);
  }
  for (const auto& [name, value] : expected.variables) {
    expect(lines, "variable " + name, value_of(inside.variables, name), value);
  }
}

// A runner's steps call tools by name, so their own PATH must show the environment.
void check_runner(std::vector<std::string>& lines, const Expected& expected,
                  const Outside& outside) {
  expect(lines, "environment of the job itself", brief(outside.environment),
         brief(expected.environment));
  for (const auto& [tool, command] : expected.tools) {
    expect(lines, command + " on the job's PATH", value_of(outside.commands, command),
           value_of(expected.commands, command));
  }
}

// A person's PATH must lead to the entrypoint and not to a program of the host.
void check_host(std::vector<std::string>& lines, const Expected& expected, const Outside& outside) {
  for (const auto& [tool, command] : expected.tools) {
    expect(lines, command + " on the host's PATH", value_of(outside.programs, command),
           value_of(expected.host_commands, command));
  }
}

// Versions are not declared, so every path must show the same version as the first one.
void check_versions(std::vector<std::string>& lines, const Expected& expected, const Seen& seen,
                    const Exercise* first) {
  for (const auto& [tool, command] : expected.tools) {
    const std::string version = value_of(seen.inside.versions, command);
    if (version.empty()) {
      lines.push_back("version of " + tool + ": it says none in 10 s");
      continue;
    }
    const std::string other = value_of(first->seen->inside.versions, command);
    if (version == other) continue;
    lines.push_back("version of " + tool + ": " + quoted(version) + " here, " + quoted(other) +
                    " through " + first->path.title());
  }
}

// Names the tools that are missing on the unit's own PATH: without the entrypoint the timer could
// not run them.
std::string missing_outside(const Expected& expected, const Outside& outside) {
  std::vector<std::string> missing;
  for (const auto& [tool, command] : expected.tools) {
    if (value_of(outside.commands, command).empty()) missing.push_back(tool);
  }
  if (missing.empty()) return {};
  return "; the unit's own PATH lacks " + base::join(missing, ", ");
}

Row judge(const Expected& expected, const Exercise& exercise, const Exercise* first) {
  Row row{exercise.path.title(), State::unproven, exercise.problem, {}};
  if (!exercise.seen) {
    if (exercise.failed) row.state = State::fail;
    return row;
  }
  const Seen& seen = *exercise.seen;
  if (seen.status != 0) {
    row.disagreements.push_back("the test ended with status " + std::to_string(seen.status));
    quote_output(row.disagreements, exercise.output);
  }
  check_inside(row.disagreements, expected, seen.inside);
  check_versions(row.disagreements, expected, seen, first);
  const Path::Kind kind = exercise.path.kind;
  for (std::string& line :
       check_view(expected.view, kind, view_of_job(kind, seen), exercise.account,
                  view_of_job(first->path.kind, *first->seen), first->path.title())) {
    row.disagreements.push_back(std::move(line));
  }
  if (exercise.path.kind == Path::Kind::runner) {
    check_runner(row.disagreements, expected, seen.outside);
  }
  if (exercise.path.kind == Path::Kind::host) {
    check_host(row.disagreements, expected, seen.outside);
  }
  row.state = row.disagreements.empty() ? State::pass : State::fail;
  if (row.state == State::fail) {
    row.evidence = row.disagreements.front();
  } else {
    row.evidence = "the test is green in " + brief(seen.inside.environment) + ", " +
                   base::counted(expected.commands.size(), "command") + " as declared";
    if (exercise.path.kind == Path::Kind::timer) {
      row.evidence += missing_outside(expected, seen.outside);
    }
  }
  return row;
}

}  // namespace

std::string_view name(State state) {
  switch (state) {
    case State::pass:
      return "pass";
    case State::fail:
      return "fail";
    case State::unproven:
      return "unproven";
  }
  return "unproven";
}

std::vector<Row> compare(const Expected& expected, const std::vector<Exercise>& exercises) {
  const auto first = std::find_if(exercises.begin(), exercises.end(),
                                  [](const Exercise& one) { return one.seen.has_value(); });
  std::vector<Row> rows;
  rows.reserve(exercises.size());
  for (const Exercise& exercise : exercises) {
    rows.push_back(judge(expected, exercise, first == exercises.end() ? nullptr : &*first));
  }
  return rows;
}

std::map<std::string, View> views(const std::vector<Exercise>& exercises) {
  std::map<std::string, View> all;
  for (const Exercise& one : exercises) {
    if (one.seen) all.emplace(one.path.title(), view_of_job(one.path.kind, *one.seen));
  }
  return all;
}

State verdict(const std::vector<Row>& rows) {
  State worst = rows.empty() ? State::unproven : State::pass;
  for (const Row& row : rows) {
    if (row.state == State::fail) return State::fail;
    if (row.state == State::unproven) worst = State::unproven;
  }
  return worst;
}

base::Json to_json(const Expected& expected, const std::vector<Exercise>& exercises,
                   const std::vector<Row>& rows) {
  base::Json json{{"schema", 1},
                  {"verdict", name(verdict(rows))},
                  {"environment", expected.environment},
                  {"paths", base::Json::array()}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    base::Json path{{"path", rows[i].path},
                    {"state", name(rows[i].state)},
                    {"evidence", rows[i].evidence},
                    {"disagreements", rows[i].disagreements}};
    if (const auto& seen = exercises[i].seen) {
      path["status"] = seen->status;
      path["environment"] = seen->inside.environment;
      path["PATH"] = seen->inside.path;
      path["own_PATH"] = seen->outside.path;
      path["tools"] = base::Json::object();
      for (const auto& [tool, command] : expected.tools) {
        path["tools"][tool] = {{"path", value_of(seen->inside.commands, command)},
                               {"version", value_of(seen->inside.versions, command)}};
      }
      path["variables"] = seen->inside.variables;
      path["view"] = view_of_job(exercises[i].path.kind, *seen).facts;
    }
    json["paths"].push_back(std::move(path));
  }
  json["differences"] = base::Json::array();
  for (const Difference& one : differences(views(exercises))) {
    base::Json values = base::Json::array();
    for (const auto& [value, titles] : one.paths)
      values.push_back(base::Json{{"value", value}, {"paths", titles}});
    json["differences"].push_back(
        base::Json{{"fact", one.fact}, {"values", std::move(values)}, {"reason", one.reason}});
  }
  return json;
}

}  // namespace ccci::witness
