// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "base/text.hpp"
#include "gate/status.hpp"

namespace ccci::gate {

namespace {

// Makes untrusted text safe: no control characters, no markup, no HTML, no table cells.
std::string plain(std::string_view text) {
  std::string safe;
  for (const char c : base::printable(text)) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#+-.!|~:@").find(c) != std::string_view::npos) safe += '\\';
      safe += c;
    }
  }
  return safe;
}

std::string paragraphs(std::string_view text) {
  std::string safe;
  for (const std::string_view line : base::split(text, '\n')) {
    safe += plain(base::trim(line)) + "\n";
  }
  return safe;
}

// Formats a commit. A party may have signed any text as its commit.
std::string commit(const std::string& text) {
  const bool id = !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  return id ? "`" + text + "`" : plain(text);
}

// A code block whose fence is longer than any run of backticks in the text.
std::string code(std::string_view text) {
  std::size_t longest = 2;
  std::size_t run = 0;
  std::string safe;
  for (const std::string_view line : base::split(text, '\n')) safe += base::printable(line) + "\n";
  while (safe.ends_with("\n\n")) safe.pop_back();
  for (const char c : safe) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  return fence + "\n" + safe + fence + "\n";
}

std::string said(const Statement& statement) {
  return plain(statement.party) + ", " + format_time(statement.time) + " (record " +
         std::to_string(statement.seq) + ")";
}

void write_checks(const GateStatus& gate, std::string& page) {
  for (const Check& check : gate.gate->checks) {
    page += "\n#### Check " + plain(check.name) + "\n\nHOW:\n\n" + code(check.how.text());
    page += "\nEXPECTED:\n\n";
    for (const std::string& line : describe(check.expect)) page += "- " + plain(line) + "\n";
  }
}

void write_gate(const GateStatus& gate, std::string& page) {
  page += "\n## Gate " + plain(gate.gate->name) + "\n\n";
  page += "State: **" + std::string(state_name(gate.state)) + "**, " + plain(gate.reason) + "\n\n";
  page += "### Claim\n\n";
  page += gate.claim ? "Commit " + commit(gate.claim->text) + ", " + said(*gate.claim)
                     : std::string("None yet");
  page += "\n\nWHAT:\n\n" + paragraphs(gate.gate->what) + "\nWHERE:\n\n";
  for (const std::string& path : gate.gate->where) page += "- " + plain(path) + "\n";
  write_checks(gate, page);
  page += "\n### Verdict\n\n";
  if (gate.verdicts.empty() && gate.vetoes.empty()) page += "None yet\n";
  for (const Statement& verdict : gate.verdicts) {
    page += "- " + verdict.text + ", " + said(verdict) + "\n";
  }
  for (const Statement& veto : gate.vetoes) {
    page += "- VETO, " + said(veto) + ": " + plain(veto.text) + "\n";
  }
  for (const Statement& other : gate.ignored) {
    page += "- does not count: " + plain(other.text) + ", " + said(other) + "\n";
  }
  for (const std::string& party : gate.added_verifiers) {
    page += "- note: the key of " + plain(party) + " was added after the first claim\n";
  }
  page += "\n### Backlog\n\n";
  if (gate.backlog.empty()) page += "Empty\n";
  for (const auto& [name, reason] : gate.backlog) {
    page += "- " + plain(name) + ": " + plain(reason) + "\n";
  }
}

base::Json statements(const std::vector<Statement>& list) {
  base::Json json = base::Json::array();
  for (const Statement& one : list) {
    json.push_back({{"seq", one.seq},
                    {"party", one.party},
                    {"time", format_time(one.time)},
                    {"text", one.text}});
  }
  return json;
}

}  // namespace

std::string markdown(const Status& status) {
  const Phase& phase = *status.phase;
  std::string page = "# Phase " + plain(phase.name) + "\n\n";
  if (!phase.title.empty()) page += plain(phase.title) + "\n\n";
  page += "As of " + format_time(status.now) + ". A PASS counts for " +
          format_span(phase.fresh_for) + ".\n\n";
  page += "| gate | state | claim | verdict | red checks |\n| --- | --- | --- | --- | --- |\n";
  for (const GateStatus& gate : status.gates) {
    std::string verdict = gate.verdicts.empty() ? "none" : gate.verdicts.back().text;
    if (!gate.vetoes.empty()) verdict = "VETO";
    page += "| " + plain(gate.gate->name) + " | " + std::string(state_name(gate.state)) + " | " +
            (gate.claim ? commit(gate.claim->text.substr(0, 12)) : "none") + " | " + verdict +
            " | " + std::to_string(gate.backlog.size()) + " of " +
            std::to_string(gate.gate->checks.size()) + " |\n";
  }
  for (const GateStatus& gate : status.gates) write_gate(gate, page);
  return page;
}

base::Json to_json(const Status& status) {
  base::Json gates = base::Json::array();
  for (const GateStatus& gate : status.gates) {
    base::Json backlog = base::Json::array();
    for (const auto& [name, reason] : gate.backlog) {
      backlog.push_back({{"check", name}, {"reason", reason}});
    }
    base::Json claim;
    if (gate.claim) claim = statements({*gate.claim})[0];
    gates.push_back({{"name", gate.gate->name},
                     {"state", state_name(gate.state)},
                     {"reason", gate.reason},
                     {"claim", std::move(claim)},
                     {"verdicts", statements(gate.verdicts)},
                     {"vetoes", statements(gate.vetoes)},
                     {"ignored", statements(gate.ignored)},
                     {"added_verifiers", gate.added_verifiers},
                     {"backlog", std::move(backlog)}});
  }
  return {{"schema", 1},
          {"phase", status.phase->name},
          {"time", format_time(status.now)},
          {"done", status.done()},
          {"gates", std::move(gates)}};
}

}  // namespace ccci::gate
