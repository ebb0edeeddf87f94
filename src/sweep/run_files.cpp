// SPDX-License-Identifier: GPL-3.0-or-later
#include "sweep/run_files.hpp"

#include "base/date.hpp"
#include "base/files.hpp"

namespace ccci::sweep {

namespace {

namespace fs = std::filesystem;

std::uint64_t bytes_below(const fs::path& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    std::error_code gone;
    if (entry.is_symlink(gone) || !entry.is_regular_file(gone)) continue;
    const std::uint64_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

// Removes the files of one run, and those of the night with the last one of it.
base::Result<void> remove_run(std::string place) {
  CCCI_CHECK(base::remove_tree(place));
  // The files of the first of two runs are beside those of the second.
  if (place.ends_with(second_run)) {
    place.resize(place.size() - second_run.size());
    CCCI_CHECK(base::remove_tree(place));
  }
  const fs::path runs = fs::path(place).parent_path();
  if (runs.filename() != "runs") return {};  // an earlier cc-ci had no such directory
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(runs, error))
    if (entry.is_directory(error)) return {};
  return base::remove_tree(runs.parent_path());
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto relative = path.lexically_normal().lexically_relative(directory.lexically_normal());
  return !relative.empty() && *relative.begin() != "..";
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
    sizes.push_back(bytes_below(record.place));
    all += sizes.back();
  }
  std::uint64_t freed = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const history::Record& record = records[i];
    const auto when = base::from_rfc3339(record.started);
    const bool old = when && now - *when > keep;
    if (!old && all <= keep_size) continue;
    // The database may be shared and its text wrong: only what a sweep of this state made goes.
    if (!is_below(record.place, below)) continue;
    CCCI_CHECK(remove_run(record.place));
    CCCI_CHECK(history.forget_files(record));
    all -= sizes[i];
    freed += sizes[i];
  }
  return freed;
}

}  // namespace ccci::sweep
