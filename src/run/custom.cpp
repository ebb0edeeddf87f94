// SPDX-License-Identifier: GPL-3.0-or-later
// The tier custom: checks that the declaration names, and the recipe's own tests under pytest.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>

#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "engine/keeper.hpp"
#include "run/fixtures.hpp"
#include "run/gist.hpp"
#include "run/seclusion.hpp"
#include "run/tiers.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

// Tests are code of the recipe's author. They run as nobody, and of the engine's directory they see
// only this one, at this path.
constexpr uid_t nobody = 65534;
constexpr const char* tests_at = "/run/cc-ci-tests";
constexpr std::uint64_t largest_report = 16U << 20U;

std::string title_of(const std::string& body) {
  const std::size_t begin = body.find("<title");
  const std::size_t open = begin == std::string::npos ? begin : body.find('>', begin);
  const std::size_t close = open == std::string::npos ? open : body.find("</title", open);
  if (close == std::string::npos) return {};
  return std::string(base::trim(std::string_view(body).substr(open + 1, close - open - 1)));
}

Outcome check_page(Session& session, const declare::RecipeCheck& check) {
  ingress::Visit visit;
  visit.address.host = check.host.empty() ? session.plan().domain : check.host;
  visit.address.path = check.path;
  const std::string what = "check " + check.name.text + ": " + visit.address.text();
  session.watcher().wait(what);
  const auto answer = session.ingress().visit(visit);
  if (!answer) return Outcome::red(what + ": no answer");
  const unsigned status = answer->status;
  if (check.status != 0 ? status != check.status : status >= 400) {
    return Outcome::red(what + ": expected status " +
                        (check.status != 0 ? std::to_string(check.status) : "below 400") +
                        ", found " + std::to_string(status));
  }
  if (!check.title.empty() && title_of(answer->body) != check.title) {
    return Outcome::red(what + ": expected the title '" + check.title + "', found '" +
                        title_of(answer->body) + "'");
  }
  if (!check.text.empty() && answer->body.find(check.text) == std::string::npos)
    return Outcome::red(what + ": expected the text '" + check.text + "', the page has it not");
  return {};
}

base::Json app_json(Session& session, const Deployable& app) {
  base::Json services = base::Json::array();
  for (const recipe::Service& service : app.app.composed.stack.services)
    services.push_back(service.name);
  base::Json secrets = base::Json::object();
  for (const auto& [key, value] : session.secrets_of(app)) secrets[key] = value;
  return {{"recipe", app.recipe},
          {"domain", app.domain},
          {"base_url", "https://" + app.domain},
          {"version", app.version},
          {"commit", app.commit},
          {"stack", app.app.composed.stack.name},
          {"services", std::move(services)},
          {"secrets", std::move(secrets)}};
}

base::Json fixtures_of(Session& session) {
  base::Json json = app_json(session, session.plan().head);
  base::Json dependencies = base::Json::object();
  for (const Plan& other : session.plan().dependencies)
    dependencies[other.recipe] = app_json(session, other.head);
  json["deps"] = std::move(dependencies);
  return json;
}

base::Result<void> give(const fs::path& path, uid_t user) {
  if (chown(path.c_str(), user, user) == 0) return {};
  return base::unexpected(base::at_path(base::fail("base.write").with_errno(errno), path));
}

// A directory that only the tests see: the recipe's files, the fixtures, a home.
base::Result<void> make_place(Session& session, const Checkout& checkout, const fs::path& place) {
  std::error_code error;
  CCCI_CHECK(base::remove_tree(place));
  CCCI_CHECK(base::make_directories(place / "home"));
  CCCI_CHECK(give(place / "home", nobody));
  fs::copy(checkout.head().path(), place / "recipe",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) {
    return base::unexpected(
        base::at_path(base::fail("base.write").with_errno(error.value()), place));
  }
  CCCI_CHECK(base::replace_file(place / "ccci_fixtures.py", pytest_plugin(), 0644));
  CCCI_CHECK(base::replace_file(place / "app.json", fixtures_of(session).dump(2) + "\n", 0400));
  return give(place / "app.json", nobody);
}

