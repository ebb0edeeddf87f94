// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/kept.hpp"

#include "base/date.hpp"
#include "base/shell.hpp"
#include "base/text.hpp"
#include "wording/message.hpp"

namespace ccci::job {

namespace {

// "gitea 1.0.0+1: install failed"
std::string subject_of(const run::Result& result) {
  std::string text = result.recipe + (result.version.empty() ? "" : " " + result.version);
  std::string failed;
  for (const run::Rung& rung : result.rungs)
    if (rung.verdict == run::Verdict::fail && (failed.empty() || failed == "lint"))
      failed = rung.name;
  return failed.empty() ? text : text + ": " + failed + " failed";
}

engine::Records records_of(const Caller& caller) {
  run::Setup setup;
  setup.state = caller.state();
  return engine::Records(setup.engines());
}

}  // namespace

// The host may have no docker, and another one than the environment's engine may not fit it. An
// engine that is the host's has the host's client.
std::string docker_command(const run::Setup& setup, const std::string& engine) {
  constexpr const char* client = "/usr/bin/docker";
  const bool own = setup.engine.empty() && setup.has(client);
  std::vector<std::string> words = own ? std::vector<std::string>{setup.entry.front(), client}
                                       : std::vector<std::string>{"docker"};
  words.insert(words.end(), {"--host", engine});
  return base::shell_line(words);
}

void note_kept(engine::Records& records, const run::Result& result,
               const std::filesystem::path& out, const std::string& docker, const Caller& caller) {
  const auto noted = records.annotate(result.kept, {subject_of(result), out.native(), docker});
  if (noted) return;
  caller.warn("cc-ci kept will not say what " + result.kept +
              " is: " + wording::one_line(noted.error()));
}

base::Result<std::vector<engine::Kept>> kept_deployments(const Caller& caller) {
  return records_of(caller).kept();
}

void warn_of_kept(const Caller& caller) {
  const auto all = kept_deployments(caller);
  if (!all) return;
  for (const engine::Kept& one : *all) {
    const std::string& subject = one.record.note.subject;
    caller.warn(base::printable(one.record.name + (subject.empty() ? "" : " (" + subject + ")") +
                                " is kept since " + base::rfc3339(one.since)) +
                ": cc-ci kept");
  }
}

base::Result<engine::Reaped> remove_kept(const std::string& name, const Caller& caller) {
  engine::Records records = records_of(caller);
  return engine::remove_engine(records, name);
}

}  // namespace ccci::job
