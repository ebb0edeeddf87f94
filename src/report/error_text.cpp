// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/error_text.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "report/excerpt.hpp"

namespace ccci::report {

namespace {

const std::string* find_field(const base::Error& error, std::string_view name) {
  const auto found = std::ranges::find(error.fields, name, &base::Field::name);
  return found == error.fields.end() ? nullptr : &found->value;
}

// Walks a template: `text` for what stands there, `field` for the name between braces.
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

// Filled where every field it names is there and not empty.
std::optional<std::string> fill_whole(std::string_view form, const base::Error& error) {
  if (form.empty()) return std::nullopt;
  bool complete = true;
  walk(
      form, [](std::string_view) {},
      [&](std::string_view name) { complete = complete && !error.field(name).empty(); });
  if (!complete) return std::nullopt;
  return fill(form, error);
}

// A field of several lines in a note gives several notes.
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

std::vector<std::string> notes_of(const base::Error& error, const Wording* wording) {
  std::vector<std::string> notes;
  if (wording == nullptr) {
    for (const base::Field& field : error.fields) {
      notes.push_back(base::printable(field.name) + ": " + base::printable(field.value));
    }
    return notes;
  }
  for (const std::string_view form : wording->notes) {
    for (std::string& note : notes_from(form, error)) notes.push_back(std::move(note));
  }
  return notes;
}

std::optional<std::string> hint_of(const base::Error& error, const Wording* wording) {
  if (wording == nullptr) return std::nullopt;
  if (auto hint = fill_whole(wording->hint, error)) return hint;
  return fill_whole(wording->other_hint, error);
}

std::string message_of(const base::Error& error, const Wording* wording) {
  return wording == nullptr ? "an error without wording" : fill(wording->message, error);
}

std::string place(const base::Position& position) {
  std::string text = base::printable(position.file);
  if (position.line > 0) text += ":" + std::to_string(position.line);
  if (position.line > 0 && position.column > 0) text += ":" + std::to_string(position.column);
  return text;
}

std::string render_one(const base::Error& error, std::string_view word, Hue hue,
                       const Style& style) {
  const Wording* wording = wording_of(error.code);
  std::string text = paint("cc-ci: " + std::string(word) + ":", hue, style) + " ";
  if (!error.where.empty()) text += place(error.where.front()) + ": ";
  text += message_of(error, wording) + " [" + base::printable(error.code) + "]\n";
  if (!error.where.empty()) text += excerpt(error.where.front(), style);
  for (std::size_t i = 1; i < error.where.size(); ++i) {
    text += paint("note:", Hue::cyan, style) + " see " + place(error.where[i]) + "\n";
    text += excerpt(error.where[i], style);
  }
  for (const std::string& note : notes_of(error, wording)) {
    text += paint("note:", Hue::cyan, style) + " " + note + "\n";
  }
  if (const auto hint = hint_of(error, wording)) {
    text += paint("hint:", Hue::green, style) + " " + *hint + "\n";
  }
  return text;
}

std::string render_all(const base::Error& error, std::string_view word, Hue hue,
                       const Style& style) {
  // Beyond this nobody reads on; the count tells that there are more.
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

int rank(Exit exit) { return exit == Exit::operation ? 3 : exit == Exit::usage ? 2 : 1; }

}  // namespace

const Wording* wording_of(std::string_view code) {
  static const std::map<std::string_view, const Wording*> rows = [] {
    std::map<std::string_view, const Wording*> all;
    for (const auto table :
         {base_wording(), declare_wording(), source_wording(), lock_wording(), store_wording(),
          environment_wording(), host_wording(), activate_wording(), witness_wording(),
          deploy_wording(), prove_wording(), gate_wording(), learn_wording(), cli_wording()}) {
      for (const Wording& row : table) all.emplace(row.code, &row);
    }
    return all;
  }();
  const auto found = rows.find(code);
  return found == rows.end() ? nullptr : found->second;
}

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
  const Wording* wording = wording_of(error.code);
  base::Json json{{"code", base::printable(error.code)},
                  {"message", message_of(error, wording)},
                  {"exit", exit_status(error)}};
  base::Json fields = base::Json::object();
  // JSON is UTF-8 and bytes from outside need not be.
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
  json["notes"] = notes_of(error, wording);
  const auto hint = hint_of(error, wording);
  json["hint"] = hint ? base::Json(*hint) : base::Json(nullptr);
  base::Json also = base::Json::array();
  for (const base::Error& other : error.also) also.push_back(to_json(other));
  json["also"] = std::move(also);
  return json;
}

int exit_status(const base::Error& error) {
  const Wording* wording = wording_of(error.code);
  int status = rank(wording == nullptr ? Exit::operation : wording->exit);
  for (const base::Error& other : error.also) status = std::max(status, exit_status(other));
  return status;
}

}  // namespace ccci::report
