// SPDX-License-Identifier: GPL-3.0-or-later
#include "ingress/visit.hpp"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "base/fd.hpp"
#include "tests/support/scratch.hpp"

namespace ccci::ingress {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string followed(std::string_view from, std::string_view link) {
  const auto to = follow(read_address(from).value_or(Address{}), link);
  return to ? to->text() : "";
}

TEST(Address, IsReadAndWritten) {
  EXPECT_EQ(read_address("HTTPS://A.example:443")->text(), "https://a.example/");
  EXPECT_EQ(read_address("http://a:8080/x?y#z")->text(), "http://a:8080/x?y");
  EXPECT_EQ(read_address("http://a:8080")->name(), "a");
  EXPECT_EQ(read_address("http://a?q")->text(), "http://a/?q");
  for (const char* bad : {"", "a.example", "ftp://a", "https:/a", "https://", "https://a b/",
                          "https://user@a/", "javascript:alert(1)", "https://a\r\nb/"})
    EXPECT_EQ(read_address(bad), std::nullopt) << bad;
}

TEST(Address, LinksAreFollowedAsInABrowser) {
  EXPECT_EQ(followed("https://a/x/y?q", "z"), "https://a/x/z");
  EXPECT_EQ(followed("https://a/x/y?q", "/z?p"), "https://a/z?p");
  EXPECT_EQ(followed("https://a/x/y?q", "?p"), "https://a/x/y?p");
  EXPECT_EQ(followed("https://a/x/y", "../../../z/./w/.."), "https://a/z/");
  EXPECT_EQ(followed("https://a/x", "//b/z"), "https://b/z");
  EXPECT_EQ(followed("http://a/x", "HTTPS://b"), "https://b/");
  EXPECT_EQ(followed("https://a/x", "#part"), "https://a/x");
  EXPECT_EQ(followed("https://a/x", "/a b\r\nHost: c"), "https://a/a%20b%0D%0AHost:%20c");
  EXPECT_EQ(followed("https://a/x", "mailto:me"), "");
  EXPECT_EQ(followed("https://a/x", std::string(9000, 'a')), "");
}

// Answers one request after the other with the next of `answers`. `stays`: and does not close the
// connection.
class Door {
 public:
  Door(const std::filesystem::path& path, std::vector<std::string> answers, bool stays = false)
      : listening_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listening_.get(), 8), 0);
    thread_ = std::thread([this, stays, answers = std::move(answers)] {
      for (const std::string& answer : answers) {
        const base::Fd fd(accept(listening_.get(), nullptr, nullptr));
        std::array<char, 4096> block{};
        for (std::string request; request.find("\r\n\r\n") == std::string::npos;) {
          const ssize_t size = read(fd.get(), block.data(), block.size());
          if (size <= 0) break;
          request.append(block.data(), static_cast<std::size_t>(size));
          requests_.append(block.data(), static_cast<std::size_t>(size));
        }
        static_cast<void>(!send(fd.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
        if (answer.empty() || stays) static_cast<void>(!read(fd.get(), block.data(), 1));
      }
    });
  }
  ~Door() { requests(); }
  const std::string& requests() {
    if (thread_.joinable()) thread_.join();
    return requests_;
  }

 private:
  base::Fd listening_;
  std::string requests_;
  std::thread thread_;
};

std::string page(const std::string& status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class VisitTest : public testing::Test {
 protected:
  Visit to(std::string_view address) {
    Visit visit;
    visit.address = *read_address(address);
    return visit;
  }
  test::Scratch scratch_;
  Doors doors_{scratch_ / "http", scratch_ / "https", {"a.example", "b.example"}};
};

TEST_F(VisitTest, FollowsRedirectsAmongTheNames) {
  Door plain(doors_.plain, {page("301 Moved",
                                 "Location: https://a.example/\r\n"
                                 "X-Cc-Ci-Ingress: to-secure\r\n",
                                 "")});
  Door secure(doors_.secure, {page("302 Found", "Location: //b.example/x\r\n", ""),
                              page("200 OK", "X-A: b\r\n", "hello")});
  const auto answer = visit(doors_, to("http://a.example/"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->origin, Origin::app);
  EXPECT_EQ(answer->header("x-a"), "b");
  EXPECT_EQ(answer->address.text(), "https://b.example/x");
  EXPECT_EQ(answer->redirects.size(), 2U);
  EXPECT_THAT(plain.requests(), HasSubstr("Host: a.example\r\n"));
  EXPECT_THAT(secure.requests(), HasSubstr("GET /x HTTP/1.1\r\nHost: b.example\r\n"));
}

TEST_F(VisitTest, SaysWhereAForeignRedirectLeads) {
  Door secure(doors_.secure, {page("302 Found", "Location: https://other.example/\r\n", ""),
                              page("302 Found", "Location: https://a.example:81/\r\n", "")});
  EXPECT_EQ(visit(doors_, to("https://a.example/"))->leads_to, "https://other.example/");
  EXPECT_EQ(visit(doors_, to("https://a.example/"))->leads_to, "https://a.example:81/");
}

TEST_F(VisitTest, EndsAfterTooManyRedirects) {
  Door secure(doors_.secure, std::vector<std::string>(3, page("302 Found", "Location: /\r\n", "")));
  Visit wanted = to("https://a.example/");
  wanted.most_redirects = 2;
  EXPECT_EQ(visit(doors_, wanted)->leads_to, "https://a.example/");
}

TEST_F(VisitTest, KeepsTheBeginningOfALongPage) {
  Door secure(doors_.secure, {page("200 OK", "", "0123456789"), page("500 No", "", "0123456789"),
                              page("200 OK", "", "0123")});
  Visit wanted = to("https://a.example/");
  wanted.largest = 4;
  const auto good = visit(doors_, wanted);
  EXPECT_EQ(good->body, "0123");
  EXPECT_TRUE(good->truncated);
  const auto bad = visit(doors_, wanted);
  EXPECT_EQ(bad->body, "0123");
  EXPECT_TRUE(bad->truncated);
  EXPECT_FALSE(visit(doors_, wanted)->truncated);
}

TEST_F(VisitTest, HasADeadline) {
  Door secure(doors_.secure, {""});
  Visit wanted = to("https://a.example/x");
  wanted.deadline = std::chrono::milliseconds(30);
  const auto answer = visit(doors_, wanted);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "ingress.silent");
  EXPECT_EQ(answer.error().field("address"), "https://a.example/x");
}

TEST_F(VisitTest, APageThatNeverEndsIsAPage) {
  // Ten bytes are announced.
  Door secure(doors_.secure, {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, true);
  Visit wanted = to("https://a.example/x");
  wanted.deadline = std::chrono::milliseconds(100);
  const auto answer = visit(doors_, wanted);
  ASSERT_TRUE(answer) << answer.error().code;
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->body, "abc");
  EXPECT_TRUE(answer->truncated);
}

TEST_F(VisitTest, SaysThatNothingListens) {
  const auto answer = visit(doors_, to("https://a.example/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "ingress.broken");
}

TEST(Origin, IsReadFromItsMark) {
  for (const OriginRow& row : origin_rows()) EXPECT_EQ(origin_of(row.mark), row.origin);
  EXPECT_EQ(origin_of("anything"), Origin::app);
}

}  // namespace
}  // namespace ccci::ingress
