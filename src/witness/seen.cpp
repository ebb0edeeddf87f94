// SPDX-License-Identifier: GPL-3.0-or-later
#include "witness/seen.hpp"

#include <charconv>
#include <functional>

namespace ccci::witness {

namespace {

base::Error strange(std::string_view file, std::string_view record) {
  return base::fail("witness.answer").with("file", file).with("record", record.substr(0, 80));
}

using Take = std::function<bool(std::string_view name, std::string_view value)>;

base::Result<void> each_record(std::string_view file, std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\0');
    const std::string_view record = bytes.substr(0, end);
    const std::size_t equals = record.find('=');
    if (end == std::string_view::npos || equals == std::string_view::npos ||
        !take(record.substr(0, equals), record.substr(equals + 1))) {
      return base::unexpected(strange(file, record));
    }
    bytes.remove_prefix(end + 1);
  }
  return {};
}

// Stores the value under the name without its prefix: "inside.command.git" with the prefix
// "inside.command." is stored as "git". Returns false if the prefix differs.
bool below(std::string_view prefix, std::string_view name, std::string_view value,
           std::map<std::string, std::string>& into) {
  if (!name.starts_with(prefix) || name.size() == prefix.size()) return false;
  return into.emplace(name.substr(prefix.size()), value).second;
}

bool take_view_of(std::string_view prefix, std::string_view name, std::string_view value,
                  View& view) {
  if (!name.starts_with(prefix)) return false;
  return take_view(view, name.substr(prefix.size()), value);
}

bool take_outside(Outside& outside, std::string_view name, std::string_view value) {
  if (name == "outside.environment") {
    outside.environment = value;
  } else if (name == "outside.PATH") {
    outside.path = value;
  } else {
    return below("outside.command.", name, value, outside.commands) ||
           take_view_of("outside.view.", name, value, outside.view);
  }
  return true;
}

bool take_inside(Inside& inside, std::string_view name, std::string_view value) {
  if (name == "inside.environment") {
    inside.environment = value;
  } else if (name == "inside.marker") {
    inside.marker = value;
  } else if (name == "inside.PATH") {
    inside.path = value;
  } else {
    return below("inside.command.", name, value, inside.commands) ||
           below("inside.version.", name, value, inside.versions) ||
           below("inside.variable.", name, value, inside.variables) ||
           take_view_of("inside.view.", name, value, inside.view);
  }
  return true;
}

}  // namespace

base::Result<Seen> read_answer(std::string_view status, std::string_view outside,
                               std::string_view inside) {
  Seen seen;
  bool ended = false;
  CCCI_CHECK(each_record("status", status, [&](std::string_view name, std::string_view value) {
    const char* end = value.data() + value.size();
    const auto [stopped, error] = std::from_chars(value.data(), end, seen.status);
    ended = name == "status" && error == std::errc{} && stopped == end;
    return ended;
  }));
  if (!ended) return base::unexpected(strange("status", status));
  CCCI_CHECK(each_record("outside", outside, [&](std::string_view name, std::string_view value) {
    return take_outside(seen.outside, name, value);
  }));
  CCCI_CHECK(each_record("inside", inside, [&](std::string_view name, std::string_view value) {
    return take_inside(seen.inside, name, value);
  }));
  return seen;
}

}  // namespace ccci::witness
