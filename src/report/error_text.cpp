// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/error_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/excerpt.hpp"
#include "wording/message.hpp"
#include "wording/table.hpp"

namespace ccci::report {

namespace {

std::string place(const base::Position& position) {
  std::string text = base::printable(position.file);
  if (position.line > 0) text += ":" + std::to_string(position.line);
  if (position.line > 0 && position.column > 0) text += ":" + std::to_string(position.column);
  return text;
}

std::string render_one(const base::Error& error, std::string_view word, Hue hue,
                       const Style& style) {
  std::string text = paint("cc-ci: " + std::string(word) + ":", hue, style) + " ";
  if (!error.where.empty()) text += place(error.where.front()) + ": ";
  text += wording::message_of(error) + " [" + base::printable(error.code) + "]\n";
  if (!error.where.empty()) text += excerpt(error.where.front(), style);
  for (std::size_t i = 1; i < error.where.size(); ++i) {
    text += paint("note:", Hue::cyan, style) + " see " + place(error.where[i]) + "\n";
    text += excerpt(error.where[i], style);
  }
  for (const std::string& note : wording::notes_of(error)) {
    text += paint("note:", Hue::cyan, style) + " " + note + "\n";
  }
  if (const auto hint = wording::hint_of(error)) {
    text += paint("hint:", Hue::green, style) + " " + *hint + "\n";
  }
  return text;
}

std::string render_all(const base::Error& error, std::string_view word, Hue hue,
                       const Style& style) {
  // More errors are not readable; the total number is printed.
  constexpr std::size_t most = 50;
  std::string text = render_one(error, word, hue, style);
  for (std::size_t i = 0; i < error.also.size() && i + 1 < most; ++i) {
    text += "\n" + render_one(error.also[i], word, hue, style);
  }
  const std::size_t count = error.also.size() + 1;
  if (count == 1) return text;
  text += "\ncc-ci: " + base::counted(count, word);
  if (count > most) text += ", the first " + std::to_string(most) + " are shown";
  return text + "\n";
}

int rank(wording::Exit exit) {
  using wording::Exit;
  return exit == Exit::operation ? 3 : exit == Exit::usage ? 2 : 1;
}

}  // namespace

std::string render(const base::Error& error, const Style& style) {
  return render_all(error, "error", Hue::red, style);
}

std::string render_warning(const base::Error& error, const Style& style) {
  return render_all(error, "warning", Hue::yellow, style);
}

std::string render_warning(std::string_view text, const Style& style) {
  return paint("cc-ci: warning:", Hue::yellow, style) + " " + base::printable(text) + "\n";
}

std::string render_note(std::string_view text, const Style& style) {
  return paint("cc-ci: note:", Hue::cyan, style) + " " + base::printable(text) + "\n";
}

base::Json to_json(const base::Error& error) {
  base::Json json{{"code", base::printable(error.code)},
                  {"message", wording::message_of(error)},
                  {"exit", exit_status(error)}};
  base::Json fields = base::Json::object();
  // JSON must be UTF-8, but text from outside may not be.
  for (const base::Field& field : error.fields) fields[field.name] = base::printable(field.value);
  json["fields"] = std::move(fields);
  base::Json where = base::Json::array();
  for (const base::Position& position : error.where) {
    where.push_back({{"file", base::printable(position.file)},
                     {"line", position.line},
                     {"column", position.column},
                     {"length", position.length}});
  }
  json["where"] = std::move(where);
  json["notes"] = wording::notes_of(error);
  const auto hint = wording::hint_of(error);
  json["hint"] = hint ? base::Json(*hint) : base::Json(nullptr);
  base::Json also = base::Json::array();
  for (const base::Error& other : error.also) also.push_back(to_json(other));
  json["also"] = std::move(also);
  return json;
}

int exit_status(const base::Error& error) {
  const wording::Row* row = wording::row_of(error.code);
  int status = rank(row == nullptr ? wording::Exit::operation : row->exit);
  for (const base::Error& other : error.also) status = std::max(status, exit_status(other));
  return status;
}

}  // namespace ccci::report
