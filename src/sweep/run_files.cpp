// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/run_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include <algorithm>

#include "base/date.hpp"
#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/text.hpp"
#include "declare/forms.hpp"
#include "sweep/night.hpp"
#include "sweep/outcome.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

constexpr int in_place = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// What cannot be read counts nothing: it may be going.
std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code gone;
    if (entry->is_symlink(gone) || !entry->is_regular_file(gone)) continue;
    const std::uint64_t size = entry->file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

// No descriptor: there is no such directory.
base::Result<base::Fd> open_there(int parent, const std::string& name) {
  base::Fd directory(openat(parent, name.c_str(), in_place));
  if (directory || errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return directory;
  return base::unexpected(base::at_path(base::fail("base.open").with_errno(errno), parent, name));
}

// Removes the files of one recipe's runs in a night, and those of the night with the last of them.
base::Result<void> remove_runs(const fs::path& below, const history::Record& record) {
  CCCI_TRY(const base::Fd all, base::open_path(below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const base::Fd night, open_there(all.get(), record.night));
  if (!night) return {};
  CCCI_TRY(const base::Fd runs, open_there(night.get(), "runs"));
  if (!runs) return {};
  CCCI_CHECK(base::remove_tree(runs.get(), record.recipe));
  CCCI_CHECK(base::remove_tree(runs.get(), record.recipe + std::string(second_run)));
  // An unreadable directory must not count as one without runs: they would all go.
  CCCI_TRY(const std::vector<std::string> left, base::names_in(runs.get()));
  for (const std::string& name : left) {
    struct stat found {};
    if (fstatat(runs.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0 ||
        S_ISDIR(found.st_mode))
      return {};
  }
  return base::remove_tree(all.get(), record.night);
}

// Of both runs of a recipe that was red first.
std::uint64_t bytes_of_runs(const fs::path& below, const history::Record& record) {
  const fs::path first = runs_of(below, record.night) / record.recipe;
  return bytes_below(first) + bytes_below(first.native() + std::string(second_run));
}

// Nights whose recipes were all skipped have a report and no verdict with files.
base::Result<void> remove_nights_without_runs(const history::History& history,
                                              const fs::path& below, std::chrono::seconds keep,
                                              base::WallTime now) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(below, error)) {
    const std::string name = entry.path().filename().native();
    if (entry.is_symlink(error) || !entry.is_directory(error) || !check_night(name)) continue;
    bool has_runs = false;
    for (const auto& run : fs::directory_iterator(runs_of(below, name), error))
      has_runs = has_runs || run.is_directory(error);
    if (!has_runs) names.push_back(name);
  }
  if (names.empty()) return {};
  CCCI_TRY(const base::Fd all, base::open_path(below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  for (const std::string& name : names) {
    CCCI_TRY(const auto night, history.night(name));
    if (!night || night->ended.empty()) continue;
    const auto ended = base::from_rfc3339(night->ended);
    if (ended && now - *ended > std::max<std::chrono::seconds>(keep, std::chrono::days(1)))
      CCCI_CHECK(base::remove_tree(all.get(), name));
  }
  return {};
}

// The database may be shared, and its text wrong.
bool is_of_a_sweep(const fs::path& below, const history::Record& record) {
  if (!check_night(record.night) ||
      !declare::objection(declare::forms::recipe, record.recipe).empty())
    return false;
  const fs::path first = runs_of(below, record.night) / record.recipe;
  return record.place == first || record.place == first.native() + std::string(second_run);
}

// A run that failed before it began to test has only said something.
fs::path log_in(const fs::path& run) {
  for (const char* name : {"log.txt", "output.txt"}) {
    std::error_code error;
    if (fs::is_regular_file(fs::symlink_status(run / name, error))) return run / name;
  }
  return {};
}

}  // namespace

fs::path runs_of(const fs::path& directory, const std::string& night) {
  return directory / night / "runs";
}

base::Result<std::uint64_t> prune(history::History& history, const std::string& machine,
                                  const fs::path& below, std::chrono::seconds keep,
                                  std::uint64_t keep_size, base::WallTime now) {
  CCCI_TRY(const std::vector<history::Record> records, history.with_files(machine));
  std::vector<std::uint64_t> sizes;
  std::uint64_t all = 0;
  for (const history::Record& record : records) {
    sizes.push_back(is_of_a_sweep(below, record) ? bytes_of_runs(below, record) : 0);
    all += sizes.back();
  }
  std::uint64_t freed = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const history::Record& record = records[i];
    const auto when = base::from_rfc3339(record.started);
    const bool old = when && now - *when > keep;
    if (!old && all <= keep_size) continue;
    if (!is_of_a_sweep(below, record)) continue;
    CCCI_CHECK(remove_runs(below, record));
    CCCI_CHECK(history.forget_files(record));
    all -= sizes[i];
    freed += sizes[i];
  }
  CCCI_CHECK(remove_nights_without_runs(history, below, keep, now));
  return freed;
}

std::string last_words(const fs::path& below, const std::string& machine,
                       const history::Record& record) {
  if (record.machine != machine || !is_of_a_sweep(below, record)) return {};
  const bool flaky = record.verdict == history::Verdict::flaky;
  const base::Json results =
      read_results(flaky ? runs_of(below, record.night) / record.recipe : fs::path(record.place));
  // Whatever the mask has missed may be in them, and these words go to other places.
  if (results["flags"]["no_secret_leak"].boolean() == false) return {};
  std::string words;
  for (const base::Json& rung : results["rungs"].elements()) {
    const std::string verdict = rung["verdict"].text_or_empty();
    const std::string own = base::printable_lines(rung["last_words"].text_or_empty());
    if (verdict == "fail") return own;
    if (verdict == "unverified" && words.empty()) words = own;  // a dependency failed
  }
  return words;
}

Evidence evidence_of(const fs::path& below, const std::string& machine,
                     const history::Record& record) {
  Evidence evidence;
  const bool green = record.verdict == history::Verdict::pass;
  if (green || record.machine != machine || !is_of_a_sweep(below, record)) return evidence;
  evidence.last_words = last_words(below, machine, record);
  evidence.log = log_in(record.place);
  const fs::path first = runs_of(below, record.night) / record.recipe;
  if (record.place != first) evidence.first_log = log_in(first);
  return evidence;
}

}  // namespace ccci::sweep
