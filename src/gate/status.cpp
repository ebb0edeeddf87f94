// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/status.hpp"
#include "gate/rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace ccci::gate {

namespace {

// The clocks of two machines differ by less than this. A PASS dated tomorrow would stay fresh
// longer than `fresh_for`.
constexpr auto tolerance = std::chrono::minutes(5);

// A party signed the payload, but perhaps not with this program: any member may be missing.
std::string text(const base::Json& json, const char* name) { return json[name].text_or_empty(); }

bool about(const Entry& entry, std::string_view phase, std::string_view gate) {
  return text(entry.record.payload, "phase") == phase && text(entry.record.payload, "gate") == gate;
}

bool passes(const Entry& verdict) { return text(verdict.record.payload, "verdict") == "pass"; }

class Judgement {
 public:
  Judgement(const Phase& phase, const Gate& gate, const std::vector<Entry>& entries,
            const Trust& trust, Time now)
      : phase_(phase), gate_(gate), entries_(entries), trust_(trust), now_(now) {
    result_.gate = &gate;
  }

  GateStatus run(const GateStatus* before) {
    claim_ = current_claim(entries_, trust_, phase_.name, gate_.name);
    collect_added();
    collect_vetoes();
    collect_verdicts();
    collect_backlog();
    decide(before);
    return std::move(result_);
  }

 private:
  Statement statement(const Entry& entry, std::string said) const {
    return {entry.record.seq, trust_.name(entry.record.key), entry.record.time, std::move(said)};
  }

  bool may_verify(const Entry& entry) const {
    const Party* party = trust_.find(entry.record.key);
    return party != nullptr && party->may_verify;
  }

  // Who could verify the current claim when it was made. Such a key's FAIL and veto hold until a
  // new claim, even if a commit has taken its right since then.
  bool could_verify_claim(const Entry& entry) const {
    return claim_ != nullptr && could_verify(claim_->record.payload["rules"], entry.record.key);
  }

  void collect_added() {
    for (const Entry& entry : entries_) {
      if (entry.record.type != Type::claim || !about(entry, phase_.name, gate_.name)) continue;
      result_.added_verifiers = later_verifiers(entry.record.payload["rules"], trust_);
      return;
    }
  }

  void collect_vetoes() {
    std::map<std::string, const Entry*> standing;  // the last veto of each key
    for (const Entry& entry : entries_) {
      if (!about(entry, phase_.name, gate_.name)) continue;
      if (entry.record.type == Type::veto) standing[entry.record.key] = &entry;
      if (entry.record.type == Type::withdrawal) standing.erase(entry.record.key);
    }
    for (const auto& [key, entry] : standing) {
      if (may_verify(*entry) || could_verify_claim(*entry)) {
        result_.vetoes.push_back(statement(*entry, text(entry->record.payload, "reason")));
      } else {
        result_.ignored.push_back(statement(*entry, "a veto by a key that may not verify"));
      }
    }
  }

  void collect_verdicts() {
    if (claim_ == nullptr) return;
    result_.claim = statement(*claim_, text(claim_->record.payload, "commit"));
    std::map<std::string, const Entry*> last;
    for (const Entry& entry : entries_) {
      if (entry.record.type != Type::verdict || !about(entry, phase_.name, gate_.name)) continue;
      const base::Json& claim = entry.record.payload["claim"];
      if (claim["seq"].number().value_or(0) != claim_->record.seq ||
          text(claim, "digest") != claim_->digest.hex()) {
        continue;
      }
      const bool holds_anyway = could_verify_claim(entry) && !passes(entry);
      if (!may_verify(entry) && !holds_anyway) {
        result_.ignored.push_back(statement(entry, "a verdict by a key that may not verify"));
        last.erase(entry.record.key);  // a FAIL that its own key took back
      } else if (!could_verify_claim(entry)) {
        result_.ignored.push_back(
            statement(entry, "a verdict by a key that was added after the claim"));
      } else if (has_claimed(entries_, entry.record.key, phase_.name, gate_.name)) {
        result_.ignored.push_back(statement(entry, "a verdict by a key that claimed this gate"));
      } else if (entry.record.time > now_ + tolerance) {
        result_.ignored.push_back(statement(entry, "a verdict from the future"));
      } else {
        last[entry.record.key] = &entry;
      }
    }
    for (const auto& [key, entry] : last) {
      result_.verdicts.push_back(statement(*entry, passes(*entry) ? "PASS" : "FAIL"));
      const bool newer = latest_ == nullptr || entry->record.seq > latest_->record.seq;
      if (newer) latest_ = entry;
    }
    std::sort(result_.verdicts.begin(), result_.verdicts.end(),
              [](const Statement& a, const Statement& b) { return a.seq < b.seq; });
  }

