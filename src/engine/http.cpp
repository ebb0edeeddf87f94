// SPDX-License-Identifier: GPL-3.0-or-later
// The only file that includes Boost: Beast costs seconds of compile time. Beast writes and parses
// HTTP here; connection, waiting and deadlines are ours, because Asio's blocking calls have none.
#include "engine/http.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <limits>
#include <optional>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::engine {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Deadline = std::chrono::steady_clock::time_point;

constexpr std::uint64_t largest_refusal = 64U << 10U;
constexpr std::uint32_t largest_header = 64U << 10U;
constexpr std::size_t block_size = 64U << 10U;
constexpr std::chrono::milliseconds between_looks{250};
constexpr std::chrono::milliseconds longest_wait{60'000};

boost::system::error_code from_errno(int number) {
  return {number, boost::system::system_category()};
}

// Beast's SyncStream over a non-blocking socket. It ends at the deadline, with ETIMEDOUT, also if
// the other side never lets it wait; and with ECANCELED if the guard has an error.
class Stream {
 public:
  Stream(int fd, Deadline deadline, const Guard& guard)
      : fd_(fd), deadline_(deadline), guard_(guard) {}

  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers, boost::system::error_code& error) {
    return transfer(buffers, error, POLLIN);
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    return transfer(buffers, error, POLLOUT);
  }
  // Beast wants these two, but does not call them.
  template <typename Buffers>
  std::size_t read_some(const Buffers& buffers) {
    boost::system::error_code ignored;
    return read_some(buffers, ignored);
  }
  template <typename Buffers>
  std::size_t write_some(const Buffers& buffers) {
    boost::system::error_code ignored;
    return write_some(buffers, ignored);
  }

  // What the guard said.
  const std::optional<base::Error>& why() const { return why_; }

 private:
  boost::system::error_code look() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline_) return from_errno(ETIMEDOUT);
    if (!guard_ || now < next_look_) return {};
    next_look_ = now + between_looks;
    auto good = guard_();
    if (good) return {};
    why_ = std::move(good).error();
    return from_errno(ECANCELED);
  }

  boost::system::error_code wait(short events) {
    for (;;) {
      if (const auto error = look()) return error;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                            deadline_ - std::chrono::steady_clock::now()) +
                        std::chrono::milliseconds(1);
      pollfd waiting{fd_, events, 0};
      const auto longest = std::min(left, guard_ ? between_looks : longest_wait);
      const int ready =
          poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(longest.count(), 0)));
      if (ready > 0) return {};
      if (ready < 0 && errno != EINTR) return from_errno(errno);
    }
  }

  ssize_t once(asio::mutable_buffer piece) const {
    return recv(fd_, piece.data(), piece.size(), 0);
  }
  ssize_t once(asio::const_buffer piece) const {
    return ::send(fd_, piece.data(), piece.size(), MSG_NOSIGNAL);
  }

  // One call of the kernel with the first buffer that is not empty.
  template <typename Buffers>
  std::size_t transfer(const Buffers& buffers, boost::system::error_code& error, short events) {
    error = look();
    if (error) return 0;
    const auto end = asio::buffer_sequence_end(buffers);
    for (auto at = asio::buffer_sequence_begin(buffers); at != end; ++at) {
      const auto piece = *at;
      while (piece.size() > 0) {
        const ssize_t size = once(piece);
        if (size > 0) return static_cast<std::size_t>(size);
        if (size == 0) error = asio::error::eof;
        if (size < 0 && errno == EAGAIN)
          error = wait(events);
        else if (size < 0 && errno != EINTR)
          error = from_errno(errno);
        if (error) return 0;
      }
    }
    return 0;
  }

  int fd_;
  Deadline deadline_;
  const Guard& guard_;
  Deadline next_look_;
  std::optional<base::Error> why_;
};

base::Error failure(const std::filesystem::path& socket, const Request& request,
                    const boost::system::error_code& error) {
  const std::string call =
      request.method + " " + request.target.substr(0, request.target.find('?'));
  if (error == from_errno(ETIMEDOUT)) {
    return base::fail("engine.silent", base::Condition::silent)
        .with("call", call)
        .with("limit",
              base::human_seconds(std::chrono::duration<double>(request.deadline).count()));
  }
  return base::fail("engine.broken", base::Condition::disconnected)
      .with("call", call)
      .with("socket", socket.native())
      .with("problem", error.message());
}

base::Error failure(const std::filesystem::path& socket, const Request& request,
                    const Stream& stream, const boost::system::error_code& error) {
  return stream.why() ? *stream.why() : failure(socket, request, error);
}

