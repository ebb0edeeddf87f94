// SPDX-License-Identifier: GPL-3.0-or-later
// The files of one test's result.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"
#include "job/test.hpp"
#include "run/not_begun.hpp"

namespace ccci::job {

class TestRecord {
 public:
  // Makes the directory of the files, `out` or STATE/results/NAME, without what another run left in
  // it, and keeps it from other runs as long as this object lives. `name` is that of the run.
  // [run.out-in-use], [base.*]
  static base::Result<TestRecord> make(const std::filesystem::path& out,
                                       const std::filesystem::path& state, const std::string& name);

  // For people.
  const std::filesystem::path& directory() const { return directory_; }
  // For files. The directory may be in one of a user, who may put another thing in its place.
  std::filesystem::path place() const;
  // Writes the result of a test whose recipe has mistakes. Returns what not_begun() returns if the
  // error is the machine's.
  base::Result<Tested> unreadable(const run::Intent& intent, const base::Error& error) const;
  // Writes the result of a test that failed before it began. Returns the error.
  base::Result<Tested> not_begun(const run::Intent& intent, const base::Error& error) const;

 private:
  TestRecord() = default;
  base::Result<void> write(run::Result& result, const std::string& log) const;

  std::filesystem::path directory_;
  base::Fd lock_;
};

}  // namespace ccci::job
