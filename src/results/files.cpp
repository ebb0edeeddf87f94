// SPDX-License-Identifier: GPL-3.0-or-later
#include "results/files.hpp"

#include "base/files.hpp"
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

bool leaks(const fs::path& directory, const run::Mask& mask) {
  if (mask.empty()) return false;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (!entry.is_regular_file(error) || entry.path().extension() == ".png") continue;
    const auto text = base::read_file(entry.path(), largest_file);
    if (text && mask.finds(*text)) return true;
  }
  return false;
}

base::Result<void> write_files(run::Result& result, const fs::path& directory,
                               const run::Mask& mask) {
  if (!result.logs.empty()) CCCI_CHECK(base::make_directories(directory / "logs"));
  for (const auto& [service, text] : result.logs) {
    CCCI_CHECK(
        write_one(directory / "logs" / (service + ".txt"), base::printable_lines(text), mask));
  }
  CCCI_CHECK(write_result(result, directory, mask));
  if (!leaks(directory, mask)) return {};
  result.no_secret_leak = false;
  return write_result(result, directory, mask);
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
