// SPDX-License-Identifier: GPL-3.0-or-later
// A ledger that holds, whatever its payloads: each line of the input becomes a record, its first
// byte the type and the party that signs. The audit finds nothing, no gate passes by one key alone,
// and the page and the JSON can be written. The last line is what a check prints, judged too.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "gate/audit.hpp"
#include "gate/judge.hpp"
#include "gate/phase.hpp"
#include "gate/status.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr const char* phase_text = R"([[gate]]
name = 'M1'
what = 'it holds'
where = ['a.txt']
[[gate.check]]
name = 'one'
how = 'cat a.txt'
expect = { output = 'hello', lines = { least = 1 }, matches = 'l+', json = { pointer = '/a/0', equals = 1 } }
[[gate]]
name = 'M2'
what = 'it still holds'
where = ['a.txt']
[[gate.check]]
name = 'two'
how = 'cat b.txt'
expect = { status = 1 }
)";

struct World {
  std::array<gate::PrivateKey, 3> keys{gate::PrivateKey::generate(), gate::PrivateKey::generate(),
                                       gate::PrivateKey::generate()};
  gate::Trust trust{{{"alice", keys[0].public_key(), true, true},
                     {"bob", keys[1].public_key(), false, true},
                     {"carol", keys[2].public_key(), true, false}}};
  gate::Phase phase = gate::read_phase(phase_text, "p", "gates/p.toml").value();
};

// What no fuzzer would find by itself: the digests of the claimed texts and of a claim.
void fill_in(base::Json& payload, const World& world, const std::vector<std::string>& digests) {
  if (payload.contains("digests")) payload["digests"] = gate::digests(world.phase.gates.front());
  const base::Json* const claim = payload.find("claim");
  const std::uint64_t number = claim == nullptr ? 0 : (*claim)["seq"].number().value_or(0);
  if (number >= 1 && number <= digests.size()) payload["claim"]["digest"] = digests[number - 1];
}

std::string ledger(const World& world, const std::string& text, const gate::Time time) {
  constexpr std::array types{gate::Type::claim, gate::Type::verdict, gate::Type::veto,
                             gate::Type::withdrawal};
  std::string lines;
  gate::Record record;
  std::vector<std::string> digests;
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty() || record.seq == 8) continue;
    const auto choice = static_cast<unsigned char>(line.front());
    record.payload = base::Json::parse(line.substr(1), 12).value_or(base::Json());
    if (!record.payload.is_object()) continue;
    fill_in(record.payload, world, digests);
    ++record.seq;
    record.type = types.at(choice % types.size());
    record.time = time;
    record.sign(world.keys.at(choice / types.size() % world.keys.size()));
    lines += record.line() + "\n";
    record.previous = record.digest();
    digests.push_back(record.previous.hex());
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const gate::Time now = gate::parse_time("2026-11-22T12:00:00Z").value();
  const std::string text(data, data + size);
  const std::string lines = ledger(world, text, now);
  const gate::Audit audit = gate::audit(lines, "ledger.jsonl", world.trust, std::nullopt);
  require(audit.holds() && audit.whole_bytes == lines.size());
  const gate::Status status = gate::status(world.phase, audit.entries, world.trust, now);
  for (const gate::GateStatus& one : status.gates) {
    if (one.state != gate::State::passed) continue;
    require(one.claim && !one.verdicts.empty() && one.vetoes.empty());
    for (const gate::Statement& verdict : one.verdicts) require(verdict.party != one.claim->party);
  }
  require(gate::markdown(status).find('\x1b') == std::string::npos);
  require(!gate::to_json(status).dump().empty());

  gate::Observation seen;
  seen.out.kept = text.substr(text.rfind('\n') + 1);
  seen.out.total = seen.out.kept.size();
  for (const gate::Gate& gate : world.phase.gates) {
    static_cast<void>(gate::judge(gate.checks.front().expect, seen, nullptr));
  }
  return 0;
}