  // The checks that no verdict shows to pass for the current claim.
  void collect_backlog() {
    if (latest_ == nullptr) {
      for (const Check& check : gate_.checks)
        result_.backlog.emplace_back(check.name, "not verified");
      return;
    }
    const base::Json& payload = latest_->record.payload;
    if (const std::string refusal = text(payload, "refusal"); !refusal.empty()) {
      for (const Check& check : gate_.checks) result_.backlog.emplace_back(check.name, refusal);
      return;
    }
    std::map<std::string, std::string> red;
    std::set<std::string> green;
    for (const base::Json& check : payload["checks"]) {
      if (check["held"] == true) {
        green.insert(text(check, "name"));
      } else {
        red[text(check, "name")] = first_reason(check);
      }
    }
    for (const Check& check : gate_.checks) {
      if (const auto found = red.find(check.name); found != red.end()) {
        result_.backlog.emplace_back(check.name, found->second);
      } else if (!green.contains(check.name)) {
        result_.backlog.emplace_back(check.name, "not verified");
      }
    }
  }

  static std::string first_reason(const base::Json& check) {
    const std::string* const reason = check["reasons"][0].text();
    return reason == nullptr ? "does not hold" : *reason;
  }

  bool texts_changed() const {
    const base::Json& claimed = claim_->record.payload["digests"];
    return claimed != digests(gate_);
  }

  void set(State state, std::string reason) {
    result_.state = state;
    result_.reason = std::move(reason);
  }

  void decide(const GateStatus* before) {
    if (before != nullptr && before->state != State::passed) {
      return set(State::closed, "gate " + before->gate->name + " has not passed");
    }
    if (!result_.vetoes.empty()) {
      return set(State::vetoed, "vetoed by " + result_.vetoes.front().party);
    }
    if (claim_ == nullptr) return set(State::open, "not claimed yet");
    if (texts_changed()) {
      return set(State::changed, "its texts differ from the claimed ones");
    }
    std::string changed =
        changed_rules(claim_->record.payload["rules"], phase_, gate_.name, trust_);
    if (!changed.empty()) return set(State::changed, std::move(changed));
    const Statement* pass = nullptr;
    for (const Statement& verdict : result_.verdicts) {
      if (verdict.text == "FAIL") {
        return set(State::failed, "the verdict of " + verdict.party + " is FAIL");
      }
      if (pass == nullptr || verdict.time > pass->time) pass = &verdict;
    }
    if (pass == nullptr) return set(State::claimed, "waiting for a verdict by another key");
    result_.fresh_until = pass->time + phase_.fresh_for;
    if (now_ > *result_.fresh_until) {
      return set(State::stale, "the PASS is older than " + format_span(phase_.fresh_for));
    }
    if (!result_.backlog.empty()) {
      return set(State::failed, "the PASS leaves out check " + result_.backlog.front().first);
    }
    const auto& added = result_.added_verifiers;
    const bool late = std::find(added.begin(), added.end(), pass->party) != added.end();
    set(State::passed, "PASS by " + pass->party +
                           (late ? ", whose key was added after the first claim" : "") +
                           ", fresh until " + format_time(*result_.fresh_until));
  }

  const Phase& phase_;
  const Gate& gate_;
  const std::vector<Entry>& entries_;
  const Trust& trust_;
  Time now_;
  const Entry* claim_ = nullptr;
  const Entry* latest_ = nullptr;
  GateStatus result_;
};

}  // namespace

std::string_view state_name(State state) {
  switch (state) {
    case State::closed:
      return "closed";
    case State::open:
      return "open";
    case State::claimed:
      return "claimed";
    case State::failed:
      return "failed";
    case State::vetoed:
      return "vetoed";
    case State::stale:
      return "stale";
    case State::changed:
      return "changed";
    case State::passed:
      break;
  }
  return "passed";
}

bool has_claimed(const std::vector<Entry>& entries, std::string_view key, std::string_view phase,
                 std::string_view gate) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.record.type == Type::claim && entry.record.key == key && about(entry, phase, gate);
  });
}

const Entry* current_claim(const std::vector<Entry>& entries, const Trust& trust,
                           std::string_view phase, std::string_view gate) {
  const Entry* last = nullptr;
  for (const Entry& entry : entries) {
    const Party* party = trust.find(entry.record.key);
    if (entry.record.type == Type::claim && party != nullptr && party->may_claim &&
        about(entry, phase, gate)) {
      last = &entry;
    }
  }
  return last;
}

bool Status::done() const {
  return !gates.empty() && std::all_of(gates.begin(), gates.end(), [](const GateStatus& gate) {
    return gate.state == State::passed;
  });
}

const GateStatus* Status::find(std::string_view gate) const {
  const auto found = std::find_if(gates.begin(), gates.end(), [&](const GateStatus& candidate) {
    return candidate.gate->name == gate;
  });
  return found == gates.end() ? nullptr : &*found;
}

Status status(const Phase& phase, const std::vector<Entry>& entries, const Trust& trust, Time now) {
  Status status{&phase, now, {}};
  status.gates.reserve(phase.gates.size());
  for (const Gate& gate : phase.gates) {
    const GateStatus* before = status.gates.empty() ? nullptr : &status.gates.back();
    status.gates.push_back(Judgement(phase, gate, entries, trust, now).run(before));
  }
  return status;
}

}  // namespace ccci::gate
