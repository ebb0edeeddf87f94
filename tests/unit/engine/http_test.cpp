// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/http.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/fd.hpp"
#include "engine/api.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::engine {
namespace {

using testing::HasSubstr;

// Accepts connections one after the other. Reads a request until `until` is in it, then writes the
// next answer and closes.
class Server {
 public:
  explicit Server(std::vector<std::string> answers, std::string until = "\r\n\r\n")
      : until_(std::move(until)) {
    std::filesystem::create_directories(path().parent_path());
    listening_ = base::Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().native().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listening_.get(), 8), 0);
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const std::string& answer : answers) serve(answer);
    });
  }
  ~Server() { thread_.join(); }

  std::filesystem::path path() const { return scratch_ / "engine.sock"; }
  const std::string& requests() {
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return requests_;
  }

 private:
  void serve(const std::string& answer) {
    const base::Fd fd(accept(listening_.get(), nullptr, nullptr));
    std::string request;
    std::array<char, 4096> block{};
    while (request.find(until_) == std::string::npos) {
      const ssize_t size = read(fd.get(), block.data(), block.size());
      if (size <= 0) break;
      request.append(block.data(), static_cast<std::size_t>(size));
    }
    requests_ += request;
    static_cast<void>(!send(fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
    // Nothing more comes, but the connection stays open until the client has closed it.
    if (answer.empty()) static_cast<void>(!read(fd.get(), block.data(), 1));
  }

  test::Scratch scratch_;
  std::string until_;
  std::string requests_;
  base::Fd listening_;
  std::thread thread_;
};

Request to(const std::string& target) {
  Request request;
  request.target = target;
  return request;
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr const char* versions = R"({"ApiVersion":"1.41","MinAPIVersion":"1.12"})";
constexpr const char* chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n";

TEST(Http, reads_a_body_of_known_length) {
  Server server({ok("{}")});
  const auto answer = exchange(server.path(), to("/x"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "{}");
  EXPECT_EQ(answer->api_version, "1.41");
  EXPECT_THAT(server.requests(), testing::StartsWith("GET /x HTTP/1.1\r\n"));
}

TEST(Http, sends_and_reads_headers) {
  Server server({ok("{}")});
  Request request = to("/");
  request.host = "a.example";
  request.headers = {{"X-One", "1"}};
  const auto answer = exchange(server.path(), request);
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->headers, testing::Contains(Header{"Api-Version", "1.41"}));
  EXPECT_THAT(server.requests(), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(server.requests(), HasSubstr("X-One: 1\r\n"));
}

TEST(Http, asks_for_another_protocol) {
  Server server(
      {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
       "Connection: Upgrade\r\n\r\n"});
  Request request = to("/");
  request.headers = {{"Connection", "Upgrade"}, {"Upgrade", "websocket"}};
  const auto answer = exchange(server.path(), request);
  ASSERT_TRUE(answer) << answer.error().code;
  EXPECT_EQ(answer->status, 101U);
  EXPECT_THAT(server.requests(), HasSubstr("Connection: Upgrade\r\n"));
  EXPECT_THAT(server.requests(), testing::Not(HasSubstr("close")));
}

TEST(Http, reads_chunks_and_bodies_that_end_with_the_connection) {
  Server server({chunked, "HTTP/1.1 200 OK\r\n\r\nraw to the end"});
  EXPECT_EQ(exchange(server.path(), to("/"))->body, "abcdefgh");
  EXPECT_EQ(exchange(server.path(), to("/"))->body, "raw to the end");
}

TEST(Http, gives_pieces_to_a_sink_until_it_has_enough) {
  Server server({chunked});
  Request request;
  std::string seen;
  request.sink = [&](std::string_view piece) {
    seen += piece;
    return false;
  };
  ASSERT_TRUE(exchange(server.path(), request));
  EXPECT_THAT(seen, testing::StartsWith("abc"));
}

TEST(Http, sends_a_body_in_pieces) {
  Server server({ok("{}")}, "0\r\n\r\n");
  Request request;
  request.method = "POST";
  request.target = "/images/load";
  std::vector<std::string> pieces{"one", "second"};
  request.source = [&, next = std::size_t{0}]() mutable -> base::Result<std::string> {
    return next < pieces.size() ? pieces[next++] : std::string();
  };
  const auto answer = exchange(server.path(), request);
  ASSERT_TRUE(answer) << answer.error().field("problem");
  EXPECT_THAT(server.requests(), HasSubstr("\r\n\r\n3\r\none\r\n6\r\nsecond\r\n0\r\n\r\n"));
}

TEST(Http, has_a_deadline) {
  Server server({""});
  Request request = to("/x");
  request.deadline = std::chrono::milliseconds(50);
  const auto answer = exchange(server.path(), request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "engine.silent");
  EXPECT_TRUE(answer.error().is(base::Condition::silent));
}

// Answers one request with `begin`, then with `piece` again and again until nobody reads any more.
// An empty piece: the connection stays open.
class Endless {
 public:
  Endless(const std::string& begin, const std::string& piece)
      : listening_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().native().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listening_.get(), 1), 0);
    thread_ = std::thread([this, begin, piece] {
      const base::Fd fd(accept(listening_.get(), nullptr, nullptr));
      std::array<char, 4096> block{};
      for (std::string request; request.find("\r\n\r\n") == std::string::npos;) {
        const ssize_t size = read(fd.get(), block.data(), block.size());
        if (size <= 0) break;
        request.append(block.data(), static_cast<std::size_t>(size));
      }
      static_cast<void>(!send(fd.get(), begin.data(), begin.size(), MSG_NOSIGNAL));
      if (piece.empty()) static_cast<void>(!read(fd.get(), block.data(), 1));
      while (!piece.empty() && send(fd.get(), piece.data(), piece.size(), MSG_NOSIGNAL) > 0) {
      }
    });
  }
  ~Endless() { thread_.join(); }

  std::filesystem::path path() const { return scratch_ / "endless.sock"; }

 private:
  test::Scratch scratch_;
  base::Fd listening_;
  std::thread thread_;
};

