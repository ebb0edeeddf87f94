// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/sweep_bisect.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "cli/activation.hpp"
#include "cli/open_store.hpp"
#include "project/build.hpp"
#include "project/resolve.hpp"
#include "run/work.hpp"
#include "sweep/search.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

namespace {

namespace fs = std::filesystem;

constexpr int stopped = 143;
constexpr int not_found = 4;

// Builds the environment of another state of the declaration.
base::Result<std::string> digest_of(Invocation& invocation, const fs::path& file) {
  CCCI_TRY(const project::Project project, project::open(file));
  CCCI_TRY(const lock::Lock lock, project::lock_for_build(project, invocation.context(), false));
  CCCI_TRY(store::Store store, open_store(invocation));
  CCCI_TRY(const host::Build built, project::build(project, invocation.context(), store, lock, {}));
  return built.environment.digest;
}

}  // namespace

base::Result<int> bisect_recipe(Invocation& invocation, const BisectRequest& request,
                                const history::History& history) {
  const fs::path state = request.setup.directory.parent_path();
  CCCI_TRY(const run::Work work, run::Work::make(state / "runs", "bisect"));
  declare::Declaration asked = request.project.declaration;
  asked.recipes = request.enrolment.recipes;
  CCCI_TRY(run::Source source,
           run::find_source(request.recipe, asked, request.project.directory()));
  const Interruption interruption;
  const sweep::Search search{
      .setup = request.setup,
      .recipe = request.recipe,
      .source = std::move(source),
      .file = fs::absolute(request.project.file),
      .environment = request.environment,
      .files = state / "bisect" / request.recipe,
      .work = work.directory(),
      .digest_of = [&](const fs::path& file) { return digest_of(invocation, file); }};
  const auto found = sweep::search(search, history, sweep::this_machine(), invocation.progress());
  invocation.end_progress();
  if (!found) {
    if (!found.error().is(base::Condition::interrupted)) return base::unexpected(found.error());
    invocation.warn(wording::one_line(found.error()));
    return stopped;
  }
  if (found->no_revisions) invocation.warn(wording::one_line(*found->no_revisions));
  if (invocation.json()) {
    invocation.print(sweep::to_json(found->suspects, found->bisected));
  } else {
    for (const std::string& line : sweep::explain(found->suspects, found->bisected))
      invocation.out().line(base::printable(line));
  }
  const sweep::Culprit culprit = found->bisected.culprit;
  const bool known = culprit == sweep::Culprit::recipe || culprit == sweep::Culprit::environment ||
                     culprit == sweep::Culprit::both;
  return known ? 0 : not_found;
}

}  // namespace ccci::cli
