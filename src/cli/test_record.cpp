// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/test_record.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/run_view.hpp"
#include "report/error_text.hpp"
#include "results/files.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr int usage_status = 2;

void print_result(Invocation& invocation, const run::Result& result, const fs::path& out,
                  const fs::path& engines) {
  const auto line = [&](const std::string& text) { invocation.out().line(base::printable(text)); };
  for (const run::Rung& rung : result.rungs) line(rung_line(rung));
  for (const recipe::Deviation& deviation : result.deviations) {
    line("deviation " + (deviation.service.empty() ? "" : deviation.service + ": ") +
         deviation.key + ": " + deviation.what);
  }
  for (const std::string& left : result.left) line("left      " + left);
  if (!result.no_secret_leak) line("a secret is in the files of the result");
  line("results   " + (out / "results.json").native());
  if (result.screenshot.empty()) line("page      " + (out / "screenshot.png").native());
  if (!result.kept.empty()) {
    const fs::path own = engines / result.kept / "docker.sock";
    const std::string engine = result.engine.empty() ? "unix://" + own.native() : result.engine;
    line("kept      " + result.kept);
    line("  look:   docker --host " + engine + " service ls");
    line("  remove: cc-ci test --remove " + result.kept);
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

void show_result(Invocation& invocation, const run::Result& result, const fs::path& out,
                 const fs::path& engines, const run::Mask& mask) {
  invocation.end_progress();
  if (!invocation.json()) {
    print_result(invocation, result, out, engines);
    return;
  }
  const auto masked = base::Json::parse(mask.masked(results::to_json(result).dump()));
  invocation.print(masked ? *masked : results::to_json(result));
}

base::Result<fs::path> TestRecord::directory() const {
  const auto given = invocation_.value("out");
  const fs::path out =
      fs::absolute(given ? fs::path(*given) : invocation_.globals().state / "results" / name_);
  CCCI_CHECK(base::make_directories(out));
  // A picture of an earlier run would be taken for this one's.
  for (const char* old : {"screenshot.png", "logs", "results.json"})
    CCCI_CHECK(base::remove_tree(out / old));
  return out;
}

base::Result<fs::path> TestRecord::write(run::Result& result, const std::string& log) const {
  CCCI_TRY(fs::path out, directory());
  CCCI_CHECK(base::replace_file(out / "log.txt", log));
  CCCI_CHECK(results::write_files(result, out, {}));
  return out;
}

base::Result<int> TestRecord::unreadable(const run::Intent& intent,
                                         const base::Error& error) const {
  // What the machine did wrong says nothing of the recipe.
  if (report::exit_status(error) != usage_status) return not_begun(intent, error);
  const std::string words = report::render(error, {});
  const std::vector<std::string> missing = run::missing_values(error);
  run::Result result = missing.empty()
                           ? run::unreadable_recipe(intent, wording::one_line(error), words)
                           : run::values_missing(intent, missing);
  CCCI_TRY(const fs::path out, write(result, words));
  show_result(invocation_, result, out, {}, {});
  return run::exit_status(result);
}

base::Result<int> TestRecord::not_begun(const run::Intent& intent, const base::Error& error) const {
  run::Result result = run::not_begun(intent, error);
  result.problem = wording::one_line(error);
  // The error that is told is the first one.
  static_cast<void>(write(result, report::render(error, {})));
  return base::unexpected(error);
}

}  // namespace ccci::cli
