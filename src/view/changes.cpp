// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/changes.hpp"

#include <array>
#include <map>

#include "base/text.hpp"

namespace ccci::view {

namespace {

// libc6 has a hundred reasons. The declared ones and a few others are enough.
std::string reasons(const std::vector<std::string>& because) {
  constexpr std::size_t shown = 3;
  std::vector<std::string> first;
  for (const std::string& reason : because) {
    if (!reason.starts_with("package ")) first.push_back(reason);
  }
  for (const std::string& reason : because) {
    if (reason.starts_with("package ") && first.size() < shown) first.push_back(reason);
  }
  const std::size_t more = because.size() - first.size();
  return base::join(first, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

std::string with_source(const std::string& version, const std::string& source) {
  return source.empty() ? version : version + " [" + source + "]";
}

}  // namespace

std::string_view movement_name(lock::Movement movement) {
  switch (movement) {
    case lock::Movement::added:
      return "added";
    case lock::Movement::removed:
      return "removed";
    case lock::Movement::up:
      return "up";
    case lock::Movement::down:
      return "down";
    case lock::Movement::rebuilt:
      return "rebuilt";
  }
  return {};
}

base::Json changes_json(const std::vector<lock::Change>& changes) {
  base::Json list = base::Json::array();
  for (const lock::Change& change : changes) {
    base::Json one{{"movement", movement_name(change.movement)},
                   {"package", change.package},
                   {"before", change.before},
                   {"after", change.after},
                   {"because", change.because}};
    if (!change.source_before.empty()) one["source_before"] = change.source_before;
    if (!change.source_after.empty()) one["source_after"] = change.source_after;
    list.push_back(std::move(one));
  }
  return list;
}

report::Table changes_table(const std::vector<lock::Change>& changes) {
  report::Table table(
      {{.heading = ""}, {.heading = ""}, {.heading = ""}, {.heading = "", .elastic = true}});
  for (const lock::Change& change : changes) {
    const std::string before = with_source(change.before, change.source_before);
    const std::string after = with_source(change.after, change.source_after);
    const bool both = !change.before.empty() && !change.after.empty();
    table.row({std::string(movement_name(change.movement)), change.package,
               before + (both ? " -> " : "") + after,
               change.because.empty() ? "" : "(" + reasons(change.because) + ")"});
  }
  return table;
}

std::string changes_summary(const std::vector<lock::Change>& changes) {
  std::map<lock::Movement, std::size_t> count;
  for (const lock::Change& change : changes) ++count[change.movement];
  std::vector<std::string> parts;
  for (const auto& [movement, number] : count) {
    parts.push_back(std::to_string(number) + " " + std::string(movement_name(movement)));
  }
  return parts.empty() ? "nothing changed" : base::join(parts, ", ");
}

}  // namespace ccci::view