// A path may be longer than the 107 bytes of an address: its directory is named by descriptor.
base::Result<base::Fd> connect_to(const std::filesystem::path& socket, const Request& request,
                                  Deadline deadline) {
  const auto unreachable = [&](int number) {
    return base::unexpected(base::fail("engine.unreachable", base::Condition::disconnected)
                                .with("socket", socket.native())
                                .with_errno(number));
  };
  const base::Fd directory(open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return unreachable(errno);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(directory.get()) + "/" + socket.filename().native();
  if (path.size() >= sizeof address.sun_path) return unreachable(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  base::Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return unreachable(errno);
  // EAGAIN: the queue of the listening side is full. Such a connection cannot be waited for.
  while (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return unreachable(errno);
    if (std::chrono::steady_clock::now() >= deadline)
      return base::unexpected(failure(socket, request, from_errno(ETIMEDOUT)));
    usleep(5000);
  }
  return fd;
}

template <typename Message>
void set_head(Message& message, const Request& request) {
  message.method_string(request.method);
  message.target(request.target);
  message.version(11);
  message.set(http::field::host, request.host);
  message.set(http::field::connection, "close");
  message.set(http::field::user_agent, "cc-ci");
  if (!request.content_type.empty()) message.set(http::field::content_type, request.content_type);
  for (const Header& header : request.headers) {
    const boost::beast::string_view name(header.name.data(), header.name.size());
    // Two values of this one contradict each other.
    if (beast::iequals(name, "Connection")) message.erase(http::field::connection);
    message.insert(header.name, header.value);
  }
}

// False after an EPIPE: the other side answered before it had read everything.
base::Result<void> send_pieces(Stream& stream, const Request& request,
                               boost::system::error_code& error) {
  http::request<http::buffer_body> message;
  set_head(message, request);
  message.chunked(true);
  message.body().data = nullptr;
  message.body().more = true;
  http::request_serializer<http::buffer_body> writer(message);
  http::write_header(stream, writer, error);
  while (!error) {
    CCCI_TRY(std::string piece, request.source());
    const bool last = piece.empty();
    message.body().data = last ? nullptr : piece.data();
    message.body().size = piece.size();
    message.body().more = !last;
    http::write(stream, writer, error);
    if (error == http::error::need_buffer) error = {};
    if (last) break;
  }
  return {};
}

base::Result<void> send(const std::filesystem::path& socket, Stream& stream,
                        const Request& request) {
  boost::system::error_code error;
  if (request.source) {
    CCCI_CHECK(send_pieces(stream, request, error));
  } else {
    http::request<http::string_body> message;
    set_head(message, request);
    message.body() = request.body;
    message.prepare_payload();
    http::write(stream, message, error);
  }
  // The engine may refuse an upload and close before it has read all of it: the answer says why.
  if (error == from_errno(EPIPE) || error == from_errno(ECONNRESET)) error = {};
  if (error) return base::unexpected(failure(socket, request, stream, error));
  return {};
}

// False: the sink wants no more.
base::Result<bool> take(const Request& request, std::string_view piece, Response& response) {
  if (request.sink && response.status < 300) return request.sink(piece);
  const std::uint64_t largest = response.status < 300 ? request.largest : largest_refusal;
  if (response.body.size() + piece.size() > largest) {
    if (response.status >= 300) return false;
    return base::unexpected(base::fail("engine.too-large", base::Condition::too_large)
                                .with("call", request.method + " " + request.target)
                                .with("limit", base::human_bytes(largest)));
  }
  response.body += piece;
  return true;
}

base::Result<Response> receive(const std::filesystem::path& socket, Stream& stream,
                               const Request& request) {
  boost::system::error_code error;
  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  parser.header_limit(largest_header);
  http::read_header(stream, buffer, parser, error);
  if (error) return base::unexpected(failure(socket, request, stream, error));
  const auto text = [](beast::string_view view) { return std::string(view.data(), view.size()); };
  Response response;
  response.status = parser.get().result_int();
  response.content_type = text(parser.get()[http::field::content_type]);
  response.api_version = text(parser.get()["Api-Version"]);
  response.path_stat = text(parser.get()["X-Docker-Container-Path-Stat"]);
  for (const auto& field : parser.get())
    response.headers.push_back({text(field.name_string()), text(field.value())});
  if (request.method == "HEAD") return response;
  std::vector<char> block(block_size);
  while (!parser.is_done()) {
    parser.get().body().data = block.data();
    parser.get().body().size = block.size();
    http::read_some(stream, buffer, parser, error);
    if (error == http::error::need_buffer) error = {};
    response.cut = error == from_errno(ETIMEDOUT) && request.may_be_cut;
    if (response.cut) return response;
    if (error) return base::unexpected(failure(socket, request, stream, error));
    const std::size_t size = block.size() - parser.get().body().size;
    if (size == 0) continue;
    CCCI_TRY(const bool more, take(request, {block.data(), size}, response));
    if (!more) return response;
  }
  return response;
}

}  // namespace

base::Result<Response> exchange(const std::filesystem::path& socket, const Request& request) {
  const Deadline deadline = std::chrono::steady_clock::now() + request.deadline;
  CCCI_TRY(const base::Fd fd, connect_to(socket, request, deadline));
  Stream stream(fd.get(), deadline, request.guard);
  CCCI_CHECK(send(socket, stream, request));
  return receive(socket, stream, request);
}

}  // namespace ccci::engine
