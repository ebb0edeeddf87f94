// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a ledger: every byte is accounted for, what was read is written back the same, and
// without a trusted key nothing holds but the empty ledger.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gate/audit.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ccci;
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  const std::string text(reinterpret_cast<const char*>(data), size);
  const gate::Audit found = gate::audit(text, "gates/ledger.jsonl", gate::Trust(), std::nullopt);
  require(found.whole_bytes + found.torn_bytes == text.size());
  require(found.holds() == text.empty());
  for (const base::Error& finding : found.findings) require(!finding.where.empty());
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find('\n', start);
    if (end == std::string::npos) end = text.size();
    const std::string line = text.substr(start, end - start);
    const gate::Parsed parsed = gate::parse_record(line);
    if (parsed.good) {
      require(parsed.record.line() == line && parsed.record.digest() == base::sha256(line));
    } else {
      require(!parsed.cause.empty());
    }
    start = end + 1;
  }
  return 0;
}
