// SPDX-License-Identifier: GPL-3.0-or-later
// One HTTP/1.1 exchange with a service on a Unix socket. Every exchange has a deadline, and the
// answer has a limit: the other side runs images that nobody trusts.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ccci::engine {

// The next piece of a body that is sent in chunks; empty: the end.
using BodySource = std::function<base::Result<std::string>()>;
// Takes a piece of the answer. False: it needs no more, and the connection is closed.
using BodySink = std::function<base::Result<bool>(std::string_view)>;

// Asked again and again while an exchange goes on. An error ends the exchange, and is its error.
using Guard = std::function<base::Result<void>()>;

struct Header {
  std::string name;
  std::string value;

  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method = "GET";
  std::string target;  // path and query
  std::string host = "engine";
  std::vector<Header> headers;  // more of them
  std::string content_type;     // empty: no body, unless `source` is set
  std::string body;
  BodySource source;  // the body instead of `body`
  BodySink sink;      // takes the body of an answer below 300 instead of Response::body
  std::chrono::milliseconds deadline{30'000};  // of the whole exchange
  std::uint64_t largest = 32U << 20U;          // bytes of Response::body
  Guard guard;
  bool may_be_cut = false;  // an answer whose body goes on after the deadline is an answer too
};

struct Response {
  unsigned status = 0;
  std::string content_type;
  std::string api_version;      // header Api-Version
  std::string path_stat;        // header X-Docker-Container-Path-Stat
  std::vector<Header> headers;  // all, as they were sent
  std::string body;
  bool cut = false;  // the body went on after the deadline
};

// One connection for one exchange. An answer of any status is a value. [engine.unreachable] if
// nothing listens, [engine.silent] after the deadline, [engine.broken] if the connection ends too
// early or the answer is no HTTP, [engine.too-large], errors of the guard
base::Result<Response> exchange(const std::filesystem::path& socket, const Request& request);

}  // namespace ccci::engine
