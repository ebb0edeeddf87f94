// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/dependencies.hpp"

#include <set>

#include "base/files.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

class Gathering {
 public:
  Gathering(const declare::Declaration& declaration, const fs::path& directory,
            const fs::path& work, base::ProcessRunner& processes, std::string distinction)
      : declaration_(declaration),
        directory_(directory),
        work_(work),
        processes_(processes),
        distinction_(std::move(distinction)) {}

  // The declaration has no circles. A recipe that two others need is taken once.
  base::Result<void> add(const std::vector<declare::Name>& names) {
    for (const declare::Name& name : names) {
      if (!seen_.insert(name.text).second) continue;
      CCCI_TRY(Source source, find_source(name.text, declaration_, directory_));
      source.distinction = distinction_;
      CCCI_CHECK(add(source.settings.dependencies));
      const fs::path place = work_ / ("dependency-" + std::to_string(plans_.size()));
      CCCI_CHECK(base::make_directories(place));
      auto plan = read(source, place);
      if (!plan) return base::unexpected(std::move(plan).error().with("dependency", name.text));
      plans_.push_back(*std::move(plan));
    }
    return {};
  }

  std::vector<Plan> plans() && { return std::move(plans_); }

 private:
  base::Result<Plan> read(const Source& source, const fs::path& place) {
    CCCI_TRY(const Checkout checkout, Checkout::make(source, {}, place, processes_));
    return make_plan(source, checkout, {});
  }

  const declare::Declaration& declaration_;
  const fs::path& directory_;
  const fs::path& work_;
  base::ProcessRunner& processes_;
  std::string distinction_;  // they are deployed where the recipe is
  std::set<std::string> seen_;
  std::vector<Plan> plans_;
};

}  // namespace

base::Result<void> plan_dependencies(Plan& plan, const declare::Declaration& declaration,
                                     const fs::path& directory, const fs::path& work,
                                     base::ProcessRunner& processes) {
  Gathering gathering(declaration, directory, work, processes, plan.distinction);
  CCCI_CHECK(gathering.add(plan.settings.dependencies));
  plan.dependencies = std::move(gathering).plans();
  return {};
}

}  // namespace ccci::run
