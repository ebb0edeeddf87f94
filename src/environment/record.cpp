// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/record.hpp"

#include <nlohmann/json.hpp>

namespace ccci::environment {

using base::Json;

namespace {

constexpr int record_schema = 1;

// nlohmann would make a whole number of 1e78 too, which no machine defines.
std::uint64_t whole(const Json& number) { return number.get_ref<const Json::number_unsigned_t&>(); }

Json commands_to_json(const std::vector<Command>& commands) {
  Json list = Json::array();
  for (const Command& command : commands) {
    list.push_back(
        {{"name", command.name}, {"target", command.target}, {"package", command.package}});
  }
  return list;
}

Exposed exposed_from_json(const Json& json) {
  Exposed exposed;
  exposed.tool = json.at("tool");
  exposed.package = json.at("package");
  exposed.version = json.at("version");
  exposed.directory = json.at("directory");
  for (const Json& command : json.at("commands")) {
    exposed.commands.push_back({command.at("name"), command.at("target"), command.at("package")});
  }
  return exposed;
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
            {"etc", environment.etc},
            {"exposed", Json::array()}};
  for (const Exposed& exposed : environment.exposed) {
    json["exposed"].push_back({{"tool", exposed.tool},
                               {"package", exposed.package},
                               {"version", exposed.version},
                               {"directory", exposed.directory},
                               {"commands", commands_to_json(exposed.commands)}});
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
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
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Result<Environment> read_record(std::string_view text, const store::Address& address) {
  // nlohmann reports through exceptions only; they end here.
  try {
    const Json json = Json::parse(text);
    if (json.at("schema") != record_schema || json.at("hash") != address.hash) {
      return base::unexpected(base::fail("environment.record").with("object", address.directory()));
    }
    Environment environment;
    environment.address = address;
    environment.set = json.at("set");
    environment.digest = json.at("digest");
    environment.bytes = whole(json.at("bytes"));
    environment.entries = whole(json.at("entries"));
    environment.variables = json.at("variables").get<std::map<std::string, std::string>>();
    environment.etc = json.at("etc").get<std::vector<std::string>>();
    for (const Json& exposed : json.at("exposed")) {
      environment.exposed.push_back(exposed_from_json(exposed));
    }
    return environment;
  } catch (const Json::exception&) {
    return base::unexpected(base::fail("environment.record").with("object", address.directory()));
  }
}

base::Result<std::vector<Script>> read_scripts(std::string_view text,
                                               const store::Address& address) {
  try {
    const Json json = Json::parse(text);
    std::vector<Script> scripts;
    for (const Json& script : json.at("scripts")) {
      scripts.push_back({script.at("package"), script.at("name"), script.at("stands_in")});
    }
    return scripts;
  } catch (const Json::exception&) {
    return base::unexpected(base::fail("environment.record").with("object", address.directory()));
  }
}

}  // namespace ccci::environment
