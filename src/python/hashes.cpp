// SPDX-License-Identifier: GPL-3.0-or-later
#include "python/hashes.hpp"

#include <algorithm>
#include <string_view>

#include "base/text.hpp"

namespace ccci::python {

namespace {

constexpr std::string_view option = "--hash";

// A requirement without its digests, and these.
struct Line {
  std::string requirement;
  std::vector<std::string> sha256;
  bool others = false;  // digests of other kinds: the report has none of them
};

Line read_line(std::string_view text) {
  Line line;
  std::size_t at = text.find(option);
  line.requirement = base::trim(text.substr(0, at));
  while (at != std::string_view::npos) {
    // "--hash=sha256:…" or "--hash sha256:…"
    std::string_view value = base::trim(text.substr(at + option.size()));
    if (value.starts_with('=')) value = base::trim(value.substr(1));
    value = value.substr(0, value.find_first_of(" \t"));
    constexpr std::string_view kind = "sha256:";
    if (value.starts_with(kind)) {
      std::string digest(value.substr(kind.size()));
      std::transform(digest.begin(), digest.end(), digest.begin(),
                     [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
      line.sha256.push_back(std::move(digest));
    } else {
      line.others = true;
    }
    at = text.find(option, at + option.size());
  }
  return line;
}

}  // namespace

std::vector<std::string> lines_for_pip(const std::vector<Wanted>& wanted) {
  const bool all = std::all_of(wanted.begin(), wanted.end(), [](const Wanted& one) {
    return one.line.find(option) != std::string::npos;
  });
  // Only pip can check these.
  const bool others = std::any_of(wanted.begin(), wanted.end(),
                                  [](const Wanted& one) { return read_line(one.line).others; });
  std::vector<std::string> lines;
  for (const Wanted& one : wanted)
    lines.push_back(all || others ? one.line : read_line(one.line).requirement);
  return lines;
}

base::Result<void> check_hashes(const std::vector<source::Package>& packages,
                                const std::vector<Wanted>& wanted) {
  for (const source::Package& package : packages) {
    const Wanted* first = nullptr;
    bool allowed = false;
    for (const Wanted& one : wanted) {
      if (one.package != package.name) continue;
      const Line line = read_line(one.line);
      if (line.sha256.empty() && !line.others) continue;
      if (first == nullptr) first = &one;
      // pip has looked at digests of other kinds.
      allowed =
          allowed || line.others ||
          std::find(line.sha256.begin(), line.sha256.end(), package.sha256) != line.sha256.end();
    }
    if (first == nullptr || allowed) continue;
    return base::unexpected(base::fail("python.hash", base::Condition::mismatch)
                                .with("name", package.name.substr(package.name.find(':') + 1))
                                .with("file", package.uri.substr(package.uri.rfind('/') + 1))
                                .with("found", package.sha256)
                                .at(first->at));
  }
  return {};
}

}  // namespace ccci::python
