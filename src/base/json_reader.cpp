// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_reader.hpp"

#include <algorithm>

namespace ccci::base {

namespace {

const Json& nothing() {
  static const Json null;
  return null;
}

}  // namespace

JsonReader::JsonReader(const Json& json, std::size_t longest) : json_(json), longest_(longest) {
  if (!json.is_object()) fault_ = "it is not a JSON object";
}

const Json* JsonReader::find(std::string_view name) {
  if (!good()) return nullptr;
  const Json* const found = json_.find(name);
  if (found == nullptr) fault_ = "member '" + std::string(name) + "' is missing";
  return found;
}

void JsonReader::require(bool holds, std::string_view name) {
  if (good() && !holds) fault_ = "member '" + std::string(name) + "' is invalid";
}

std::string JsonReader::text(std::string_view name) {
  const Json* const found = find(name);
  const std::string* const text = found != nullptr ? found->text() : nullptr;
  require(text != nullptr && text->size() <= longest_, name);
  return good() && text != nullptr ? *text : std::string();
}

std::uint64_t JsonReader::number(std::string_view name) {
  const Json* const found = find(name);
  require(found != nullptr && found->number(), name);
  return good() ? *found->number() : 0;
}

bool JsonReader::yes(std::string_view name) {
  const Json* const found = find(name);
  require(found != nullptr && found->boolean(), name);
  return good() && *found->boolean();
}

std::vector<std::string> JsonReader::texts(std::string_view name) {
  std::vector<std::string> all;
  for (const Json& item : array(name)) {
    require(item.is_string(), name);
    if (good()) all.push_back(*item.text());
  }
  return all;
}

std::map<std::string, std::string> JsonReader::text_map(std::string_view name) {
  std::map<std::string, std::string> all;
  for (const auto& [key, value] : object(name).items()) {
    require(value.is_string(), name);
    if (good()) all[key] = *value.text();
  }
  return all;
}

const Json& JsonReader::array(std::string_view name) {
  const Json* const found = find(name);
  require(found != nullptr && found->is_array(), name);
  return good() ? *found : nothing();
}

const Json& JsonReader::object(std::string_view name) {
  const Json* const found = find(name);
  require(found != nullptr && found->is_object(), name);
  return good() ? *found : nothing();
}

}  // namespace ccci::base
