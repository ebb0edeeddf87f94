// SPDX-License-Identifier: GPL-3.0-or-later
// The log of a run of a recipe, and its progress.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"
#include "run/mask.hpp"
#include "run/watcher.hpp"

namespace ccci::job {

class RunLog final : public run::Watcher {
 public:
  // Makes the file, which must not exist: somebody else may have put a FIFO or a file of their own
  // there. `mask` may get more secrets later. [base.open]
  static base::Result<RunLog> open(const std::filesystem::path& log, base::Progress& progress,
                                   const run::Mask& mask);

  void begin(std::string_view tier) override;
  void wait(std::string_view what) override;
  void end(const run::Rung& rung) override;
  void note(std::string_view text) override;
  void log(std::string_view text) override;

 private:
  RunLog(base::Fd log, base::Progress& progress, const run::Mask& mask)
      : log_(std::move(log)), progress_(&progress), mask_(&mask) {}
  void line(const std::string& text);
  void show(const std::string& text);

  base::Fd log_;
  base::Progress* progress_;
  const run::Mask* mask_;
  std::string tier_;  // that runs; may be empty
  std::string waits_for_;
};

// "install     pass        8.3 s  reason"
std::string rung_line(const run::Rung& rung);

}  // namespace ccci::job
