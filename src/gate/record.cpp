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

// Fills `record`. Returns what is wrong, or an empty text.
std::string fill(const base::Json& json, Record& record) {
  const auto seq = json["seq"].number();
  if (!seq) return "'seq' is not a number";
  record.seq = *seq;
  const std::string* previous = json["previous"].text();
  const auto digest = base::Digest::from_hex(previous == nullptr ? "" : *previous);
  if (!digest) return "'previous' is not a digest";
  record.previous = *digest;
  const std::string* type = json["type"].text();
  bool known = false;
  for (const auto& [value, name] : types) {
    if (type == nullptr || *type != name) continue;
    record.type = value;
    known = true;
  }
  if (!known) return "'type' is not one of claim, verdict, veto, withdrawal";
  const std::string* time = json["time"].text();
  const auto moment = parse_time(time == nullptr ? "" : *time);
  if (!moment) return "'time' is not a time";
  record.time = *moment;
  const std::string* key = json["key"].text();
  const std::string* signature = json["signature"].text();
  const base::Json& payload = json["payload"];
  if (key == nullptr) return "'key' is missing";
  if (signature == nullptr) return "'signature' is missing";
  if (!payload.is_object()) return "'payload' is missing";
  record.key = *key;
  record.signature = *signature;
  record.payload = payload;
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

Parsed parse_record(std::string_view line) {
  constexpr int deepest = 16;
  Parsed parsed;
  if (line.size() > longest_line) {
    parsed.cause = "it is longer than the limit of a record";
    return parsed;
  }
  const auto json = base::Json::parse(line, deepest);
  if (!json && json.error() == base::Json::Fault::too_deep) {
    parsed.cause = "it is nested too deeply";
    return parsed;
  }
  if (!json || !json->is_object()) {
    parsed.cause = "it is not a JSON object";
    return parsed;
  }
  parsed.cause = fill(*json, parsed.record);
  if (parsed.cause.empty() && parsed.record.line() != line) {
    parsed.cause = "it is not in canonical form: members, order or spacing differ";
  }
  parsed.good = parsed.cause.empty();
  return parsed;
}

}  // namespace ccci::gate
