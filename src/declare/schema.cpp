// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/json.hpp"
#include "declare/declaration.hpp"
#include "declare/keys.hpp"

namespace ccci::declare {

namespace {

base::Json table_schema(std::string_view row);

base::Json string_schema(const Key& key) {
  base::Json schema = {{"type", "string"}};
  if (key.choices != nullptr) {
    schema["enum"] = key.choices();
    return schema;
  }
  // JSON Schema counts code points, and a form counts bytes. The names of a form are ASCII.
  if (key.value->shortest > 0) schema["minLength"] = key.value->shortest;
  schema["maxLength"] = key.value->longest;
  schema["pattern"] = key.value->pattern();
  return schema;
}

base::Json list_schema(const Key& key) {
  base::Json schema = {{"type", "array"}, {"items", string_schema(key)}};
  if (key.value != &forms::argument) schema["uniqueItems"] = true;
  return schema;
}

base::Json value_schema(const Key& key) {
  base::Json schema;
  switch (key.type) {
    case Type::table:
      schema = table_schema(key.path);
      break;
    case Type::text:
      schema = string_schema(key);
      break;
    case Type::flag:
      schema = {{"type", "boolean"}};
      break;
    case Type::integer:
      schema = {{"type", "integer"}};
      break;
    case Type::list:
      schema = list_schema(key);
      break;
    case Type::texts:
      schema["anyOf"] = {string_schema(key), list_schema(key)};
      break;
    case Type::lines:
      schema = {{"type", "array"}, {"items", list_schema(key)}};
      schema["items"]["minItems"] = 1;
      break;
    case Type::npm:
      schema["anyOf"] = {string_schema(key), table_schema(key.path)};
      break;
    case Type::commands:
    case Type::baseline:
      schema["anyOf"] = {list_schema(key), table_schema(key.path)};
      break;
  }
  schema["description"] = key.meaning;
  return schema;
}

base::Json table_schema(std::string_view row) {
  base::Json schema = {{"type", "object"}};
  base::Json required = base::Json::array();
  schema["additionalProperties"] = false;
  for (const Key& key : keys()) {
    if (key.parent() != row) continue;
    if (key.last() == "*") {
      schema["propertyNames"] = {{"maxLength", key.name->longest},
                                 {"pattern", key.name->pattern()}};
      schema["additionalProperties"] = value_schema(key);
      continue;
    }
    schema["properties"][std::string(key.last())] = value_schema(key);
    if (key.required) required.push_back(key.last());
  }
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

}  // namespace

std::string json_schema() {
  base::Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "cc-ci.toml"},
                       {"description", "The declaration of a CI runtime environment"}};
  schema.update(table_schema({}));
  return schema.dump(2) + "\n";
}

}  // namespace ccci::declare
