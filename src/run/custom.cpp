// SPDX-License-Identifier: GPL-3.0-or-later
// The tier custom: checks that the declaration names, and the recipe's own tests under pytest.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "engine/keeper.hpp"
#include "run/fixtures.hpp"
#include "run/tiers.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

// Tests are code of the recipe's author. They run as nobody, and of the engine's directory they see
// only this one, at this path.
constexpr uid_t nobody = 65534;
constexpr const char* tests_at = "/run/cc-ci-tests";

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

base::Json fixtures_of(const Session& session) {
  const Plan& plan = session.plan();
  base::Json services = base::Json::array();
  for (const recipe::Service& service : plan.head.app.composed.stack.services)
    services.push_back(service.name);
  base::Json secrets = base::Json::object();
  for (const auto& [key, value] : session.secrets().values) secrets[key] = value;
  return {{"recipe", plan.recipe},
          {"domain", plan.domain},
          {"base_url", "https://" + plan.domain},
          {"version", plan.head.version},
          {"commit", plan.head.commit},
          {"stack", plan.head.app.composed.stack.name},
          {"services", std::move(services)},
          {"secrets", std::move(secrets)}};
}

base::Result<void> give(const fs::path& path, uid_t user) {
  if (chown(path.c_str(), user, user) == 0) return {};
  return base::unexpected(base::fail("base.write").with("path", path.native()).with_errno(errno));
}

// A directory that only the tests see: the recipe's files, the fixtures, a home.
base::Result<void> make_place(Session& session, const Checkout& checkout, const fs::path& place) {
  std::error_code error;
  fs::remove_all(place, error);
  CCCI_CHECK(base::make_directories(place / "home"));
  CCCI_CHECK(give(place / "home", nobody));
  fs::copy(checkout.head().path(), place / "recipe",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error) {
    return base::unexpected(
        base::fail("base.write").with("path", place.native()).with_errno(error.value()));
  }
  CCCI_CHECK(base::replace_file(place / "ccci_fixtures.py", pytest_plugin(), 0644));
  CCCI_CHECK(base::replace_file(place / "app.json", fixtures_of(session).dump(2) + "\n", 0400));
  return give(place / "app.json", nobody);
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
  command.covers = {{std::string(engine::inside_directory) + "/tests", at}};
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
  if (finished.status == 0) return Outcome{};
  if (finished.status == 5) return Outcome::red("pytest found no test", finished.output);
  return Outcome::red("pytest ended with status " + std::to_string(finished.status),
                      finished.output);
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
