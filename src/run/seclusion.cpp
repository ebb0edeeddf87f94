// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/seclusion.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "engine/keeper.hpp"

namespace ccci::run {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> writable{"/tmp", "/var/tmp", "/dev/shm"};
// The environment brings its own of these, the keeper makes an own /run, and the store is usually
// below /var.
constexpr std::array<std::string_view, 13> needed{"bin",   "dev",    "etc",  "lib", "lib32",
                                                  "lib64", "libx32", "proc", "run", "sbin",
                                                  "sys",   "usr",    "var"};

bool holds(const fs::path& directory, const fs::path& path) {
  return path.native() == directory.native() || path.native().starts_with(directory.native() + "/");
}

// A directory that is not seen here would be seen by the program.
base::Result<std::vector<fs::path>> others() {
  std::vector<fs::path> found;
  CCCI_TRY(const auto entries, base::entries_of("/"));
  std::error_code error;
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().native();
    if (name == "tmp" || std::find(needed.begin(), needed.end(), name) != needed.end()) continue;
    if (entry.is_directory(error) && !entry.is_symlink(error)) found.push_back(entry.path());
  }
  return found;
}

}  // namespace

base::Result<std::vector<engine::Cover>> seclude(const fs::path& place, const fs::path& state) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(state, error);
  const std::string inside = std::string(engine::inside_directory) + "/seclusion/";
  std::vector<engine::Cover> covers;
  int number = 0;
  for (const std::string_view directory : writable) {
    const fs::file_status status = fs::status(directory, error);
    if (!fs::status_known(status))
      return base::unexpected(
          base::fail("base.open").with("path", directory).with_errno(error.value()));
    if (!fs::is_directory(status) || holds(directory, real)) continue;
    const std::string name = "writable-" + std::to_string(number++);
    const fs::path made = place / "seclusion" / name;
    CCCI_CHECK(base::make_directories(made));
    static_cast<void>(chmod(made.c_str(), 01777));
    covers.push_back({inside + name, std::string(directory)});
  }
  CCCI_CHECK(base::make_directories(place / "seclusion/empty"));
  CCCI_TRY(const std::vector<fs::path> hidden, others());
  for (const fs::path& directory : hidden)
    if (!holds(directory, real)) covers.push_back({inside + "empty", directory.native()});
  return covers;
}

}  // namespace ccci::run
