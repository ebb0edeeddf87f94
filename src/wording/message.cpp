// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/message.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.hpp"
#include "wording/table.hpp"

namespace ccci::wording {

namespace {

const std::string* find_field(const base::Error& error, std::string_view name) {
  const auto found = std::ranges::find(error.fields, name, &base::Field::name);
  return found == error.fields.end() ? nullptr : &found->value;
}

// Walks through a template: calls `text` for literal text and `field` for each name in braces.
void walk(std::string_view form, const std::function<void(std::string_view)>& text,
          const std::function<void(std::string_view)>& field) {
  while (!form.empty()) {
    const std::size_t open = form.find('{');
    text(form.substr(0, open));
    if (open == std::string_view::npos) return;
    const std::size_t close = form.find('}', open);
    if (close == std::string_view::npos) return text(form.substr(open));
    field(form.substr(open + 1, close - open - 1));
    form.remove_prefix(close + 1);
  }
}

// The filled template, if all its fields are set and not empty.
std::optional<std::string> fill_whole(std::string_view form, const base::Error& error) {
  if (form.empty()) return std::nullopt;
  bool complete = true;
  walk(
      form, [](std::string_view) {},
      [&](std::string_view name) { complete = complete && !error.field(name).empty(); });
  if (!complete) return std::nullopt;
  return fill(form, error);
}

// A field with several lines gives one note per line.
std::vector<std::string> notes_from(std::string_view form, const base::Error& error) {
  constexpr std::size_t most = 40;
  std::string longest;
  std::vector<std::string> notes;
  walk(
      form, [](std::string_view) {},
      [&](std::string_view name) {
        if (error.field(name).find('\n') != std::string_view::npos) longest = name;
      });
  if (longest.empty()) {
    if (auto note = fill_whole(form, error)) notes.push_back(std::move(*note));
    return notes;
  }
  base::Error one = error;
  auto& value = std::ranges::find(one.fields, longest, &base::Field::name)->value;
  const std::string lines = value;
  std::size_t left = 0;
  for (const std::string_view line : base::split(lines, '\n')) {
    if (base::trim(line).empty()) continue;
    if (notes.size() == most) {
      ++left;
      continue;
    }
    value = line;
    if (auto note = fill_whole(form, one)) notes.push_back(std::move(*note));
  }
  if (left > 0) notes.push_back("and " + std::to_string(left) + " more");
  return notes;
}

}  // namespace

std::string fill(std::string_view text, const base::Error& error) {
  std::string filled;
  walk(
      text, [&](std::string_view part) { filled += part; },
      [&](std::string_view name) {
        const std::string* value = find_field(error, name);
        filled += value == nullptr ? "?" : base::printable(*value);
      });
  return filled;
}

std::vector<std::string> notes_of(const base::Error& error) {
  const Row* row = row_of(error.code);
  std::vector<std::string> notes;
  if (row == nullptr) {
    for (const base::Field& field : error.fields) {
      notes.push_back(base::printable(field.name) + ": " + base::printable(field.value));
    }
    return notes;
  }
  for (const std::string_view form : row->notes) {
    for (std::string& note : notes_from(form, error)) notes.push_back(std::move(note));
  }
  return notes;
}

std::optional<std::string> hint_of(const base::Error& error) {
  const Row* row = row_of(error.code);
  if (row == nullptr) return std::nullopt;
  if (auto hint = fill_whole(row->hint, error)) return hint;
  return fill_whole(row->other_hint, error);
}

std::string message_of(const base::Error& error) {
  const Row* row = row_of(error.code);
  return row == nullptr ? "an error without wording" : fill(row->message, error);
}

std::string one_line(const base::Error& error) {
  std::string line = row_of(error.code) == nullptr ? base::printable(error.code)
                                                   : message_of(error) + " [" + error.code + "]";
  if (!error.also.empty()) line += " and " + std::to_string(error.also.size()) + " more";
  return line;
}

std::string placed_line(const base::Error& error) {
  if (error.where.empty()) return one_line(error);
  const base::Position& at = error.where.front();
  std::string place = base::printable(at.file);
  if (at.line > 0) place += ":" + std::to_string(at.line);
  if (at.line > 0 && at.column > 0) place += ":" + std::to_string(at.column);
  return place + ": " + one_line(error);
}

}  // namespace ccci::wording
