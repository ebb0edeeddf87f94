// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

namespace ccci::base {

namespace {

using Parsed = nlohmann::ordered_json;
using Array = std::vector<Json>;
using Object = std::vector<Json::Member>;

const Json& null_value() {
  static const Json value;
  return value;
}

Json from_parsed(Parsed& parsed) {
  switch (parsed.type()) {
    case Parsed::value_t::boolean:
      return parsed.get<bool>();
    case Parsed::value_t::number_integer:
      return parsed.get<std::int64_t>();
    case Parsed::value_t::number_unsigned:
      return parsed.get<std::uint64_t>();
    case Parsed::value_t::number_float:
      return parsed.get<double>();
    case Parsed::value_t::string:
      return std::move(parsed.get_ref<std::string&>());
    case Parsed::value_t::array: {
      Json array = Json::array();
      for (Parsed& item : parsed) array.push_back(from_parsed(item));
      return array;
    }
    case Parsed::value_t::object: {
      Json object = Json::object();
      for (auto& [name, value] : parsed.items()) object[name] = from_parsed(value);
      return object;
    }
    default:
      return nullptr;
  }
}

// Of the text and not of the parsed value: to free a value that is nested deeply is as bad.
bool nested_within(std::string_view text, int deepest) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

bool is_pair(const Json& item) { return item.size() == 2 && item[0].is_string(); }

// The next word of a JSON pointer that begins with '/'; `pointer` loses it.
std::string next_word(std::string_view& pointer) {
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  std::string word;
  for (std::size_t i = 1; i < end; ++i) {
    const bool escaped = pointer[i] == '~' && i + 1 < end;
    word += escaped ? (pointer[++i] == '0' ? '~' : '/') : pointer[i];
  }
  pointer.remove_prefix(end);
  return word;
}

const Json* element_named(const Json& array, const std::string& word) {
  if (word.empty() || (word.size() > 1 && word.front() == '0')) return nullptr;
  std::size_t index = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, index);
  const bool good = error == std::errc() && stop == end && index < array.size();
  return good ? &array[index] : nullptr;
}

}  // namespace

Json::Json(std::nullptr_t) noexcept : value_(nullptr) {}
Json::Json(double value) : value_(value) {}
Json::Json(const char* text) : value_(std::string(text)) {}
Json::Json(std::string_view text) : value_(std::string(text)) {}
Json::Json(std::string text) : value_(std::move(text)) {}
Json::Json(std::initializer_list<Json> items) {
  if (!std::all_of(items.begin(), items.end(), is_pair)) {
    value_ = Array(items);
    return;
  }
  *this = object();
  for (const Json& item : items) (*this)[*item[0].text()] = item[1];
}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json Json::array(std::initializer_list<Json> items) {
  Json json;
  json.value_ = Array(items);
  return json;
}

Json Json::object() {
  Json json;
  json.value_ = Object();
  return json;
}

tl::expected<Json, Json::Fault> Json::parse(std::string_view text, int deepest) {
  if (!nested_within(text, deepest)) return tl::unexpected(Fault::too_deep);
  Parsed parsed = Parsed::parse(text, nullptr, false);
  if (parsed.is_discarded()) return tl::unexpected(Fault::not_json);
  return from_parsed(parsed);
}

struct Json::Writer {
  static Parsed parsed(const Json& json) { return std::visit(Writer(), json.value_); }

  Parsed operator()(const Array& array) const {
    Parsed list = Parsed::array();
    for (const Json& item : array) list.push_back(parsed(item));
    return list;
  }
  Parsed operator()(const Object& object) const {
    Parsed members = Parsed::object();
    for (const auto& [name, value] : object) members[name] = parsed(value);
    return members;
  }
  template <typename T>
  Parsed operator()(const T& value) const {
    return value;
  }
};

std::string Json::dump(int indent) const {
  return Writer::parsed(*this).dump(indent, ' ', false, Parsed::error_handler_t::replace);
}

