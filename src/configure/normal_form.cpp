// SPDX-License-Identifier: GPL-3.0-or-later
#include "configure/normal_form.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace ccci::configure {

namespace {

// "\trequired = true" is "required", as git names variables: letters, digits and '-' only, in any
// case.
std::string variable_of(std::string_view line) {
  std::string name(base::trim(line.substr(0, line.find('='))));
  const bool sound = std::all_of(name.begin(), name.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '-';
  });
  if (!sound) return {};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char letter) { return std::tolower(letter); });
  return name;
}

// git-config(1): the variables of one section are independent of each other. Values of the same
// variable keep their order. Sections keep theirs. A file that includes others, or that somebody
// wrote by hand with comments and continued lines, is left as it is.
std::optional<std::string> git_config(std::string_view text) {
  if (!text.ends_with('\n')) return std::nullopt;
  std::string ordered;
  std::vector<std::pair<std::string, std::string_view>> section;
  const auto close = [&] {
    std::stable_sort(section.begin(), section.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [name, line] : section) ordered += std::string(line) + "\n";
    section.clear();
  };
  text.remove_suffix(1);
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.ends_with('\\')) return std::nullopt;
    if (line.starts_with("[include")) return std::nullopt;
    if (line.starts_with('[') && line.ends_with(']')) {
      close();
      ordered += std::string(line) + "\n";
      continue;
    }
    std::string variable = variable_of(line);
    if (variable.empty()) return std::nullopt;
    section.emplace_back(std::move(variable), line);
  }
  close();
  return ordered;
}

}  // namespace

bool has_normal_form(std::string_view path) { return path == "etc/gitconfig"; }

std::optional<std::string> normal_form(std::string_view path, std::string_view text) {
  if (!has_normal_form(path)) return std::nullopt;
  return git_config(text);
}

}  // namespace ccci::configure
