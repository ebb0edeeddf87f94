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
            const fs::path& work, base::ProcessRunner& processes)
      : declaration_(declaration), directory_(directory), work_(work), processes_(processes) {}

  // The declaration has no circles. A recipe that two others need is taken once.
  base::Result<void> add(const std::vector<declare::Name>& names) {
    for (const declare::Name& name : names) {
      if (!seen_.insert(name.text).second) continue;
      CCCI_TRY(const Source source, find_source(name.text, declaration_, directory_));
      CCCI_CHECK(add(source.settings.dependencies));
      const fs::path place = work_ / ("dependency-" + std::to_string(plans_.size()));
      CCCI_CHECK(base::make_directories(place));
      CCCI_TRY(const Checkout checkout, Checkout::make(source, {}, place, processes_));
      CCCI_TRY(Plan plan, make_plan(source, checkout, {}));
      plans_.push_back(std::move(plan));
    }
    return {};
  }

  std::vector<Plan> plans() && { return std::move(plans_); }

 private:
  const declare::Declaration& declaration_;
  const fs::path& directory_;
  const fs::path& work_;
  base::ProcessRunner& processes_;
  std::set<std::string> seen_;
  std::vector<Plan> plans_;
};

}  // namespace

base::Result<void> plan_dependencies(Plan& plan, const declare::Declaration& declaration,
                                     const fs::path& directory, const fs::path& work,
                                     base::ProcessRunner& processes) {
  Gathering gathering(declaration, directory, work, processes);
  CCCI_CHECK(gathering.add(plan.settings.dependencies));
  plan.dependencies = std::move(gathering).plans();
  return {};
}

}  // namespace ccci::run
