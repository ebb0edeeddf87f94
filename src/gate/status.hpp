// SPDX-License-Identifier: GPL-3.0-or-later
// Which gate of a phase is open: a pure function of the ledger, the phase, the keys and the time.
//
// A gate is passed while all of this holds: the one before it is passed; its latest claim was made
// by a key that may claim; the texts claimed are those the phase file has now; at least one key
// that may verify, and that never claimed this gate, said PASS for that claim within `fresh_for`;
// no such key's last word on that claim is FAIL; no veto stands. A veto by a key that may verify
// stands, over later claims too, until the same key withdraws it. It is overruled in one way only:
// by a commit that takes `verify` from the key, for everybody to see.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/audit.hpp"
#include "gate/phase.hpp"

namespace ccci::gate {

enum class State {
  closed,   // the gate before it is not passed
  open,     // nobody claimed it yet
  claimed,  // waits for a verdict
  failed,
  vetoed,
  stale,    // passed once, too long ago
  changed,  // claimed for texts that are no longer those of the phase
  passed,
};
std::string_view state_name(State state);

struct Statement {
  std::uint64_t seq = 0;
  std::string party;
  Time time;
  std::string text;  // of a verdict "PASS" or "FAIL", of a veto its reason
};

struct GateStatus {
  const Gate* gate = nullptr;
  State state = State::open;
  std::string reason;               // one sentence
  std::optional<Statement> claim;   // text: the commit
  std::vector<Statement> verdicts;  // that count, the last one of each key
  std::vector<Statement> ignored;   // text: why it does not count
  std::vector<Statement> vetoes;    // that stand
  std::optional<Time> fresh_until;
  std::vector<std::pair<std::string, std::string>> backlog;  // checks still red, and why
};

struct Status {
  const Phase* phase = nullptr;
  Time now;
  std::vector<GateStatus> gates;

  bool done() const;  // all passed
  const GateStatus* find(std::string_view gate) const;
};

// `phase` must outlive the answer.
Status status(const Phase& phase, const std::vector<Entry>& entries, const Trust& trust, Time now);

// Whether this key has claimed the gate in any record.
bool has_claimed(const std::vector<Entry>& entries, std::string_view key, std::string_view phase,
                 std::string_view gate);
// The last claim of the gate by a key that may claim.
const Entry* current_claim(const std::vector<Entry>& entries, const Trust& trust,
                           std::string_view phase, std::string_view gate);

// The status page. What people wrote stands in it as text, never as markup.
std::string markdown(const Status& status);
base::Json to_json(const Status& status);

}  // namespace ccci::gate
