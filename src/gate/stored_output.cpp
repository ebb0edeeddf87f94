// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/stored_output.hpp"

#include <fcntl.h>

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "gate/evidence.hpp"

namespace ccci::gate {

namespace {

constexpr std::uint64_t most_kept = 1U << 20U;  // of one output; a verification keeps as much

const Entry* newest_pass(const GateStatus& gate, const std::vector<Entry>& entries) {
  std::uint64_t seq = 0;
  for (const Statement& verdict : gate.verdicts) {
    if (verdict.text == "PASS") seq = std::max(seq, verdict.seq);
  }
  const auto found =
      std::ranges::find(entries, seq, [](const Entry& one) { return one.record.seq; });
  return found == entries.end() ? nullptr : &*found;
}

// The number of the check, counted from 1 as in the evidence. 0: no such check.
std::size_t number_of(const base::Json& payload, const std::string& check) {
  const base::Json& checks = payload["checks"];
  for (std::size_t i = 0; i < checks.size(); ++i) {
    if (checks[i]["name"] == check) return i + 1;
  }
  return 0;
}

base::Result<std::string> read_output(const std::filesystem::path& root, const std::string& file) {
  CCCI_TRY(const base::Fd directory, base::open_path(root, O_RDONLY | O_DIRECTORY));
  return base::read_within(directory.get(), file, most_kept);
}

}  // namespace

base::Result<std::string> stored_output(const std::filesystem::path& root, const GateStatus& gate,
                                        const std::vector<Entry>& entries,
                                        const std::string& check) {
  const std::string& name = gate.gate->name;
  const Entry* const verdict = newest_pass(gate, entries);
  if (gate.state != State::passed || verdict == nullptr) {
    return base::unexpected(
        base::fail("gate.not-passed").with("gate", name).with("reason", gate.reason));
  }
  // A party may have signed anything. A member that is missing or has another type reads as empty
  // text.
  const base::Json& payload = verdict->record.payload;
  const std::size_t number = number_of(payload, check);
  if (number == 0) {
    std::vector<std::string> known;
    for (const Check& one : gate.gate->checks) known.push_back(one.name);
    return base::unexpected(base::fail("gate.no-check")
                                .with("gate", name)
                                .with("check", check)
                                .with("known", base::join(known, ", "))
                                .with("likely", base::likely(check, known)));
  }
  const std::string file =
      payload["evidence"].text_or_empty() + "/" + evidence_stem(number, check) + ".out";
  const std::string signed_digest =
      payload["checks"][number - 1]["seen"]["out"]["digest"].text_or_empty();
  const auto refuse = [&](std::string_view cause) {
    return base::unexpected(base::fail("gate.evidence")
                                .with("path", file)
                                .with("seq", static_cast<long long>(verdict->record.seq))
                                .with("cause", cause));
  };
  auto output = read_output(root, file);
  if (!output) return refuse("it cannot be read");
  if (base::sha256(*output).hex() != signed_digest)
    return refuse("it differs from what was signed");
  return output;
}

}  // namespace ccci::gate
