// SPDX-License-Identifier: GPL-3.0-or-later
// The versions of a recipe: X.Y.Z+APP, the recipe's own semantic version and the version of the
// app. They are annotated git tags and the label coop-cloud.STACK.version.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "git/repository.hpp"

namespace ccci::recipe {

struct Version {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::string before;  // "rc.1" of 1.0.0-rc.1
  std::string app;     // "v3.4"
  std::string text;    // as written

  // Semantic: numbers by value, 1.0.0-rc.1 before 1.0.0; then the app's version, numbers in it by
  // value.
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return std::is_eq(*this <=> other); }
};

// Why a text is no version.
enum class NoVersion { not_semantic, no_app, leading_v, lightweight };
std::string_view reason(NoVersion why);

std::variant<Version, NoVersion> read_version(std::string_view text);

// A tag that is a version, and one that is not.
struct Release {
  Version version;
  std::string tag;
  std::string commit;

  bool operator==(const Release&) const = default;
};
struct UnusableTag {
  std::string tag;
  NoVersion why = NoVersion::not_semantic;

  bool operator==(const UnusableTag&) const = default;
};
struct Releases {
  std::vector<Release> usable;  // newest first
  std::vector<UnusableTag> unusable;
};

// Only annotated tags are releases.
Releases releases(const std::vector<git::Tag>& tags);

// The releases from which an upgrade to `commit` can begin, the best first: newest version first,
// those that are ancestors of the commit (`merged`), never one of the commit itself, and none that
// is newer than the version that the commit is tagged as.
std::vector<Release> upgrade_bases(const Releases& all, const std::vector<git::Tag>& merged,
                                   const std::string& commit);

}  // namespace ccci::recipe
