// SPDX-License-Identifier: GPL-3.0-or-later
// Shows a sweep while it runs, and its result.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/progress.hpp"
#include "command/invocation.hpp"
#include "sweep/plan.hpp"
#include "sweep/sweep.hpp"

namespace ccci::view {

using command::Invocation;

class SweepView final : public sweep::Watcher {
 public:
  // `quiet`: verdicts are shown at the end only.
  SweepView(base::Progress& progress, const sweep::Plan& plan, bool quiet);

  void begin(const std::string& recipe, bool again) override;
  void wait(const std::string& recipe, const std::string& why) override;
  void end(const history::Record& record) override;
  void note(const std::string& text) override;
  void finish();

 private:
  base::Progress* progress_;
  bool quiet_;
  std::set<std::string> running_;
};

// "the sweep of 2026-11-28 goes on: 2 of 3 recipes have their verdict"; empty: it begins.
std::string continued_text(const sweep::Plan& plan);
void print_decisions(Invocation& invocation, const sweep::Plan& plan);
void print_sweep(Invocation& invocation, const sweep::Plan& plan, const sweep::Swept& swept,
                 const std::filesystem::path& directory);

}  // namespace ccci::view
