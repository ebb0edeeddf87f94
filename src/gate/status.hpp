// SPDX-License-Identifier: GPL-3.0-or-later
// Computes which gate of a phase is open. A pure function of the ledger, the phase, the keys and
// the time.
//
// A gate is passed while all of these conditions are true. The gate before it is passed. A key that
// may claim made its latest claim. The claimed texts are equal to those in the phase file now. At
// least one key that may verify, and that never claimed this gate, said PASS for that claim within
// `fresh_for`. For no such key the last verdict on that claim is FAIL. There is no open veto. A
// veto by a key that may verify stays open, also for later claims, until the same key withdraws it.
// The only way to overrule it is a commit that removes `verify` from the key, and then a new claim,
// which everybody can see. Until that claim the gate is `changed` or `vetoed`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/audit.hpp"
#include "gate/phase.hpp"

namespace ccci::gate {

enum class State {
  closed,   // the gate before it is not passed
  open,     // not claimed yet
  claimed,  // waits for a verdict
  failed,
  vetoed,
  stale,    // passed, but too long ago
  changed,  // the phase's texts changed after the claim
  passed,
};
std::string_view state_name(State state);

struct Statement {
  std::uint64_t seq = 0;
  std::string party;
  Time time;
  std::string text;  // "PASS" or "FAIL" for a verdict, the reason for a veto
};

struct GateStatus {
  const Gate* gate = nullptr;
  State state = State::open;
  std::string reason;               // one sentence
  std::optional<Statement> claim;   // text: the commit
  std::vector<Statement> verdicts;  // those that count; the last one of each key
  std::vector<Statement> ignored;   // text: why it does not count
  std::vector<Statement> vetoes;    // those that are open
  // Parties whose key was allowed to verify only after the first claim of this gate.
  std::vector<std::string> added_verifiers;
  std::optional<Time> fresh_until;
  std::vector<std::pair<std::string, std::string>> backlog;  // checks that still fail, and why
};

struct Status {
  const Phase* phase = nullptr;
  Time now;
  std::vector<GateStatus> gates;

  bool done() const;  // all passed
  const GateStatus* find(std::string_view gate) const;
};

// `phase` must outlive the result.
Status status(const Phase& phase, const std::vector<Entry>& entries, const Trust& trust, Time now);

// Whether this key has claimed the gate in any record.
bool has_claimed(const std::vector<Entry>& entries, std::string_view key, std::string_view phase,
                 std::string_view gate);
// The last claim of the gate by a key that may claim.
const Entry* current_claim(const std::vector<Entry>& entries, const Trust& trust,
                           std::string_view phase, std::string_view gate);

// The status page. Text written by people appears in it as text, never as markup.
std::string markdown(const Status& status);
base::Json to_json(const Status& status);

}  // namespace ccci::gate
