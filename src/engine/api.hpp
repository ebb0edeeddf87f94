// SPDX-License-Identifier: GPL-3.0-or-later
// The Engine API of Docker on a Unix socket. This file has what all objects of the engine share;
// images.hpp, containers.hpp and services.hpp have the calls by object. Every call has a deadline
// and a limit on the answer. An error carries the engine's own message and status.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "engine/http.hpp"
#include "engine/version.hpp"

namespace ccci::engine {

// Sorted by name; the values are not escaped yet.
using Query = std::map<std::string, std::string>;

// Filters of the API: {"label": ["a=b"]} as text.
std::string filters(const std::map<std::string, std::vector<std::string>>& wanted);
class Api {
 public:
  // Asks the engine for its versions. [engine.unreachable], [engine.version]
  static base::Result<Api> connect(const std::filesystem::path& socket,
                                   std::chrono::milliseconds deadline = std::chrono::seconds(10));

  const std::filesystem::path& socket() const { return socket_; }
  ApiVersion version() const { return version_; }

  // The answer of an engine that accepts the call (status below 400). `path` begins with '/' and is
  // escaped. [engine.refused] with the engine's `problem` and the HTTP status as `status`;
  // Condition::not_found for 404, otherwise Condition::refused. [engine.not-json] and the errors of
  // exchange().
  base::Result<base::Json> get(const std::string& path, const Query& query = {}) const;
  base::Result<base::Json> post(const std::string& path, const base::Json& body,
                                const Query& query = {}) const;
  base::Result<void> remove(const std::string& path, const Query& query = {},
                            std::chrono::milliseconds deadline = Request().deadline) const;
  // Nothing if the engine does not have it (404).
  base::Result<std::optional<base::Json>> find(const std::string& path) const;
  // The same for a call with other bodies than JSON. request.target is a path as above.
  base::Result<Response> call(Request request, const Query& query = {}) const;

  // Object `info` of the engine: version, cgroups, swarm.
  base::Result<base::Json> info() const { return get("/info"); }
  // Makes the engine a swarm of one node on the loopback device.
  base::Result<void> begin_swarm() const;

 private:
  explicit Api(std::filesystem::path socket) : socket_(std::move(socket)) {}

  std::filesystem::path socket_;
  ApiVersion version_ = oldest_api;
};

}  // namespace ccci::engine
