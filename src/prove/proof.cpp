// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/proof.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace ccci::prove {

namespace {

std::string first_of(const std::vector<std::string>& lines) {
  if (lines.size() == 1) return lines.front();
  return lines.front() + " (and " + std::to_string(lines.size() - 1) + " more)";
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::unproven:
      return "unproven";
  }
  return "";
}

Verdict verdict(const std::vector<Proof>& proofs) {
  const auto any = [&](Verdict wanted) {
    return std::any_of(proofs.begin(), proofs.end(),
                       [&](const Proof& p) { return p.verdict == wanted; });
  };
  if (any(Verdict::fail)) return Verdict::fail;
  return proofs.empty() || any(Verdict::unproven) ? Verdict::unproven : Verdict::pass;
}

base::Json to_json(const Proof& proof) {
  return {{"name", proof.name},
          {"verdict", name(proof.verdict)},
          {"evidence", proof.evidence},
          {"details", proof.details},
          {"facts", proof.facts}};
}

const std::vector<std::string>& proof_names() {
  static const std::vector<std::string> names{"builds", "single-source", "superset",
                                              "parity", "divergence",    "propagation",
                                              "closed", "appeared"};
  return names;
}

base::Result<const Proof*> find(const std::vector<Proof>& proofs, std::string_view name) {
  for (const Proof& proof : proofs)
    if (proof.name == name) return &proof;
  std::vector<std::string> names;
  for (const Proof& proof : proofs) names.push_back(proof.name);
  return base::unexpected(base::fail("prove.unknown-proof")
                              .with("name", name)
                              .with("known", base::join(names, ", "))
                              .with("likely", base::likely(name, names)));
}

Draft::Draft(std::string name) : name_(std::move(name)), facts_(base::Json::object()) {}

void Draft::fails(std::string line) { failures_.push_back(base::printable(line)); }
void Draft::lacks(std::string line) { gaps_.push_back(base::printable(line)); }
void Draft::notes(std::string line) { notes_.push_back(base::printable(line)); }
void Draft::fact(const std::string& key, base::Json value) { facts_[key] = std::move(value); }

Proof Draft::done(std::string evidence) && {
  Proof proof;
  proof.name = std::move(name_);
  if (!failures_.empty()) {
    proof.verdict = Verdict::fail;
    proof.evidence = first_of(failures_);
  } else if (!gaps_.empty()) {
    proof.verdict = Verdict::unproven;
    proof.evidence = first_of(gaps_);
  } else {
    proof.verdict = Verdict::pass;
    proof.evidence = base::printable(evidence);
  }
  for (auto* lines : {&failures_, &gaps_, &notes_})
    std::move(lines->begin(), lines->end(), std::back_inserter(proof.details));
  proof.facts = std::move(facts_);
  return proof;
}

std::string listed(const std::vector<std::string>& names, std::size_t limit) {
  if (names.empty()) return "none";
  if (names.size() <= limit) return base::join(names, ", ");
  return base::join(std::span(names).first(limit), ", ") + " and " +
         std::to_string(names.size() - limit) + " more";
}

}  // namespace ccci::prove
