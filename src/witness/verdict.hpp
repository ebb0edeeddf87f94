// SPDX-License-Identifier: GPL-3.0-or-later
// Compares the answers of the paths. These are pure functions over values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "witness/path.hpp"
#include "witness/seen.hpp"
#include "witness/view_rules.hpp"

namespace ccci::witness {

// What every path must show, according to the active system of this host.
struct Expected {
  std::string environment;                       // hash
  std::string path;                              // PATH inside
  std::map<std::string, std::string> tools;      // tool to the command that represents it
  std::map<std::string, std::string> commands;   // inside: name to file on PATH
  std::map<std::string, std::string> variables;  // declared
  // On the host's PATH: name to the entrypoint that it must lead to.
  std::map<std::string, std::string> host_commands;
  ExpectedView view = {};
};

// The result of one path: what its job saw, or why there is no answer.
struct Exercise {
  Path path;
  std::optional<Seen> seen;
  std::string problem;  // why there is no answer; empty if there is one
  bool failed = false;  // true: the path itself failed; false: the result is only unknown
  // The error that caused the problem, if there was one. exercise_all() sets `problem` from it.
  std::optional<base::Error> error;
  std::string output;                   // of the test, bounded
  std::optional<Account> account = {};  // of the job's user

  bool operator==(const Exercise&) const = default;
};

enum class State { pass, fail, unproven };
std::string_view name(State state);

struct Row {
  std::string path;  // its title
  State state = State::unproven;
  std::string evidence;                    // one line
  std::vector<std::string> disagreements;  // each names a tool or variable and its values

  bool operator==(const Row&) const = default;
};

std::vector<Row> compare(const Expected& expected, const std::vector<Exercise>& exercises);

// The views of the jobs by the titles of their paths, of those that answered.
std::map<std::string, View> views(const std::vector<Exercise>& exercises);

// Returns pass only if there is at least one row and every row passes.
State verdict(const std::vector<Row>& rows);

// {"schema":1,"verdict","environment","paths":[{"path","state","evidence","disagreements",
//  "status","environment","PATH","own_PATH","tools":{T:{"path","version"}},"variables",
//  "view":{FACT:VALUE}}],"differences":[{"fact","values":[{"value","paths"}],"reason"}]}
base::Json to_json(const Expected& expected, const std::vector<Exercise>& exercises,
                   const std::vector<Row>& rows);

}  // namespace ccci::witness