constexpr const char* endless = "HTTP/1.1 200 OK\r\n\r\n";

TEST(Http, has_a_deadline_for_an_answer_that_never_pauses) {
  Endless server(endless, std::string(64U << 10U, 'x'));
  Request request = to("/x");
  request.deadline = std::chrono::milliseconds(300);
  std::size_t pieces = 0;
  request.sink = [&](std::string_view) {
    usleep(2000);  // so there is always more to read
    return ++pieces < 2000;
  };
  const auto answer = exchange(server.path(), request);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().is(base::Condition::silent));
  EXPECT_LT(pieces, 1000U);
}

TEST(Http, takes_an_answer_that_is_cut_if_it_may) {
  Endless server(std::string(endless) + "abc", "");
  Request request = to("/x");
  request.deadline = std::chrono::milliseconds(100);
  request.may_be_cut = true;
  const auto answer = exchange(server.path(), request);
  ASSERT_TRUE(answer) << answer.error().code;
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "abc");
  EXPECT_TRUE(answer->cut);
}

TEST(Http, a_guard_ends_what_waits_and_what_never_pauses) {
  for (const bool pauses : {true, false}) {
    Endless server(endless, pauses ? "" : std::string(64U << 10U, 'x'));
    Request request = to("/x");
    int asked = 0;
    request.guard = [&]() -> base::Result<void> {
      if (++asked < 2) return {};
      return base::unexpected(base::fail("test.stop", base::Condition::interrupted));
    };
    request.sink = [&](std::string_view) { return true; };
    const auto answer = exchange(server.path(), request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, "test.stop");
    EXPECT_EQ(asked, 2);
  }
}

TEST(Http, limits_the_answer) {
  Server server({ok(std::string(5000, 'x'))});
  Request request = to("/x");
  request.largest = 4096;
  const auto answer = exchange(server.path(), request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "engine.too-large");
}

TEST(Http, tells_a_broken_answer) {
  Server server({"no HTTP at all\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"});
  EXPECT_EQ(exchange(server.path(), to("/")).error().code, "engine.broken");
  EXPECT_EQ(exchange(server.path(), to("/")).error().code, "engine.broken");
}

TEST(Http, tells_that_nothing_listens) {
  test::Scratch scratch;
  const auto answer = exchange(scratch / "none.sock", to("/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "engine.unreachable");
  EXPECT_TRUE(answer.error().is(std::errc::no_such_file_or_directory));
}

TEST(Api, names_the_version_in_each_call_and_escapes_values) {
  Server server({ok(versions), ok("[]")});
  const auto api = Api::connect(server.path());
  ASSERT_TRUE(api);
  ASSERT_TRUE(api->get("/services", {{"filters", filters({{"label", {"a=b c"}}})}}));
  EXPECT_THAT(server.requests(),
              HasSubstr("GET /v1.41/services?filters=%7B%22label%22%3A%5B%22a%3Db%20c%22%5D%7D "));
}

TEST(Api, has_the_words_of_the_engine_in_its_errors) {
  const std::string body = R"({"message":"No such image: x"})";
  Server server({ok(versions),
                 "HTTP/1.1 404 Not Found\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body,
                 "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ok("no json")});
  const auto api = Api::connect(server.path());
  const auto answer = api->get("/images/x/json");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "engine.refused");
  EXPECT_EQ(answer.error().field("status"), "404");
  EXPECT_EQ(answer.error().field("problem"), "No such image: x");
  EXPECT_EQ(*api->find("/images/x/json"), std::nullopt);
  EXPECT_EQ(api->get("/info").error().code, "engine.not-json");
}

}  // namespace
}  // namespace ccci::engine
