// SPDX-License-Identifier: GPL-3.0-or-later
// The directory of one run: copies of the recipe's files. It goes with the run; one that a killed
// run left is removed by the next start.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::run {

class Work {
 public:
  // A new directory in `runs`; its name begins with `prefix`. Removes what ended runs left there.
  // git reads its settings from such a directory, so nobody else may be able to change it.
  // [run.others], [base.*]
  static base::Result<Work> make(const std::filesystem::path& runs, const std::string& prefix);
  // A new directory of its own below TMPDIR or /tmp, for what only looks. [run.others], [base.*]
  static base::Result<Work> temporary(const std::string& prefix);
  ~Work();
  Work(Work&&) noexcept = default;
  Work& operator=(Work&&) = delete;

  // Unique on this host; also a name for an engine.
  const std::string& name() const { return name_; }
  const std::filesystem::path& directory() const { return directory_; }
  // What its name has that no other has, for names that have to be short.
  std::string distinction() const { return name_.substr(name_.rfind('-') + 1); }

 private:
  Work() = default;
  static base::Result<Work> make_in(base::Fd parent, const std::filesystem::path& path,
                                    const std::string& prefix);

  std::string name_;
  std::filesystem::path directory_;
  base::Fd parent_;
  base::Fd lock_;  // on the directory; the kernel releases it when the run ends, however it ends
};

}  // namespace ccci::run
