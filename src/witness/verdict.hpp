// SPDX-License-Identifier: GPL-3.0-or-later
// What the paths' answers come to when they are compared: a pure function over values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "witness/path.hpp"
#include "witness/seen.hpp"

namespace ccci::witness {

// What every path must show, from what is activated on this host.
struct Expected {
  std::string environment;                       // hash
  std::string path;                              // PATH inside
  std::map<std::string, std::string> tools;      // tool to the command that stands for it
  std::map<std::string, std::string> commands;   // inside: name to file on PATH
  std::map<std::string, std::string> variables;  // declared
  // On the host's PATH: name to the entrypoint that it must lead to.
  std::map<std::string, std::string> host_commands;
};

// One path exercised: what its job saw, or why there is nothing.
struct Exercise {
  Path path;
  std::optional<Seen> seen;
  std::string obstacle;  // where nothing was seen: why
  bool failed = false;   // the obstacle is the path's own failure, not only something unknown
  // What the obstacle was where it came as an error: whoever words errors sets `obstacle` from it.
  std::optional<base::Error> error;
  std::string output;  // of the test, bounded

  bool operator==(const Exercise&) const = default;
};

enum class State { pass, fail, unproven };
std::string_view name(State state);

struct Row {
  std::string path;  // its title
  State state = State::unproven;
  std::string evidence;                    // one line
  std::vector<std::string> disagreements;  // each names the tool or variable and the values

  bool operator==(const Row&) const = default;
};

std::vector<Row> compare(const Expected& expected, const std::vector<Exercise>& exercises);

// pass only where every row passes and there is one.
State verdict(const std::vector<Row>& rows);

// {"schema":1,"verdict","environment","paths":[{"path","state","evidence","disagreements",
//  "status","environment","PATH","own_PATH","tools":{T:{"path","version"}},"variables"}]}
base::Json to_json(const Expected& expected, const std::vector<Exercise>& exercises,
                   const std::vector<Row>& rows);

}  // namespace ccci::witness
