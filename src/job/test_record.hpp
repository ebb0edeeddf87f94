// SPDX-License-Identifier: GPL-3.0-or-later
// The files of one test's result.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "job/test.hpp"
#include "run/not_begun.hpp"

namespace ccci::job {

class TestRecord {
 public:
  // `name` is that of the run. The files go to `out`; if that is empty, to STATE/results/NAME.
  TestRecord(const std::filesystem::path& out, const std::filesystem::path& state,
             const std::string& name);

  // Made, without what another run left in it. [base.*]
  base::Result<std::filesystem::path> directory() const;
  // Writes the result of a test whose recipe has mistakes. Returns what not_begun() returns if the
  // error is the machine's.
  base::Result<Tested> unreadable(const run::Intent& intent, const base::Error& error) const;
  // Writes the result of a test that failed before it began. Returns the error.
  base::Result<Tested> not_begun(const run::Intent& intent, const base::Error& error) const;

 private:
  base::Result<void> write(run::Result& result, const std::string& log) const;

  std::filesystem::path out_;
};

}  // namespace ccci::job