bool Json::is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
bool Json::is_object() const { return std::holds_alternative<Object>(value_); }
bool Json::is_array() const { return std::holds_alternative<Array>(value_); }
bool Json::is_string() const { return std::holds_alternative<std::string>(value_); }

const std::string* Json::text() const { return std::get_if<std::string>(&value_); }

std::string Json::text_or_empty() const { return is_string() ? *text() : std::string(); }

std::optional<std::uint64_t> Json::number() const {
  const auto* const number = std::get_if<std::uint64_t>(&value_);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<bool> Json::boolean() const {
  const bool* const boolean = std::get_if<bool>(&value_);
  return boolean == nullptr ? std::nullopt : std::optional(*boolean);
}

std::size_t Json::size() const { return is_object() ? items().size() : elements().size(); }

const std::vector<Json>& Json::elements() const {
  static const Array none;
  const auto* const array = std::get_if<Array>(&value_);
  return array == nullptr ? none : *array;
}

const Json* Json::begin() const { return elements().data(); }
const Json* Json::end() const { return elements().data() + elements().size(); }

const Json& Json::operator[](std::size_t index) const {
  return index < elements().size() ? elements()[index] : null_value();
}

Json& Json::operator[](std::size_t index) { return std::get<Array>(value_).at(index); }

void Json::push_back(Json value) {
  if (is_null()) *this = array();
  std::get<Array>(value_).push_back(std::move(value));
}

const std::vector<Json::Member>& Json::items() const {
  static const Object none;
  const auto* const object = std::get_if<Object>(&value_);
  return object == nullptr ? none : *object;
}

const Json* Json::find(std::string_view name) const {
  const auto found = std::ranges::find(items(), name, &Member::name);
  return found == items().end() ? nullptr : &found->value;
}

const Json& Json::operator[](std::string_view name) const {
  const Json* const found = find(name);
  return found == nullptr ? null_value() : *found;
}

Json& Json::operator[](std::string_view name) {
  if (is_null()) *this = object();
  auto& members = std::get<Object>(value_);
  const auto found = std::ranges::find(members, name, &Member::name);
  if (found != members.end()) return found->value;
  members.push_back({std::string(name), Json()});
  return members.back().value;
}

void Json::update(const Json& other) {
  for (const auto& [name, value] : other.items()) (*this)[name] = value;
}

bool Json::is_pointer(std::string_view text) {
  if (!text.empty() && text.front() != '/') return false;
  for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1)) {
    const std::string_view next = text.substr(at + 1, 1);
    if (next != "0" && next != "1") return false;
  }
  return true;
}

const Json* Json::at_pointer(std::string_view pointer) const {
  if (!is_pointer(pointer)) return nullptr;
  const Json* at = this;
  while (at != nullptr && !pointer.empty()) {
    const std::string word = next_word(pointer);
    at = at->is_array() ? element_named(*at, word) : at->find(word);
  }
  return at;
}

Json Json::of(bool value) {
  Json json;
  json.value_ = value;
  return json;
}

Json Json::of(std::uint64_t number) {
  Json json;
  json.value_ = number;
  return json;
}

Json Json::of(std::int64_t number) {
  if (number >= 0) return of(static_cast<std::uint64_t>(number));
  Json json;
  json.value_ = number;
  return json;
}

bool Json::equals(const Json& other) const {
  if (value_.index() == other.value_.index()) return value_ == other.value_;
  const auto as_double = [](const Json& json) -> std::optional<double> {
    if (const auto* below = std::get_if<std::int64_t>(&json.value_)) return *below;
    if (const auto* whole = std::get_if<std::uint64_t>(&json.value_)) return *whole;
    if (const auto* number = std::get_if<double>(&json.value_)) return *number;
    return std::nullopt;
  };
  const bool any_double =
      std::holds_alternative<double>(value_) || std::holds_alternative<double>(other.value_);
  const auto mine = as_double(*this);
  return any_double && mine && mine == as_double(other);
}

std::ostream& operator<<(std::ostream& out, const Json& json) { return out << json.dump(); }

}  // namespace ccci::base
