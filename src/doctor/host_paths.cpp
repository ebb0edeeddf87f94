// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/host_paths.hpp"

#include <fcntl.h>
#include <glob.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "enter/entrypoint.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

// What systemd has made of fstab is in the generator's directory.
constexpr std::array unit_search_path{"etc/systemd/system",           "run/systemd/system",
                                      "run/systemd/generator",        "run/systemd/transient",
                                      "usr/local/lib/systemd/system", "usr/lib/systemd/system"};

}  // namespace

bool is_there(const std::string& root, const std::string& path) {
  // A link of the environment to the host's file or directory counts.
  for (fs::path above = path; above.has_relative_path(); above = above.parent_path()) {
    std::error_code error;
    const fs::path target = fs::read_symlink(root + above.native(), error);
    if (!error && target.native().starts_with(enter::host_etc)) return true;
  }
  const auto directory = base::open_path(root, O_RDONLY | O_DIRECTORY);
  return directory && base::open_in_root(directory->get(), path.substr(1), O_PATH | O_NOFOLLOW);
}

void add_matches(const fs::path& host, const std::string& pattern,
                 std::vector<std::string>& paths) {
  constexpr std::size_t most = 256;
  glob_t matches = {};
  if (glob(on(host, pattern).c_str(), 0, nullptr, &matches) == 0) {
    for (std::size_t i = 0; i < std::min(matches.gl_pathc, most); ++i)
      paths.push_back("/" + fs::path(matches.gl_pathv[i]).lexically_relative(host).native());
  }
  globfree(&matches);
}

fs::path unit_file(const fs::path& host, const std::string& name) {
  for (const char* place : unit_search_path) {
    std::error_code error;
    fs::path file = host / place / name;
    if (fs::exists(file, error)) return file;
  }
  return {};
}

}  // namespace ccci::doctor
