// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/program_place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <set>

#include "activate/durable.hpp"
#include "base/directory.hpp"
#include "base/files.hpp"
#include "deploy/manifest.hpp"
#include "deploy/program.hpp"

namespace ccci::deploy {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view link_name = "program";
constexpr std::string_view command_link = "/usr/local/bin/cc-ci";
constexpr std::chrono::hours young{24};

std::string text_of_link(const fs::path& path) {
  std::error_code error;
  return fs::read_symlink(path, error).native();
}

fs::path home_link(const activate::Layout& layout) { return layout.home() / link_name; }

// The text of the link in /usr/local/bin.
std::string command_target() {
  return std::string(activate::home_directory) + "/" + std::string(link_name) + "/bin/cc-ci";
}

base::Result<void> remove_link(const fs::path& path) {
  if (unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return base::unexpected(
        base::fail("base.remove").with("path", path.native()).with_errno(errno));
  }
  return activate::sync_directory(path.parent_path(), base::real_disk());
}

base::Result<void> replace_link(const fs::path& path, const std::string& target) {
  if (text_of_link(path) == target) return {};
  const fs::path fresh = path.native() + ".new";
  unlink(fresh.c_str());
  const bool made =
      symlink(target.c_str(), fresh.c_str()) == 0 && rename(fresh.c_str(), path.c_str()) == 0;
  if (!made) {
    return base::unexpected(base::fail("base.write").with("path", path.native()).with_errno(errno));
  }
  return activate::sync_directory(path.parent_path(), base::real_disk());
}

base::Result<void> remove_links(const activate::Layout& layout) {
  const fs::path command = layout.at(command_link);
  if (text_of_link(command) == command_target()) CCCI_CHECK(remove_link(command));
  if (text_of_link(home_link(layout)).empty()) return {};
  return remove_link(home_link(layout));
}

// The directories of programs that some process runs.
base::Result<std::set<fs::path>> running_places() {
  std::set<fs::path> places;
  CCCI_TRY(const auto processes, base::entries_of("/proc"));
  for (const fs::directory_entry& entry : processes) {
    const fs::path program = text_of_link(entry.path() / "exe");
    if (!program.empty()) places.insert(program.parent_path().parent_path());
  }
  return places;
}

base::Result<void> prune(const fs::path& programs, const fs::path& own) {
  CCCI_TRY(const std::set<fs::path> running, running_places());
  const std::time_t now = std::time(nullptr);
  CCCI_TRY(const auto entries, base::entries_of(programs));
  for (const fs::directory_entry& entry : entries) {
    const fs::path& place = entry.path();
    struct stat status {};
    const bool known = is_project_hash(place.filename().native()) &&
                       lstat(place.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (!known || place == own || running.contains(place)) continue;
    if (now - status.st_mtime < std::chrono::seconds(young).count()) continue;
    CCCI_CHECK(base::remove_tree(place));
  }
  return {};
}

}  // namespace

fs::path running_program() { return text_of_link("/proc/self/exe"); }

base::Result<void> adopt_program(const activate::Layout& layout, const fs::path& state,
                                 const fs::path& program) {
  const fs::path programs = state / programs_directory;
  const fs::path place = program.parent_path().parent_path();
  if (place.parent_path() != programs) return remove_links(layout);
  CCCI_CHECK(activate::make_durable_directories(layout.home(), base::real_disk()));
  CCCI_CHECK(replace_link(home_link(layout), place.native()));
  const fs::path command = layout.at(command_link);
  std::error_code error;
  if (!fs::exists(fs::symlink_status(command, error))) {
    CCCI_CHECK(activate::make_durable_directories(command.parent_path(), base::real_disk()));
    CCCI_CHECK(replace_link(command, command_target()));
  }
  return prune(programs, place);
}

std::vector<fs::path> brought_programs(const activate::Layout& layout, const fs::path& state) {
  std::vector<fs::path> paths;
  std::error_code error;
  const fs::path command = layout.at(command_link);
  if (text_of_link(command) == command_target()) paths.push_back(command);
  const fs::path programs = state / programs_directory;
  if (fs::exists(fs::symlink_status(programs, error))) paths.push_back(programs);
  return paths;
}

base::Result<void> forget_programs(const activate::Layout& layout, const fs::path& state) {
  CCCI_CHECK(remove_links(layout));
  return base::remove_tree(state / programs_directory);
}

}  // namespace ccci::deploy
