// SPDX-License-Identifier: GPL-3.0-or-later
// Checks whether a ledger was changed. A pure function of its bytes, the trusted keys and what this
// machine saw before. Every kind of tampering has its own code, and the finding names the line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "gate/record.hpp"
#include "gate/trust.hpp"

namespace ccci::gate {

// The last record that this machine has seen. It is kept outside the repository. Without it, a
// ledger that was cut at its end, or replaced by an older copy, looks unchanged.
struct Checkpoint {
  std::uint64_t seq = 0;
  base::Digest digest;

  bool operator==(const Checkpoint&) const = default;
};

struct Entry {
  Record record;
  base::Digest digest;
  int line = 0;
};

struct Audit {
  std::vector<Entry> entries;         // the readable ones; trust them only if there are no findings
  std::vector<base::Error> findings;  // in the order of the lines; empty: the ledger is valid
  std::size_t whole_bytes = 0;        // up to the last newline; the rest is torn
  std::size_t torn_bytes = 0;
  bool against_checkpoint = false;

  bool holds() const { return findings.empty(); }
};

// Findings: [gate.ledger-malformed], [gate.ledger-dropped], [gate.ledger-duplicate],
// [gate.ledger-fork], [gate.ledger-reordered], [gate.ledger-chain], [gate.ledger-unknown-key],
// [gate.ledger-wrong-key], [gate.ledger-type], [gate.ledger-borrowed], [gate.ledger-edited],
// [gate.ledger-torn], [gate.ledger-truncated], [gate.ledger-rewritten]
Audit audit(std::string_view text, const std::string& file, const Trust& trust,
            const std::optional<Checkpoint>& checkpoint);

}  // namespace ccci::gate
