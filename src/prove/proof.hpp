// SPDX-License-Identifier: GPL-3.0-or-later
// The result of a proof: a verdict, one line of evidence, and details.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ccci::prove {

enum class Verdict { pass, fail, unproven };

std::string_view name(Verdict verdict);

struct Proof {
  std::string name;
  Verdict verdict = Verdict::unproven;
  std::string evidence;              // one line
  std::vector<std::string> details;  // failures first, then missing input, then other observations
  base::Json facts;                  // an object
};

// fail if any proof fails; otherwise unproven if any is unproven or the list is empty; otherwise
// pass.
Verdict verdict(const std::vector<Proof>& proofs);

// {"name", "verdict", "evidence", "details", "facts"}
base::Json to_json(const Proof& proof);

// The names of the proofs, in the order of the table.
const std::vector<std::string>& proof_names();

// [prove.unknown-proof]
base::Result<const Proof*> find(const std::vector<Proof>& proofs, std::string_view name);

// Collects the findings of a proof. A failure has priority over missing input, and missing input
// has priority over a pass. So no proof passes with only a part of its input.
class Draft {
 public:
  explicit Draft(std::string name);

  void fails(std::string line);
  void lacks(std::string line);  // this could not be observed
  void notes(std::string line);
  void fact(const std::string& key, base::Json value);
  bool failed() const { return !failures_.empty(); }

  // `evidence` is the line if the proof passed. Otherwise the line is the first failure or the
  // first missing input.
  Proof done(std::string evidence) &&;

 private:
  std::string name_;
  std::vector<std::string> failures_;
  std::vector<std::string> gaps_;
  std::vector<std::string> notes_;
  base::Json facts_;
};

// "git, curl and 3 more". Lists every name if there are at most `limit`.
std::string listed(const std::vector<std::string>& names, std::size_t limit = 8);

}  // namespace ccci::prove
