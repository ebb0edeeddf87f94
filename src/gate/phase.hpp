// SPDX-License-Identifier: GPL-3.0-or-later
// A phase: gates in order. Of each gate: WHAT holds, WHERE it stands, and checks: HOW to see it and
// what is EXPECTED. Nothing but values.
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

// A program the author of the gate wrote: a list of words, or a script for `sh -eu`.
struct How {
  std::vector<std::string> argv;  // empty: `script` is meant
  std::string script;

  std::string text() const;  // as one would type it
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

// What stdout and the exit status must be; all that is given must hold. At least one part is given
// and the whole can fail (read_phase sees to both).
struct Expectation {
  int status = 0;                     // where nothing is said a command must succeed
  std::optional<std::string> output;  // the whole stdout; one final newline does not count
  std::vector<std::string> patterns;  // POSIX extended, each found in some line, as grep -E does
  std::optional<LineCount> lines;
  std::optional<How> same_as;  // prints the very same bytes, and not nothing
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
  bool live = false;  // its checks see the machine's own state, not an empty one
  std::vector<Check> checks;

  bool operator==(const Gate&) const = default;
};

struct Phase {
  std::string name;  // the file's, without .toml
  std::string title;
  std::chrono::seconds fresh_for = std::chrono::hours(24);
  std::vector<Gate> gates;

  const Gate* find(std::string_view gate) const;
  bool operator==(const Phase&) const = default;
};

// gates/NAME.toml. All errors in one go, each with its position. [declare.syntax] and its kin,
// [gate.unknown-key], [gate.missing], [gate.type], [gate.value], [gate.twice], [gate.pattern],
// [gate.no-expectation], [gate.vacuous]
base::Result<Phase> read_phase(std::string_view text, std::string name, std::string file);

// The texts of a gate, as a claim records them: one spelling for one meaning.
base::Json texts(const Gate& gate);
// WHAT, WHERE, HOW and EXPECTED, each by its digest.
base::Json digests(const Gate& gate);
// EXPECTED for people: one line per part, "exit status 0", "3 lines".
std::vector<std::string> describe(const Expectation& expect);

}  // namespace ccci::gate
