// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/fd.hpp"

namespace ccci::tests {

// Accepts connections and sends `step` bytes now and then, at most 50 times a second.
class SlowServer {
 public:
  static constexpr std::size_t length = 100000;  // of every file that it has

  explicit SlowServer(std::size_t step) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_.get(), 8);
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, step] { serve(step); });
  }
  ~SlowServer() {
    over_ = true;
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string uri() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void serve(std::size_t step) {
    std::vector<base::Fd> clients;
    std::string left = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n" +
                       std::string(length, 'x');
    while (!over_) {
      if (clients.empty()) {
        base::Fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client) clients.push_back(std::move(client));
        continue;
      }
      if (step != 0) {
        static_cast<void>(
            send(clients.back().get(), left.data(), std::min(step, left.size()), MSG_NOSIGNAL));
        left.erase(0, step);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  base::Fd socket_;
  unsigned port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace ccci::tests
