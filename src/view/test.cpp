// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/test.hpp"

#include <algorithm>
#include <filesystem>

#include "base/shell.hpp"
#include "base/text.hpp"
#include "job/run_log.hpp"
#include "results/files.hpp"

namespace ccci::view {

namespace {

namespace fs = std::filesystem;

void print_result(Invocation& invocation, const run::Result& result, const fs::path& out,
                  const std::string& docker) {
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  for (const run::Rung& rung : result.rungs) line(job::rung_line(rung));
  for (const recipe::Deviation& deviation : result.deviations) {
    line("deviation " + (deviation.service.empty() ? "" : deviation.service + ": ") +
         deviation.key + ": " + deviation.what);
  }
  for (const std::string& left : result.left) line("left      " + left);
  if (!result.no_secret_leak) line("a secret is in the files of the result");
  line("results   " + (out / "results.json").native());
  if (!result.logs.empty()) line("logs      " + (out / "logs").native());
  if (result.screenshot.empty()) line("page      " + (out / "screenshot.png").native());
  if (!result.kept.empty()) {
    line("kept      " + result.kept);
    line("  look:   " + docker + " service ls");
    line("  remove: " + removal_line(invocation, result.kept));
  }
  line(result.recipe + (result.version.empty() ? "" : " " + result.version) + ": " +
       std::string(run::name(run::verdict(result))) + ", level " +
       std::to_string(run::level(result)) + ", " +
       base::human_seconds(static_cast<double>(result.time.count()) / 1000));
  // The last lines of a red run say what failed, and in the service's own words why.
  for (const run::Rung& rung : result.rungs) {
    if (rung.verdict != run::Verdict::fail) continue;
    line(rung.name + ": " + rung.reason);
    for (const std::string_view words : base::split(rung.last_words, '\n')) {
      std::string text(words);
      std::replace(text.begin(), text.end(), '\t', ' ');
      if (!text.empty()) line("  " + text);
    }
  }
}

}  // namespace

std::string removal_line(const Invocation& invocation, const std::string& kept) {
  const fs::path state = fs::absolute(invocation.globals().state);
  const bool usual = state == fs::path(command::system_state);
  return "cc-ci " + (usual ? "" : "--state " + base::shell_word(state.native()) + " ") +
         "test --remove " + kept;
}

void print_test_plan(Invocation& invocation, const run::Plan& plan) {
  if (invocation.json()) {
    invocation.print(run::to_json(plan));
    return;
  }
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  line("recipe      " + plan.recipe +
       (plan.head.version.empty() ? std::string() : " " + plan.head.version));
  if (!plan.head.commit.empty())
    line("commit      " + plan.head.commit + (plan.dirty ? ", with changes" : ""));
  line("domain      " + plan.domain);
  if (!plan.distinction.empty()) line("engine      " + plan.settings.engine);
  for (const std::string& image : plan.images) line("image       " + image);
  for (const run::Plan& other : plan.dependencies) {
    line("needs       " + other.recipe +
         (other.head.version.empty() ? std::string() : " " + other.head.version));
  }
  for (const recipe::Release& base : plan.bases) line("base        " + base.version.text);
  for (const run::TierPlan& tier : plan.tiers) {
    run::Rung row{.name = tier.name};
    row.reason = tier.reason;
    if (tier.decided) {
      row.verdict = *tier.decided;
      line(job::rung_line(row));
    } else {
      std::string text = tier.name;
      text.resize(10, ' ');
      line(text + "run");
    }
  }
}

void print_tested(Invocation& invocation, const job::Tested& tested) {
  invocation.end_progress();
  if (!invocation.json()) {
    print_result(invocation, tested.result, tested.out, tested.docker);
    return;
  }
  const auto masked = base::Json::parse(tested.mask.masked(results::to_json(tested.result).dump()));
  invocation.print(masked ? *masked : results::to_json(tested.result));
}

}  // namespace ccci::view