// The number in an attribute of the first test suite of a JUnit report.
std::optional<unsigned> count_in(const std::string& report, const std::string& name) {
  const std::size_t suite = report.find("<testsuite ");
  const std::size_t end = report.find('>', suite);
  const std::size_t at = report.find(" " + name + "=\"", suite);
  if (suite == std::string::npos || at == std::string::npos || at > end) return std::nullopt;
  const char* const digits = report.data() + at + name.size() + 3;
  unsigned count = 0;
  if (std::from_chars(digits, report.data() + report.size(), count).ec != std::errc{})
    return std::nullopt;
  return count;
}

// Status 0 alone shows nothing: a test may end the interpreter, and all may be skipped.
Outcome judge_report(const fs::path& place, const std::string& output) {
  const auto home = base::open_path(place / "home", O_RDONLY | O_DIRECTORY);
  const auto report = home ? base::read_within(home->get(), "junit.xml", largest_report)
                           : base::Result<std::string>(base::unexpected(home.error()));
  const auto tests = report ? count_in(*report, "tests") : std::nullopt;
  if (!tests) return Outcome::red("pytest ended before it wrote its report", output);
  const unsigned skipped = count_in(*report, "skipped").value_or(0);
  if (*tests == skipped)
    return Outcome::unverified("all tests of the recipe are skipped (" + std::to_string(skipped) +
                               ")");
  Outcome outcome;
  outcome.reason = base::counted(*tests - skipped, "test");
  if (skipped > 0) outcome.reason += ", " + std::to_string(skipped) + " skipped";
  return outcome;
}

// "tests/test_front.py::test_it - AssertionError: no title, and 2 more", from pytest's summary.
std::string failures_in(const std::string& output, int status) {
  std::string first;
  std::size_t all = 0;
  for (const std::string_view line : base::split(output, '\n')) {
    for (const std::string_view word : {"FAILED ", "ERROR "}) {
      if (!line.starts_with(word)) continue;
      if (all++ == 0) first = gist(line.substr(word.size()));
    }
  }
  if (all == 0) return "pytest ended with status " + std::to_string(status);
  return first + (all > 1 ? ", and " + std::to_string(all - 1) + " more" : "");
}

base::Result<Outcome> run_pytest(Session& session, const Checkout& checkout) {
  const fs::path place = session.engine().place() / "tests";
  CCCI_CHECK(make_place(session, checkout, place));
  const std::string at = tests_at;
  engine::CompanionCommand command;
  command.argv = {"/usr/bin/env",
                  "PYTHONPATH=" + at,
                  "HOME=" + at + "/home",
                  "TMPDIR=" + at + "/home",
                  "CC_CI_APP=" + at + "/app.json",
                  "PYTHONDONTWRITEBYTECODE=1",
                  "/usr/bin/python3",
                  "-m",
                  "pytest",
                  "-p",
                  "ccci_fixtures",
                  "-p",
                  "no:cacheprovider",
                  "--no-header",
                  "--color=no",
                  "-q",
                  "--junitxml=" + at + "/home/junit.xml",
                  "--rootdir=" + at + "/recipe"};
  for (const std::string& file : session.plan().test_files)
    command.argv.push_back(at + "/recipe/" + file);
  CCCI_TRY(command.covers, seclude(session.engine().place(), session.setup().state));
  command.covers.push_back({std::string(engine::inside_directory) + "/tests", at});
  command.directory = at + "/recipe";
  command.user = nobody;
  session.watcher().wait("pytest");
  CCCI_TRY(const Finished finished,
           finish(
               [&](engine::CompanionCommand wanted) {
                 return session.ingress().start_visitor(std::move(wanted));
               },
               std::move(command), std::chrono::minutes(20), session.stopping()));
  if (finished.stopped) return Outcome::unverified("stopped");
  if (finished.status == 0) return judge_report(place, finished.output);
  if (finished.status == 5)
    return Outcome::red("pytest found no test; their names begin with test_", finished.output);
  return Outcome::red(failures_in(finished.output, finished.status), finished.output);
}

}  // namespace

base::Result<Outcome> custom(Session& session, const Checkout& checkout) {
  for (const declare::RecipeCheck& check : session.plan().settings.checks) {
    if (Outcome outcome = check_page(session, check); !outcome.good()) return outcome;
  }
  if (session.plan().test_files.empty()) return Outcome{};
  if (!session.setup().has("/usr/bin/python3") ||
      !session.setup().has("/usr/lib/python3/dist-packages/pytest")) {
    return Outcome::unverified(
        "the recipe has tests for pytest: declare python = [\"pytest\"] and the tool python3");
  }
  return run_pytest(session, checkout);
}

}  // namespace ccci::run
