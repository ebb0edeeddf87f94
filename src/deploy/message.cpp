// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/message.hpp"

#include <charconv>

#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "deploy/frame.hpp"
#include "deploy/manifest.hpp"

namespace ccci::deploy {

namespace {

constexpr int deepest_json = 16;
constexpr std::size_t longest_text = 16'384;
constexpr std::size_t most_errors = 100;

base::Error bad(std::string_view message, std::string_view cause) {
  return base::fail("deploy.message").with("message", message).with("cause", cause);
}

base::JsonReader members_of(const base::Json& json) { return base::JsonReader(json, longest_text); }

base::Result<void> end(const base::JsonReader& members, std::string_view message) {
  if (members.good()) return {};
  return base::unexpected(bad(message, members.fault()));
}

std::string shortened(std::string_view text) { return std::string(text.substr(0, longest_text)); }

// The condition of a received error. Only these codes are treated differently on this side.
base::Condition condition_of(std::string_view code) {
  if (code == "deploy.ended") return base::Condition::ended;
  if (code == "deploy.quiet") return base::Condition::silent;
  return base::Condition::none;
}

base::Error error_from(const base::Json& json, std::size_t& budget) {
  base::JsonReader members = members_of(json);
  base::Error error;
  error.code = members.text("code");
  error.condition = condition_of(error.code);
  const base::Json& fields = members.object("fields");
  const base::Json& also = members.array("also");
  if (!members.good()) return bad("failed", members.fault());
  for (const auto& [name, value] : fields.items()) {
    if (const std::string* const text = value.text()) {
      error = std::move(error).with(shortened(name), shortened(*text));
    }
  }
  for (const base::Json& other : also) {
    if (budget == 0) break;
    --budget;
    error.also.push_back(error_from(other, budget));
  }
  return error;
}

}  // namespace

base::Result<base::Json> parse(std::string_view text, std::string_view message) {
  auto json = base::Json::parse(text, deepest_json);
  if (json) return std::move(*json);
  const bool too_deep = json.error() == base::Json::Fault::too_deep;
  return base::unexpected(bad(message, too_deep ? "nested too deeply" : "not JSON"));
}

std::string write(const Hello& hello) {
  return base::Json{{"version", hello.version}, {"host", hello.host},
                    {"state", hello.state},     {"file", hello.file},
                    {"project", hello.project}, {"system", hello.system},
                    {"digest", hello.digest},   {"dry", hello.dry}}
      .dump();
}

base::Result<Hello> read_hello(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "hello"));
  base::JsonReader members = members_of(json);
  Hello hello;
  hello.version = members.text("version");
  hello.host = members.text("host");
  hello.state = members.text("state");
  hello.file = members.text("file");
  hello.project = members.text("project");
  hello.system = members.text("system");
  hello.digest = members.text("digest");
  hello.dry = members.yes("dry");
  members.require(is_project_hash(hello.project), "project");
  members.require(is_sha256(hello.digest), "digest");
  const bool plain = !hello.file.empty() && hello.file != "." && hello.file != ".." &&
                     hello.file.find_first_of(std::string_view("/\0", 2)) == std::string::npos;
  members.require(plain, "file");
  CCCI_CHECK(end(members, "hello"));
  return hello;
}

bool runs(const Active& active, std::string_view system, std::string_view digest) {
  return active.number != 0 && active.number == active.confirmed && active.system == system &&
         active.digest == digest;
}

base::Json to_json(const Active& active) {
  return {{"number", active.number},
          {"confirmed", active.confirmed},
          {"system", active.system},
          {"digest", active.digest},
          {"project", active.project}};
}

base::Result<Active> active_from(const base::Json& json) {
  base::JsonReader members = members_of(json);
  Active active;
  active.number = members.number("number");
  active.confirmed = members.number("confirmed");
  active.system = members.text("system");
  active.digest = members.text("digest");
  active.project = members.text("project");
  CCCI_CHECK(end(members, "active"));
  return active;
}

std::string write(const Ready& ready) {
  return base::Json{
      {"version", ready.version}, {"project", ready.project}, {"active", to_json(ready.active)}}
      .dump();
}

base::Result<Ready> read_ready(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "ready"));
  base::JsonReader members = members_of(json);
  Ready ready;
  ready.version = members.text("version");
  ready.project = members.yes("project");
  const base::Json* active = members.find("active");
  CCCI_CHECK(end(members, "ready"));
  CCCI_TRY(ready.active, active_from(*active));
  return ready;
}

std::string write(const Done& done) {
  return base::Json{{"system", done.system},
                    {"digest", done.digest},
                    {"project", done.project},
                    {"current", done.current}}
      .dump();
}

base::Result<Done> read_done(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "done"));
  base::JsonReader members = members_of(json);
  Done done{members.text("system"), members.text("digest"), members.text("project"),
            members.yes("current")};
  CCCI_CHECK(end(members, "done"));
  return done;
}

base::Json error_json(const base::Error& error) {
  base::Json fields = base::Json::object();
  for (const base::Field& field : error.fields) {
    fields[shortened(field.name)] = base::printable(shortened(field.value));
  }
  base::Json also = base::Json::array();
  for (const base::Error& other : error.also) {
    if (also.size() == most_errors) break;
    also.push_back(error_json(other));
  }
  return {{"code", error.code}, {"fields", std::move(fields)}, {"also", std::move(also)}};
}

std::string write(const base::Error& error) {
  std::string text = error_json(error).dump();
  if (text.size() <= largest(FrameKind::failed).value()) return text;
  base::Error first = error;
  first.also.clear();
  return error_json(first).dump().substr(0, largest(FrameKind::failed).value());
}

base::Error read_error(std::string_view text) {
  auto json = parse(text, "failed");
  if (!json) return std::move(json).error();
  std::size_t budget = most_errors;
  return error_from(*json, budget);
}

std::string write_wanted(const std::vector<std::string>& digests) {
  std::string text;
  for (const std::string& digest : digests) text += digest + "\n";
  return text;
}

base::Result<std::vector<std::string>> read_wanted(std::string_view text, std::size_t most) {
  std::vector<std::string> digests;
  constexpr std::size_t line = 65;
  if (text.size() % line != 0) return base::unexpected(bad("want", "its length"));
  if (text.size() / line > most) return base::unexpected(bad("want", "too many"));
  for (; !text.empty(); text.remove_prefix(line)) {
    if (text[line - 1] != '\n' || !is_sha256(text.substr(0, line - 1))) {
      return base::unexpected(bad("want", "not a digest"));
    }
    digests.emplace_back(text.substr(0, line - 1));
  }
  return digests;
}

std::string write(const BlobHead& head) {
  return head.sha256 + " " + std::to_string(head.size) + "\n";
}

base::Result<BlobHead> read_blob_head(std::string_view text) {
  constexpr std::size_t digits = 64;
  BlobHead head;
  if (text.size() > digits + 2 && text.back() == '\n' && text[digits] == ' ') {
    const char* const end = text.data() + text.size() - 1;
    const auto [stop, error] = std::from_chars(text.data() + digits + 1, end, head.size);
    head.sha256 = text.substr(0, digits);
    if (error == std::errc() && stop == end && is_sha256(head.sha256)) return head;
  }
  return base::unexpected(bad("blob", "not a digest and a size"));
}

}  // namespace ccci::deploy
