// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gate_service.hpp"
#include "command/invocation.hpp"
#include "report/table.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

void print_verdict(Invocation& invocation, const gate::Verdict& verdict) {
  const gate::Verification& verification = verdict.verification;
  report::Table table({{.heading = "check"},
                       {.heading = "verdict"},
                       {.heading = "time", .align = report::Table::Column::Align::right},
                       {.heading = "evidence", .elastic = true}});
  for (const gate::CheckResult& check : verification.checks) {
    const std::string found = check.held()
                                  ? "status " + std::to_string(check.seen.status) + ", " +
                                        base::human_bytes(check.seen.out.total) + " printed"
                                  : base::join(check.reasons, "; ");
    table.row({check.name, check.held() ? "pass" : "fail",
               base::human_seconds(static_cast<double>(check.seen.took.count()) / 1000), found});
  }
  invocation.print(table);
  if (!verification.refusal.empty()) {
    invocation.out().line("refused: " + base::printable(verification.refusal));
  }
  invocation.out().line((verification.passed() ? "PASS" : "FAIL") + std::string(", record ") +
                        std::to_string(verdict.entry.record.seq) + ", evidence in " +
                        verdict.evidence.native());
}

base::Result<int> run_gate_verify(Invocation& invocation) {
  CCCI_TRY(gate::Service service, open_gate(invocation));
  CCCI_TRY(const gate::PrivateKey key, chosen_key(invocation));
  gate::VerifyOptions options;
  options.remote = invocation.value("remote").value_or("");
  const auto scratch = invocation.value("scratch");
  options.place.scratch = scratch ? fs::path(*scratch) : fs::temp_directory_path();
  options.place.in_memory = !scratch;
  if (const auto archives = invocation.value("archives")) {
    options.place.archives = fs::absolute(*archives);
  }
  options.place.keep = invocation.has("keep-clone");
  // The checks must call this cc-ci program, not an installed one.
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!own.empty()) options.path = own.native() + ":" + options.path;
  const auto verdict = service.verify(invocation.operands().front(), key, wall_clock(), options,
                                      invocation.progress());
  invocation.end_progress();
  if (!verdict) return base::unexpected(verdict.error());
  if (invocation.json()) {
    base::Json json{{"schema", 1}, {"record", verdict->entry.record.seq}};
    json["verdict"] = verdict->entry.record.payload;
    invocation.print(json);
  } else {
    print_verdict(invocation, *verdict);
  }
  return verdict->verification.passed() ? 0 : 1;
}

}  // namespace

const Command& gate_verify_command() {
  static const Command command{
      .name = "gate verify",
      .section = "Gate",
      .purpose = "verify a claim from an empty state and record the verdict",
      .operands = {{.name = "GATE"}},
      .options = {key_option(),
                  remote_option(),
                  {.name = "scratch",
                   .value = "DIR",
                   .help = "put clone and state into DIR, on disk",
                   .shown = "$TMPDIR or /tmp; as root the state is in memory"},
                  {.name = "archives",
                   .value = "DIR",
                   .help = "use the fetched archives of DIR; the lock's digests are still checked"},
                  {.name = "keep-clone", .help = "keep the clone for inspection"},
                  json_option()},
      .prose =
          "Makes a fresh clone of the claimed commit, with submodules, an empty state directory "
          "and few variables. Runs every check within its time limit, and appends PASS or FAIL to "
          "the ledger. A key that claimed the gate cannot verify it. The outputs are kept in "
          "gates/evidence.\n\n"
          "Entrypoints and systems contain the path of the state directory. So as root, the checks "
          "see their empty state directory as /var/lib/cc-ci, in a mount namespace of their own: "
          "they verify byte for byte what hosts get. If at least 4 GiB of memory are free, the "
          "state is in memory and uses at most half of it. Without root the state has another "
          "path, and the record says so. The checks of a gate with live = true see this machine's "
          "own state.\n\n"
          "The checks are programs of the repository's authors; they run with your rights.",
      .statuses = {{"1", "FAIL"}},
      .example = "cc-ci gate verify M1",
      .run = &run_gate_verify,
  };
  return command;
}

}  // namespace ccci::cli
