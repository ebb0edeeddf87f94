// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/view.hpp"

#include <algorithm>
#include <vector>

#include "base/text.hpp"

namespace ccci::witness {

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char one : text) {
    if (one != ' ' && one != '\t' && one != '\n') {
      word += one;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// proc(5): the real number is the first of four.
void take_number(View& view, const std::string& name, std::string_view value) {
  const std::vector<std::string> words = words_of(value);
  if (!words.empty()) view.facts[name] = words.front();
}

void take_groups(View& view, std::string_view value) {
  std::vector<std::string> groups = words_of(value);
  std::sort(groups.begin(), groups.end(), [](const std::string& one, const std::string& other) {
    return one.size() != other.size() ? one.size() < other.size() : one < other;
  });
  view.facts["groups"] = base::join(groups, " ");
}

// Columns of fixed width: a name of 26 characters, then the soft and the hard limit.
void take_limits(View& view, std::string_view value) {
  constexpr std::size_t name_width = 26;
  constexpr std::string_view every = "Max ";
  for (const std::string_view line : base::split(value, '\n')) {
    if (!line.starts_with(every) || line.size() <= name_width) continue;
    const std::string name(base::trim(line.substr(every.size(), name_width - every.size())));
    const std::vector<std::string> words = words_of(line.substr(name_width));
    if (words.size() < 2) continue;
    view.facts["limit " + name] =
        words[0] == words[1] ? words[0] : words[0] + ", at most " + words[1];
  }
}

// proc(5), mountinfo: the fifth word is the mount point, the sixth its options. The last mount at a
// point is the one that is seen.
void take_mounts(View& view, std::string_view value) {
  constexpr std::size_t point = 4;
  constexpr std::size_t options = 5;
  for (const std::string_view line : base::split(value, '\n')) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() <= options) continue;
    const std::vector<std::string_view> flags = base::split(words[options], ',');
    const bool fixed = std::find(flags.begin(), flags.end(), "ro") != flags.end();
    view.facts["mount " + words[point]] = fixed ? "read-only" : "writable";
  }
}

bool starts(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  name.remove_prefix(prefix.size());
  return true;
}

}  // namespace

bool take_view(View& view, std::string_view name, std::string_view value) {
  if (name == "Uid") {
    take_number(view, "user", value);
  } else if (name == "Gid") {
    take_number(view, "group", value);
  } else if (name == "Groups") {
    take_groups(view, value);
  } else if (name == "limits") {
    take_limits(view, value);
  } else if (name == "mounts") {
    take_mounts(view, value);
  } else if (name == "umask") {
    view.facts["umask"] = value;
  } else if (starts(name, "exported.")) {
    view.exported.emplace(name);
  } else if (starts(name, "variable.")) {
    view.facts["variable " + std::string(name)] = value;
  } else if (starts(name, "file.")) {
    view.facts["file " + std::string(name)] = value;
  } else if (starts(name, "owner.")) {
    view.facts["owner " + std::string(name)] = value;
  } else {
    return false;
  }
  return true;
}

}  // namespace ccci::witness
