// SPDX-License-Identifier: GPL-3.0-or-later
// A phase: a list of gates in order. Each gate says WHAT is true, WHERE it is, and has checks: HOW
// to see it and what is EXPECTED. Only data types.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "gate/time.hpp"

namespace ccci::gate {

// A program that the author of the gate wrote: a list of words, or a script for `sh -eu`.
struct How {
  std::vector<std::string> argv;  // empty: use `script`
  std::string script;

  std::string text() const;  // as typed in a shell
  bool operator==(const How&) const = default;
};

struct LineCount {
  std::uint64_t least = 0;
  std::optional<std::uint64_t> most;

  bool operator==(const LineCount&) const = default;
};

struct JsonValue {
  std::string pointer;  // RFC 6901
  base::Json equals;

  bool operator==(const JsonValue&) const = default;
};

// The expected stdout and exit status. All given parts must match. read_phase makes sure that at
// least one part is given and that the whole can fail.
struct Expectation {
  int status = 0;                     // default: the command must succeed
  std::optional<std::string> output;  // the whole stdout; one final newline does not count
  std::vector<std::string> patterns;  // POSIX extended; each matches some line, as in grep -E
  std::optional<LineCount> lines;
  std::optional<How> same_as;  // prints the same bytes, at least one
  std::vector<JsonValue> json;

  bool operator==(const Expectation&) const = default;
};

struct Check {
  std::string name;
  How how;
  Expectation expect;
  std::chrono::seconds time_limit = std::chrono::minutes(10);

  bool operator==(const Check&) const = default;
};

struct Gate {
  std::string name;
  std::string what;
  std::vector<std::string> where;
  bool live = false;  // the checks see the machine's own state, not an empty one
  std::vector<Check> checks;

  bool operator==(const Gate&) const = default;
};

struct Phase {
  std::string name;  // the name of the file without .toml
  std::string title;
  std::chrono::seconds fresh_for = std::chrono::hours(24);
  std::vector<Gate> gates;

  const Gate* find(std::string_view gate) const;
  bool operator==(const Phase&) const = default;
};

// Reads gates/NAME.toml. Reports all errors at once, each with its position. [declare.syntax] and
// the other errors of the syntax, [gate.unknown-key], [gate.missing], [gate.type], [gate.value],
// [gate.twice], [gate.pattern], [gate.no-expectation], [gate.vacuous]
base::Result<Phase> read_phase(std::string_view text, std::string name, std::string file);

// The texts of a gate in the form that a claim records. Each meaning has exactly one spelling.
base::Json texts(const Gate& gate);
// The digests of WHAT, WHERE, HOW and EXPECTED.
base::Json digests(const Gate& gate);
// EXPECTED for people: one line per part, "exit status 0", "3 lines".
std::vector<std::string> describe(const Expectation& expect);

}  // namespace ccci::gate
