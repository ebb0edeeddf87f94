// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/record.hpp"

#include <optional>
#include <utility>

#include "base/json_reader.hpp"

namespace ccci::environment {

using base::Json;

namespace {

// Schema 1 had single names below /etc instead of `places`. Its environments have other addresses,
// and only their own entrypoints use those names.
constexpr std::uint64_t record_schema = 2;

base::unexpected<base::Error> damaged(const store::Address& address) {
  return base::unexpected(base::fail("environment.record").with("object", address.directory()));
}

Json commands_to_json(const std::vector<Command>& commands) {
  Json list = Json::array();
  for (const Command& command : commands) {
    Json one{{"name", command.name}, {"target", command.target}, {"package", command.package}};
    if (!command.needs.empty()) one["needs"] = command.needs;
    if (!command.lost.empty()) one["lost"] = command.lost;
    list.push_back(std::move(one));
  }
  return list;
}

// Older records have no such member.
std::string text_of(const Json& command, std::string_view name) {
  const Json* const member = command.find(name);
  return member == nullptr ? std::string() : std::string(member->text_or_empty());
}

// Returns nothing if a member is missing or has another type.
std::optional<Exposed> exposed_from_json(const Json& json) {
  base::JsonReader members(json);
  Exposed exposed;
  exposed.tool = members.text("tool");
  exposed.package = members.text("package");
  exposed.version = members.text("version");
  exposed.directory = members.text("directory");
  for (const Json& command : members.array("commands")) {
    base::JsonReader parts(command);
    exposed.commands.push_back({parts.text("name"), parts.text("target"), parts.text("package"),
                                text_of(command, "needs"), text_of(command, "lost")});
    members.require(parts.good(), "commands");
  }
  return members.good() ? std::optional(std::move(exposed)) : std::nullopt;
}

}  // namespace

std::string write_record(const Environment& environment) {
  Json json{{"schema", record_schema},
            {"hash", environment.address.hash},
            {"set", environment.set},
            {"digest", environment.digest},
            {"bytes", environment.bytes},
            {"entries", environment.entries},
            {"variables", environment.variables},
            {"places", environment.places},
            {"exposed", Json::array()}};
  for (const Exposed& exposed : environment.exposed) {
    json["exposed"].push_back({{"tool", exposed.tool},
                               {"package", exposed.package},
                               {"version", exposed.version},
                               {"directory", exposed.directory},
                               {"commands", commands_to_json(exposed.commands)}});
  }
  return json.dump(1) + "\n";
}

std::string write_scripts(const Environment& environment,
                          const std::vector<std::string>& left_out) {
  Json json{{"schema", record_schema},
            {"hash", environment.address.hash},
            {"scripts", Json::array()},
            {"left_out", left_out}};
  for (const Script& script : environment.scripts) {
    json["scripts"].push_back(
        {{"package", script.package}, {"name", script.name}, {"stands_in", script.stands_in}});
  }
  return json.dump(1) + "\n";
}

base::Result<Environment> read_record(std::string_view text, const store::Address& address) {
  const Json json = Json::parse(text).value_or(Json());
  base::JsonReader members(json);
  const std::uint64_t schema = members.number("schema");
  members.require(schema == 1 || schema == record_schema, "schema");
  members.require(members.text("hash") == address.hash, "hash");
  Environment environment;
  environment.address = address;
  environment.set = members.text("set");
  environment.digest = members.text("digest");
  environment.bytes = members.number("bytes");
  environment.entries = members.number("entries");
  environment.variables = members.text_map("variables");
  if (schema != 1) environment.places = members.texts("places");
  for (const Json& one : members.array("exposed")) {
    auto exposed = exposed_from_json(one);
    members.require(exposed.has_value(), "exposed");
    if (exposed) environment.exposed.push_back(std::move(*exposed));
  }
  if (!members.good()) return damaged(address);
  return environment;
}

base::Result<std::vector<Script>> read_scripts(std::string_view text,
                                               const store::Address& address) {
  const Json json = Json::parse(text).value_or(Json());
  base::JsonReader members(json);
  std::vector<Script> scripts;
  for (const Json& script : members.array("scripts")) {
    base::JsonReader parts(script);
    scripts.push_back({parts.text("package"), parts.text("name"), parts.text("stands_in")});
    members.require(parts.good(), "scripts");
  }
  if (!members.good()) return damaged(address);
  return scripts;
}

}  // namespace ccci::environment
