// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/version.hpp"

#include <algorithm>
#include <charconv>

namespace ccci::recipe {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a number without leading zeros.
std::optional<std::uint64_t> take_version_number(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  if (length == 0 || length > 18 || (length > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(length);
  return value;
}

bool is_version_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == '+';
  });
}

// Compares texts, and numbers in them by value: "1.9" is before "1.10".
std::strong_ordering natural(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto take = [](std::string_view& text) {
        while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
        std::size_t length = 0;
        while (length < text.size() && is_digit(text[length])) ++length;
        const std::string_view digits = text.substr(0, length);
        text.remove_prefix(length);
        return digits;
      };
      const std::string_view one = take(a);
      const std::string_view other = take(b);
      if (const auto order = one.size() <=> other.size(); std::is_neq(order)) return order;
      if (const auto order = one <=> other; std::is_neq(order)) return order;
      continue;
    }
    if (const auto order = a[0] <=> b[0]; std::is_neq(order)) return order;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() <=> b.size();
}

}  // namespace

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = major <=> other.major; std::is_neq(order)) return order;
  if (const auto order = minor <=> other.minor; std::is_neq(order)) return order;
  if (const auto order = patch <=> other.patch; std::is_neq(order)) return order;
  if (before.empty() != other.before.empty())
    return before.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  if (const auto order = natural(before, other.before); std::is_neq(order)) return order;
  return natural(app, other.app);
}

std::string_view reason(NoVersion why) {
  switch (why) {
    case NoVersion::not_semantic:
      return "it does not begin with X.Y.Z";
    case NoVersion::no_app:
      return "it has no '+' with the version of the app";
    case NoVersion::leading_v:
      return "it begins with a 'v'";
    case NoVersion::lightweight:
      return "the tag is not annotated";
  }
  return "";
}

std::variant<Version, NoVersion> read_version(std::string_view text) {
  Version version;
  version.text = text;
  if (text.starts_with('v') && text.size() > 1 && is_digit(text[1])) return NoVersion::leading_v;
  for (std::uint64_t* number : {&version.major, &version.minor, &version.patch}) {
    if (number != &version.major) {
      if (!text.starts_with('.')) return NoVersion::not_semantic;
      text.remove_prefix(1);
    }
    const auto value = take_version_number(text);
    if (!value) return NoVersion::not_semantic;
    *number = *value;
  }
  const std::size_t plus = text.find('+');
  const std::string_view before = text.substr(0, plus);
  if (!before.empty() && (before[0] != '-' || !is_version_text(before.substr(1))))
    return NoVersion::not_semantic;
  if (!before.empty()) version.before = before.substr(1);
  if (plus == std::string_view::npos) return NoVersion::no_app;
  if (!is_version_text(text.substr(plus + 1))) return NoVersion::no_app;
  version.app = text.substr(plus + 1);
  return version;
}

Releases releases(const std::vector<git::Tag>& tags) {
  Releases out;
  for (const git::Tag& tag : tags) {
    const std::variant<Version, NoVersion> read = read_version(tag.name);
    if (const NoVersion* why = std::get_if<NoVersion>(&read))
      out.unusable.push_back({tag.name, *why});
    else if (!tag.annotated)
      out.unusable.push_back({tag.name, NoVersion::lightweight});
    else
      out.usable.push_back({std::get<Version>(read), tag.name, tag.commit});
  }
  std::stable_sort(out.usable.begin(), out.usable.end(),
                   [](const Release& a, const Release& b) { return a.version > b.version; });
  return out;
}

std::vector<Release> upgrade_bases(const Releases& all, const std::vector<git::Tag>& merged,
                                   const std::string& commit) {
  const Release* own = nullptr;
  for (const Release& release : all.usable)
    if (own == nullptr && release.commit == commit) own = &release;
  std::vector<Release> bases;
  for (const Release& release : all.usable) {
    const bool ancestor = std::any_of(merged.begin(), merged.end(),
                                      [&](const git::Tag& tag) { return tag.name == release.tag; });
    if (!ancestor || release.commit == commit) continue;
    if (own == nullptr || release.version < own->version) bases.push_back(release);
  }
  return bases;
}

}  // namespace ccci::recipe
