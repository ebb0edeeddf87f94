// SPDX-License-Identifier: GPL-3.0-or-later
// What a proof comes to: a verdict, a line of evidence, and the whole of it for who asks.
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
  std::vector<std::string> details;  // what fails, then what is missing, then what else was seen
  base::Json facts;                  // an object
};

// fail where any fails, else unproven where any is or there is none, else pass.
Verdict verdict(const std::vector<Proof>& proofs);

// {"name", "verdict", "evidence", "details", "facts"}
base::Json to_json(const Proof& proof);

// The names of the proofs, in the order of the table.
const std::vector<std::string>& proof_names();

// [prove.unknown-proof]
base::Result<const Proof*> find(const std::vector<Proof>& proofs, std::string_view name);

// Collects what a proof finds. Anything that fails outweighs what is missing, and what is missing
// outweighs what holds, so no proof passes on half of its ground.
class Draft {
 public:
  explicit Draft(std::string name);

  void fails(std::string line);
  void lacks(std::string line);  // could not be looked at
  void notes(std::string line);
  void fact(const std::string& key, base::Json value);
  bool failed() const { return !failures_.empty(); }

  // `evidence` is the line of a proof that passed; otherwise the first failure or gap is.
  Proof done(std::string evidence) &&;

 private:
  std::string name_;
  std::vector<std::string> failures_;
  std::vector<std::string> gaps_;
  std::vector<std::string> notes_;
  base::Json facts_;
};

// "git, curl and 3 more"; every name where there are at most `limit`.
std::string listed(const std::vector<std::string>& names, std::size_t limit = 8);

}  // namespace ccci::prove
