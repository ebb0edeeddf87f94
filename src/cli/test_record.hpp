// SPDX-License-Identifier: GPL-3.0-or-later
// The files and the text of one test's result.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "cli/invocation.hpp"
#include "run/mask.hpp"
#include "run/not_begun.hpp"
#include "run/verdict.hpp"

namespace ccci::cli {

// Prints the result, or JSON. `engines` is where a kept engine is.
void show_result(Invocation& invocation, const run::Result& result,
                 const std::filesystem::path& out, const std::filesystem::path& engines,
                 const run::Mask& mask);

class TestRecord {
 public:
  // `name` is that of the run.
  TestRecord(Invocation& invocation, std::string name)
      : invocation_(invocation), name_(std::move(name)) {}

  const std::string& name() const { return name_; }
  // Where the files go: --out, or STATE/results/NAME. Made, without what another run left in it.
  // [base.*]
  base::Result<std::filesystem::path> directory() const;
  // Writes the result of a test whose recipe has mistakes. Returns the exit status.
  base::Result<int> unreadable(const run::Intent& intent, const base::Error& error) const;
  // Writes the result of a test that failed before it began. Returns the error.
  base::Result<int> not_begun(const run::Intent& intent, const base::Error& error) const;

 private:
  base::Result<std::filesystem::path> write(run::Result& result, const std::string& log) const;

  Invocation& invocation_;
  std::string name_;
};

}  // namespace ccci::cli
