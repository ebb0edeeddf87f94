// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/api.hpp"

#include <array>

#include "base/text.hpp"
#include "base/url.hpp"

namespace ccci::engine {

namespace {

constexpr unsigned first_refusal = 400;
constexpr unsigned not_found = 404;
constexpr std::size_t longest_problem = 4096;
constexpr int deepest_answer = 64;

// {"message": "No such image: …"}; a proxy in between may say something else.
std::string problem_of(const Response& response) {
  const auto json = base::Json::parse(response.body);
  std::string text = json ? (*json)["message"].text_or_empty() : response.body;
  if (text.empty()) text = response.body;
  if (text.size() > longest_problem) text.resize(longest_problem);
  return std::string(base::trim(text));
}

base::Error refusal(const Request& request, const Response& response) {
  const auto condition =
      response.status == not_found ? base::Condition::not_found : base::Condition::refused;
  return base::fail("engine.refused", condition)
      .with("call", request.method + " " + request.target.substr(0, request.target.find('?')))
      .with("status", response.status)
      .with("problem", problem_of(response));
}

base::Result<base::Json> json_of(const Request& request, const Response& response) {
  if (response.body.empty()) return base::Json();
  auto json = base::Json::parse(response.body, deepest_answer);
  if (json) return std::move(*json);
  return base::unexpected(
      base::fail("engine.not-json").with("call", request.method + " " + request.target));
}

}  // namespace

std::string filters(const std::map<std::string, std::vector<std::string>>& wanted) {
  base::Json json = base::Json::object();
  for (const auto& [name, values] : wanted) {
    base::Json list = base::Json::array();
    for (const std::string& value : values) list.push_back(value);
    json[name] = std::move(list);
  }
  return json.dump();
}

base::Result<Api> Api::connect(const std::filesystem::path& socket,
                               std::chrono::milliseconds deadline) {
  Api api(socket);
  Request request;
  // Without a version in the path every engine answers, also one that refuses the version 1.41.
  request.target = "/version";
  request.deadline = deadline;
  CCCI_TRY(const Response response, exchange(socket, request));
  if (response.status >= first_refusal) return base::unexpected(refusal(request, response));
  CCCI_TRY(const base::Json json, json_of(request, response));
  CCCI_TRY(api.version_,
           negotiate(json["ApiVersion"].text_or_empty(), json["MinAPIVersion"].text_or_empty()));
  return api;
}

base::Result<Response> Api::call(Request request, const Query& query) const {
  request.target = "/v" + version_.text() + request.target;
  char separator = '?';
  for (const auto& [name, value] : query) {
    request.target += separator + base::percent_encoded(name) + "=" + base::percent_encoded(value);
    separator = '&';
  }
  CCCI_TRY(Response response, exchange(socket_, request));
  if (response.status >= first_refusal) return base::unexpected(refusal(request, response));
  return response;
}

base::Result<base::Json> Api::get(const std::string& path, const Query& query) const {
  Request request;
  request.target = path;
  CCCI_TRY(const Response response, call(request, query));
  return json_of(request, response);
}

base::Result<base::Json> Api::post(const std::string& path, const base::Json& body,
                                   const Query& query) const {
  Request request;
  request.method = "POST";
  request.target = path;
  if (!body.is_null()) {
    request.content_type = "application/json";
    request.body = body.dump();
  }
  CCCI_TRY(const Response response, call(request, query));
  return json_of(request, response);
}

base::Result<void> Api::remove(const std::string& path, const Query& query,
                               std::chrono::milliseconds deadline) const {
  Request request;
  request.deadline = deadline;
  request.method = "DELETE";
  request.target = path;
  CCCI_CHECK(call(request, query));
  return {};
}

base::Result<std::optional<base::Json>> Api::find(const std::string& path) const {
  auto found = get(path);
  if (found) return std::optional<base::Json>(std::move(*found));
  if (found.error().is(base::Condition::not_found)) return std::nullopt;
  return base::unexpected(std::move(found).error());
}

base::Result<void> Api::begin_swarm() const {
  CCCI_CHECK(post("/swarm/init",
                  base::Json{{"ListenAddr", "127.0.0.1:2377"}, {"AdvertiseAddr", "127.0.0.1"}}));
  return {};
}

}  // namespace ccci::engine
