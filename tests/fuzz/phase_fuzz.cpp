// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a phase file and as keys.toml: refused, with a place for every error, or read to
// something that has one spelling and can fail.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gate/phase.hpp"
#include "gate/trust.hpp"

namespace {

using namespace ccci;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto phase = gate::read_phase(text, "p", "gates/p.toml");
  const auto again = gate::read_phase(text, "p", "gates/p.toml");
  require(phase.has_value() == again.has_value());
  if (phase) {
    require(*phase == *again && !phase->gates.empty());
    for (const gate::Gate& gate : phase->gates) {
      require(phase->find(gate.name) != nullptr && !gate.checks.empty());
      // What a claim records must be text that can be written and read back.
      const std::string claimed = gate::texts(gate).dump();
      require(base::Json::parse(claimed).value().dump() == claimed &&
              gate::digests(gate).size() == 4);
      for (const gate::Check& check : gate.checks) {
        require(!gate::describe(check.expect).empty() && !check.how.text().empty());
      }
    }
  } else {
    require(!phase.error().code.empty());
  }
  const auto trust = gate::read_trust(text, "gates/keys.toml");
  if (trust) {
    for (const gate::Party& party : trust->parties()) {
      require(trust->find(party.key.id()) != nullptr);
    }
  }
  return 0;
}
