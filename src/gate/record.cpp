// SPDX-License-Identifier: GPL-3.0-or-later
#include "gate/record.hpp"

#include <array>
#include <utility>

namespace ccci::gate {

namespace {

constexpr std::array<std::pair<Type, std::string_view>, 4> types{
    {{Type::claim, "claim"},
     {Type::verdict, "verdict"},
     {Type::veto, "veto"},
     {Type::withdrawal, "withdrawal"}}};

base::Json members(const Record& record) {
  return {{"seq", record.seq},
          {"previous", record.previous.hex()},
          {"type", type_name(record.type)},
          {"time", format_time(record.time)},
          {"key", record.key},
          {"payload", record.payload}};
}

const std::string* text_of(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? nullptr : found->get_ptr<const std::string*>();
}

// Fills `record`; the answer is what is wrong, empty where nothing is.
std::string fill(const base::Json& json, Record& record) {
  const auto seq = json.find("seq");
  if (seq == json.end() || !seq->is_number_unsigned()) return "'seq' is not a number";
  record.seq = seq->get<std::uint64_t>();
  const std::string* previous = text_of(json, "previous");
  const auto digest = base::Digest::from_hex(previous == nullptr ? "" : *previous);
  if (!digest) return "'previous' is not a digest";
  record.previous = *digest;
  const std::string* type = text_of(json, "type");
  bool known = false;
  for (const auto& [value, name] : types) {
    if (type == nullptr || *type != name) continue;
    record.type = value;
    known = true;
  }
  if (!known) return "'type' is not one of claim, verdict, veto, withdrawal";
  const std::string* time = text_of(json, "time");
  const auto moment = parse_time(time == nullptr ? "" : *time);
  if (!moment) return "'time' is not a time";
  record.time = *moment;
  const std::string* key = text_of(json, "key");
  const std::string* signature = text_of(json, "signature");
  const auto payload = json.find("payload");
  if (key == nullptr) return "'key' is missing";
  if (signature == nullptr) return "'signature' is missing";
  if (payload == json.end() || !payload->is_object()) return "'payload' is missing";
  record.key = *key;
  record.signature = *signature;
  record.payload = *payload;
  return {};
}

}  // namespace

std::string_view type_name(Type type) {
  for (const auto& [value, name] : types) {
    if (value == type) return name;
  }
  return "?";
}

std::string Record::body() const { return members(*this).dump(); }

std::string Record::line() const {
  base::Json json = members(*this);
  json["signature"] = signature;
  return json.dump();
}

base::Digest Record::digest() const { return base::sha256(line()); }

void Record::sign(const PrivateKey& with) {
  key = with.public_key().id();
  signature = with.sign(signed_bytes(type_name(type), body()));
}

bool Record::signed_by(const PublicKey& by) const {
  return by.verifies(signed_bytes(type_name(type), body()), signature);
}

bool nested_within(std::string_view json, int deepest) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
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

Parsed parse_record(std::string_view line) {
  constexpr int deepest = 16;
  Parsed parsed;
  if (line.size() > longest_line) {
    parsed.cause = "it is longer than any record";
    return parsed;
  }
  if (!nested_within(line, deepest)) {
    parsed.cause = "it is nested too deeply";
    return parsed;
  }
  const base::Json json = base::Json::parse(line, nullptr, false);
  if (!json.is_object()) {
    parsed.cause = "it is not a JSON object";
    return parsed;
  }
  parsed.cause = fill(json, parsed.record);
  if (parsed.cause.empty() && parsed.record.line() != line) {
    parsed.cause = "it is not in canonical form: members, order or spacing differ";
  }
  parsed.good = parsed.cause.empty();
  return parsed;
}

}  // namespace ccci::gate
