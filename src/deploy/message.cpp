// SPDX-License-Identifier: GPL-3.0-or-later
#include "deploy/message.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "deploy/frame.hpp"
#include "deploy/manifest.hpp"

namespace ccci::deploy {

namespace {

constexpr int deepest = 16;
constexpr std::size_t longest_text = 16'384;
constexpr std::size_t most_errors = 100;

base::Error bad(std::string_view message, std::string_view cause) {
  return base::fail("deploy.message").with("message", message).with("cause", cause);
}

// Takes members out of an object; the first that is not as it should be is remembered.
class Members {
 public:
  Members(const base::Json& json, std::string_view message) : json_(json), message_(message) {
    if (!json.is_object()) fault_ = "no object";
  }

  std::string text(const char* name) {
    const base::Json* found = find(name);
    if (found == nullptr) return {};
    if (found->is_string() && found->get_ref<const std::string&>().size() <= longest_text) {
      return found->get<std::string>();
    }
    fault_ = name;
    return {};
  }
  std::uint64_t number(const char* name) {
    const base::Json* found = find(name);
    if (found == nullptr) return 0;
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    fault_ = name;
    return 0;
  }
  bool yes(const char* name) {
    const base::Json* found = find(name);
    if (found == nullptr) return false;
    if (found->is_boolean()) return found->get<bool>();
    fault_ = name;
    return false;
  }
  const base::Json* find(const char* name) {
    if (!fault_.empty()) return nullptr;
    const auto found = json_.find(name);
    if (found != json_.end()) return &*found;
    fault_ = std::string("no '") + name + "'";
    return nullptr;
  }
  void require(bool holds, const char* name) {
    if (fault_.empty() && !holds) fault_ = name;
  }

  base::Result<void> end() const {
    if (fault_.empty()) return {};
    return base::unexpected(bad(message_, fault_));
  }

 private:
  const base::Json& json_;
  std::string_view message_;
  std::string fault_;
};

std::string dump(const base::Json& json) {
  return json.dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

std::string shortened(std::string_view text) { return std::string(text.substr(0, longest_text)); }

base::Error error_from(const base::Json& json, std::size_t& budget) {
  Members members(json, "failed");
  base::Error error;
  error.code = members.text("code");
  const base::Json* fields = members.find("fields");
  const base::Json* also = members.find("also");
  members.require(fields != nullptr && fields->is_object(), "fields");
  members.require(also != nullptr && also->is_array(), "also");
  if (auto good = members.end(); !good) return std::move(good).error();
  for (const auto& [name, value] : fields->items()) {
    if (value.is_string()) {
      error = std::move(error).with(shortened(name), shortened(value.get<std::string>()));
    }
  }
  for (const base::Json& other : *also) {
    if (budget == 0) break;
    --budget;
    error.also.push_back(error_from(other, budget));
  }
  return error;
}

}  // namespace

base::Result<base::Json> parse(std::string_view text, std::string_view message) {
  bool too_deep = false;
  const auto watch = [&](int depth, base::Json::parse_event_t, base::Json&) {
    too_deep = too_deep || depth > deepest;
    return !too_deep;
  };
  base::Json json = base::Json::parse(text, watch, false);
  if (too_deep) return base::unexpected(bad(message, "nested too deeply"));
  if (json.is_discarded()) return base::unexpected(bad(message, "not JSON"));
  return json;
}

std::string write(const Hello& hello) {
  return dump({{"version", hello.version},
               {"host", hello.host},
               {"state", hello.state},
               {"file", hello.file},
               {"project", hello.project},
               {"system", hello.system},
               {"digest", hello.digest},
               {"dry", hello.dry}});
}

base::Result<Hello> read_hello(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "hello"));
  Members members(json, "hello");
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
  CCCI_CHECK(members.end());
  return hello;
}

base::Json to_json(const Active& active) {
  return {{"number", active.number},
          {"confirmed", active.confirmed},
          {"system", active.system},
          {"digest", active.digest},
          {"project", active.project}};
}

base::Result<Active> active_from(const base::Json& json) {
  Members members(json, "active");
  Active active;
  active.number = members.number("number");
  active.confirmed = members.number("confirmed");
  active.system = members.text("system");
  active.digest = members.text("digest");
  active.project = members.text("project");
  CCCI_CHECK(members.end());
  return active;
}

std::string write(const Ready& ready) {
  return dump(
      {{"version", ready.version}, {"project", ready.project}, {"active", to_json(ready.active)}});
}

base::Result<Ready> read_ready(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "ready"));
  Members members(json, "ready");
  Ready ready;
  ready.version = members.text("version");
  ready.project = members.yes("project");
  const base::Json* active = members.find("active");
  CCCI_CHECK(members.end());
  CCCI_TRY(ready.active, active_from(*active));
  return ready;
}

std::string write(const Done& done) {
  return dump({{"system", done.system}, {"digest", done.digest}, {"project", done.project}});
}

base::Result<Done> read_done(std::string_view text) {
  CCCI_TRY(const base::Json json, parse(text, "done"));
  Members members(json, "done");
  Done done{members.text("system"), members.text("digest"), members.text("project")};
  CCCI_CHECK(members.end());
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
  std::string text = dump(error_json(error));
  if (text.size() <= largest(FrameKind::failed).value()) return text;
  base::Error first = error;
  first.also.clear();
  return dump(error_json(first)).substr(0, largest(FrameKind::failed).value());
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
