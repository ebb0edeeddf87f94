// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/job_caller.hpp"
#include "command/invocation.hpp"
#include "job/kept.hpp"
#include "view/test.hpp"

namespace ccci::cli {

namespace {

std::string look_of(const engine::Kept& one) {
  const std::string& docker = one.record.note.docker;
  const bool lives = one.runs || !one.record.socket.empty();
  return lives && !docker.empty() ? docker + " service ls" : std::string();
}

void print_kept(Invocation& invocation, const std::vector<engine::Kept>& all) {
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  if (all.empty()) line("no deployment is kept");
  for (const engine::Kept& one : all) {
    const engine::KeptNote& note = one.record.note;
    line(one.record.name + "  since " + base::rfc3339(one.since) +
         (note.subject.empty() ? "" : "  " + note.subject));
    if (!one.record.socket.empty()) line("  engine: unix://" + one.record.socket);
    if (!one.runs)
      line(one.record.socket.empty()
               ? "  its engine has ended: only its files are left"
               : "  its ingress has ended: its services are what the engine has of them");
    if (const std::string look = look_of(one); !look.empty()) line("  look:   " + look);
    if (!note.results.empty()) line("  files:  " + note.results);
    line("  remove: " + view::removal_line(invocation, one.record.name));
  }
}

base::Result<int> run_kept(Invocation& invocation) {
  CCCI_TRY(const auto all, job::kept_deployments(job_caller(invocation)));
  if (!invocation.json()) {
    print_kept(invocation, all);
    return 0;
  }
  base::Json rows = base::Json::array();
  for (const engine::Kept& one : all) {
    rows.push_back(
        {{"name", one.record.name},
         {"since", base::rfc3339(one.since)},
         {"subject", one.record.note.subject},
         {"engine", one.record.socket.empty() ? "private" : "unix://" + one.record.socket},
         {"runs", one.runs},
         {"look", look_of(one)},
         {"results", one.record.note.results},
         {"remove", view::removal_line(invocation, one.record.name)}});
  }
  invocation.print(base::Json{{"schema", 1}, {"kept", std::move(rows)}});
  return 0;
}

}  // namespace

const Command& kept_command() {
  static const Command command{
      .name = "kept",
      .section = "Run",
      .purpose = "list the deployments that cc-ci test --keep has left",
      .options = {json_option()},
      .prose =
          "Shows for each: its name, since when it is kept, the recipe and the tier that failed, "
          "the command that looks into it and the one that removes it. A kept deployment takes "
          "memory and disk until it is removed. A reboot ends it, and the next test removes its "
          "files. On an engine that others use too, only its ingress ends: the engine starts its "
          "services again.",
      .example = "cc-ci kept",
      .run = &run_kept,
  };
  return command;
}

}  // namespace ccci::cli
