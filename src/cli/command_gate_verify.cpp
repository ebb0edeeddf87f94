// SPDX-License-Identifier: GPL-3.0-or-later
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/gate_desk.hpp"
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

base::Result<int> run_verify(Invocation& invocation) {
  CCCI_TRY(gate::Desk desk, open_desk());
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
  // The checks call this very cc-ci, not one that happens to be installed.
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!own.empty()) options.path = own.native() + ":" + options.path;
  const auto verdict =
      desk.verify(invocation.operands().front(), key, wall_clock(), options, invocation.progress());
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
      .purpose = "verify a claim from cold and record the verdict",
      .operands = {{.name = "GATE"}},
      .options = {key_option(),
                  remote_option(),
                  {.name = "scratch",
                   .value = "DIR",
                   .help = "make clone and state in DIR, all of it on disk",
                   .shown = "$TMPDIR or /tmp; as root the state is held in memory"},
                  {.name = "archives",
                   .value = "DIR",
                   .help = "begin with the fetched archives of DIR; each is used only where its "
                           "digest is the lock's"},
                  {.name = "keep-clone", .help = "leave the clone for a look"},
                  json_option()},
      .prose =
          "Clones afresh at the claimed commit, submodules included, with an empty state directory "
          "and few variables, runs every check within its time limit, and appends PASS or FAIL. A "
          "key that claimed the gate cannot verify it. The outputs stay in gates/evidence.\n\n"
          "Entrypoints and systems name the state directory. As root the checks therefore find "
          "their empty one at /var/lib/cc-ci, in a mount namespace that only they are in: what "
          "they prove is byte for byte what hosts get. Where at least 4 GiB of memory are free it "
          "is held there, at most half of them. Without root the state is elsewhere, which the "
          "record says. A gate with live = true sees this machine's own state.\n\n"
          "The checks are programs that the authors of the repository wrote; they run with your "
          "rights.",
      .statuses = {{"1", "FAIL"}},
      .example = "cc-ci gate verify M1",
      .run = &run_verify,
  };
  return command;
}

}  // namespace ccci::cli
