// SPDX-License-Identifier: GPL-3.0-or-later
// Mirrors that send nothing, trickle or have no end, and records that cannot be read.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "source/debian/catalogue.hpp"
#include "source/debian/setup.hpp"
#include "source/mirror_path.hpp"
#include "tests/unit/source/archive_fixture.hpp"

namespace ccci::source::debian {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

class Mirror : public ArchiveTest {
 protected:
  Mirror() {
    mirror.add({.name = "git"});
    mirror.publish(key);
    machine.patience = 1500ms;
  }
  std::filesystem::path release() const {
    return directory.path() / "mirror/dists/stable/InRelease";
  }
  std::string outcome() {
    const auto began = std::chrono::steady_clock::now();
    const auto answer = resolve(query({"git"}));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
    return answer ? "resolved" : describe(answer.error());
  }
};

TEST_F(Mirror, AnIndexWithoutAnEndIsStopped) {
  std::filesystem::remove(release());
  std::filesystem::create_symlink("/dev/zero", release());
  EXPECT_THAT(outcome(), StartsWith("source.not-a-file"));
  // The same as a file with a hole: it has a size, which is far too large.
  std::filesystem::remove(release());
  std::ofstream(release()) << "x";
  std::filesystem::resize_file(release(), 1ULL << 40U);
  EXPECT_THAT(outcome(), StartsWith("source.endless"));
  std::uintmax_t bytes = 0;
  for (const auto& file :
       std::filesystem::recursive_directory_iterator(directory.path() / "state")) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  EXPECT_LT(bytes, 4ULL << 30U);
}

TEST_F(Mirror, AFifoInTheMirrorIsNotWaitedFor) {
  std::filesystem::remove(release());
  ASSERT_EQ(mkfifo(release().c_str(), 0644), 0);
  EXPECT_THAT(outcome(), StartsWith("source.not-a-file"));
}

TEST_F(Mirror, AFifoInThePoolIsNotWaitedFor) {
  const auto answer = resolve(query({"git"}));
  ASSERT_TRUE(answer);
  std::filesystem::remove(mirror.pool("git", "1"));
  ASSERT_EQ(mkfifo(mirror.pool("git", "1").c_str(), 0644), 0);
  const auto fetched = fetch(*answer);
  ASSERT_FALSE(fetched);
  EXPECT_THAT(describe(fetched.error()), StartsWith("source.not-a-file"));
}

// Accepts connections and sends one byte now and then, or nothing.
class SlowServer {
 public:
  explicit SlowServer(bool trickles) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(socket_.get(), 8);
    getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, trickles] { serve(trickles); });
  }
  ~SlowServer() {
    over_ = true;
    shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  std::string uri() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  void serve(bool trickles) {
    std::vector<base::Fd> clients;
    std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    std::size_t sent = 0;
    while (!over_) {
      if (clients.empty()) {
        base::Fd client(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (client) clients.push_back(std::move(client));
        continue;
      }
      const char byte = sent < head.size() ? head[sent] : 'x';
      ++sent;
      if (trickles) {
        static_cast<void>(send(clients.back().get(), &byte, 1, MSG_NOSIGNAL));
      }
      std::this_thread::sleep_for(20ms);
    }
  }

  base::Fd socket_;
  unsigned port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

TEST_F(Mirror, ASilentOneAndATricklingOneAreGivenUp) {
  for (const bool trickles : {false, true}) {
    const SlowServer server(trickles);
    sources("deb [signed-by=" + key.keyring() + "] " + server.uri() + " stable main\n");
    const std::string told = outcome();
    EXPECT_THAT(told, StartsWith("source.silent")) << trickles;
    EXPECT_THAT(told, HasSubstr(server.uri())) << trickles;
  }
}

// libapt keeps the record that it read before, so another package's digest would be locked.
TEST_F(Mirror, ARecordThatCannotBeReadIsNotTheOneBefore) {
  // libapt reads ahead, so what is asked must be far behind what was read.
  for (int i = 0; i < 60; ++i) {
    mirror.add({.name = "filler" + std::to_string(i),
                .fields = "X-Filler: " + std::string(500, 'x') + "\n"});
  }
  mirror.add({.name = "zebra"});
  mirror.publish(key);
  ASSERT_EQ(outcome(), "resolved");
  const Surroundings surroundings;
  ASSERT_TRUE(configure(directory.path() / "state/apt", machine));
  auto opened = Catalogue::open({}, kept);
  ASSERT_TRUE(opened) << describe(opened.error());
  Catalogue& catalogue = **opened;
  ASSERT_TRUE(catalogue.describe(catalogue.candidate("base")));
  const auto lists = directory.path() / "state/apt/state/lists";
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (!file.path().native().ends_with("_Packages")) continue;
    std::string text = tests::read(file.path());
    const std::size_t at = text.find("Package: zebra");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 14, "Package: zebru");
    std::fstream(file.path(), std::ios::in | std::ios::out | std::ios::binary) << text;
  }
  const auto renamed = catalogue.describe(catalogue.candidate("zebra"));
  ASSERT_FALSE(renamed);
  EXPECT_EQ(describe(renamed.error()), "source.bad-record name=zebra 1");
  for (const auto& file : std::filesystem::directory_iterator(lists)) {
    if (file.path().native().ends_with("_Packages")) std::filesystem::resize_file(file.path(), 0);
  }
  EXPECT_FALSE(catalogue.describe(catalogue.candidate("filler30")));
}

TEST(MirrorPath, StaysBelowTheMirror) {
  EXPECT_TRUE(is_mirror_path("pool/main/g/git/git_1.deb"));
  EXPECT_TRUE(is_mirror_path("./git_1.deb"));
  for (const char* path : {"", "/etc/shadow", "../x", "pool/../../x", "a/..", "%2e%2e/x", "a b"}) {
    EXPECT_FALSE(is_mirror_path(path)) << path;
  }
}

}  // namespace
}  // namespace ccci::source::debian
