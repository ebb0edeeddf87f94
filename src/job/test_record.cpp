// SPDX-License-Identifier: GPL-3.0-or-later
#include "job/test_record.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "report/error_text.hpp"
#include "results/files.hpp"
#include "wording/message.hpp"

namespace ccci::job {

namespace {

namespace fs = std::filesystem;

constexpr int usage_status = 2;

}  // namespace

base::Result<TestRecord> TestRecord::make(const fs::path& out, const fs::path& state,
                                          const std::string& name) {
  TestRecord record;
  record.directory_ = out.empty() ? state / "results" / name : fs::absolute(out);
  const fs::path& directory = record.directory_;
  CCCI_CHECK(base::make_directories(directory));
  CCCI_TRY(record.lock_, base::open_path(directory, O_RDONLY | O_DIRECTORY));
  // A file system that has no such locks must not stop a test.
  if (flock(record.lock_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return base::unexpected(
        base::fail("run.out-in-use", base::Condition::busy).with("path", directory.native()));
  }
  // A picture of an earlier run would be taken for this one's.
  for (const char* old : {"screenshot.png", "logs", "log.txt", "results.json"})
    CCCI_CHECK(base::remove_tree(record.lock_.get(), old));
  return record;
}

fs::path TestRecord::place() const { return base::through(lock_.get()); }

base::Result<void> TestRecord::write(run::Result& result, const std::string& log) const {
  CCCI_CHECK(base::replace_file(lock_.get(), "log.txt", log));
  return results::write_files(result, place(), {});
}

base::Result<Tested> TestRecord::unreadable(const run::Intent& intent,
                                            const base::Error& error) const {
  // What the machine did wrong says nothing of the recipe.
  if (report::exit_status(error) != usage_status) return not_begun(intent, error);
  const std::string words = report::render(error, {});
  const std::vector<std::string> missing = run::missing_values(error);
  run::Result result = missing.empty()
                           ? run::unreadable_recipe(intent, wording::placed_line(error), words)
                           : run::values_missing(intent, missing);
  CCCI_CHECK(write(result, words));
  return Tested{.result = std::move(result), .out = directory_};
}

base::Result<Tested> TestRecord::not_begun(const run::Intent& intent,
                                           const base::Error& error) const {
  run::Result result = run::not_begun(intent, error);
  result.problem = wording::placed_line(error);
  // The error that is told is the first one.
  static_cast<void>(write(result, report::render(error, {})));
  return base::unexpected(error);
}

}  // namespace ccci::job
