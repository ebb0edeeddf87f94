// SPDX-License-Identifier: GPL-3.0-or-later
#include "results/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/directory.hpp"
#include "base/files.hpp"
#include "base/full_disk.hpp"
#include "base/text.hpp"

namespace ccci::results {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 64U << 20U;

base::Result<void> write_one(const fs::path& path, const std::string& text, const run::Mask& mask) {
  return base::replace_file(path, mask.masked(text));
}

base::Result<void> write_result(const run::Result& result, const fs::path& directory,
                                const run::Mask& mask) {
  CCCI_CHECK(write_one(directory / "junit.xml", to_junit(result), mask));
  CCCI_CHECK(write_one(directory / "summary.html", to_html(result), mask));
  CCCI_CHECK(write_one(directory / "badge.svg", to_badge(result), mask));
  // The last one: a program that waits for it finds the others.
  return write_one(directory / "results.json", base::printable_json(to_json(result).dump(2)) + "\n",
                   mask);
}

}  // namespace

namespace {

base::Result<bool> leaks_in(int directory, const run::Mask& mask, int depth) {
  constexpr int deepest = 32;  // cc-ci makes two levels
  CCCI_TRY(const std::vector<std::string> names, base::names_in(directory));
  for (const std::string& name : names) {
    struct stat found {};
    if (fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return base::unexpected(
          base::at_path(base::fail("base.open").with_errno(errno), directory, name));
    }
    bool leak = false;
    if (S_ISDIR(found.st_mode) && depth < deepest) {
      CCCI_TRY(const base::Fd below,
               base::open_in_root(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      CCCI_TRY(leak, leaks_in(below.get(), mask, depth + 1));
    } else if (S_ISREG(found.st_mode) && fs::path(name).extension() != ".png") {
      const auto text = base::read_within(directory, name, largest_file);
      // What went meanwhile, or became something else, is nothing that cc-ci wrote.
      const bool none = !text && (text.error().is(base::Condition::too_large) ||
                                  text.error().is(base::Condition::not_a_file) ||
                                  text.error().is(std::errc::no_such_file_or_directory));
      if (!text && !none) return base::unexpected(text.error());
      leak = text && mask.finds(*text);
    }
    if (leak) return true;
  }
  return false;
}

}  // namespace

base::Result<bool> leaks(const fs::path& directory, const run::Mask& mask) {
  if (mask.empty()) return false;
  CCCI_TRY(const base::Fd opened, base::open_path(directory, O_RDONLY | O_DIRECTORY));
  return leaks_in(opened.get(), mask, 0);
}

// The directory may be a user's, who may put links in its place or into it.
base::Result<void> write_files(run::Result& result, const fs::path& directory,
                               const run::Mask& mask) {
  CCCI_TRY(const base::Fd opened, base::open_path(directory, O_RDONLY | O_DIRECTORY));
  const fs::path here = base::through(opened.get());
  if (!result.logs.empty()) {
    CCCI_TRY(const base::Fd logs, base::make_directories_within(opened.get(), "logs"));
    for (const auto& [service, text] : result.logs) {
      CCCI_CHECK(base::replace_file(logs.get(), service + ".txt",
                                    mask.masked(base::printable_lines(text))));
    }
  }
  CCCI_CHECK(write_result(result, here, mask));
  CCCI_TRY(const bool leak, leaks(here, mask));
  if (!leak) return {};
  result.no_secret_leak = false;
  return write_result(result, here, mask);
}

// Masks are not known any more, and not needed: what is read was masked.
base::Result<void> fail_promotion(const fs::path& directory, const std::string& problem) {
  const auto text = base::read_file(directory / "results.json", largest_file);
  const auto json = text ? base::Json::parse(*text) : tl::make_unexpected(base::Json::Fault{});
  std::optional<run::Result> result = json ? read_result(*json) : std::nullopt;
  if (!result) return {};
  result->promotion = problem;
  return write_result(*result, directory, {});
}

}  // namespace ccci::results
