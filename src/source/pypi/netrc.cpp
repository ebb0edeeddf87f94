// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/pypi/netrc.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/files.hpp"

namespace ccci::source::pypi {

namespace {

constexpr std::uint64_t largest_netrc = 1U << 20U;
constexpr std::string_view blanks = " \t\r\n";

struct Entry {
  std::optional<std::string> machine;  // none: the default
  Login login;
};

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

class NetrcReader {
 public:
  explicit NetrcReader(std::string_view text) : text_(text) {}

  std::vector<Entry> run() {
    std::vector<Entry> entries;
    while (skip_to_keyword()) {
      const std::string keyword = plain_word();
      if (keyword == "machine") {
        entries.push_back({.machine = lower_case(value()), .login = {}});
      } else if (keyword == "default") {
        entries.emplace_back();
      } else if (keyword == "macdef") {
        skip_macro();
      } else if (keyword == "login" || keyword == "user" || keyword == "password" ||
                 keyword == "account") {
        std::string word = value();
        if (entries.empty() || keyword == "account") continue;
        Login& login = entries.back().login;
        (keyword == "password" ? login.password : login.user) = std::move(word);
      }
    }
    return entries;
  }

 private:
  void skip_blanks() {
    text_.remove_prefix(std::min(text_.find_first_not_of(blanks), text_.size()));
  }

  // Only where a keyword is expected '#' begins a comment: a password may begin with it.
  bool skip_to_keyword() {
    skip_blanks();
    while (text_.starts_with('#')) {
      text_.remove_prefix(std::min(text_.find('\n'), text_.size()));
      skip_blanks();
    }
    return !text_.empty();
  }

  // A macro of ftp ends with an empty line, and may have any words.
  void skip_macro() {
    const std::size_t end = text_.find("\n\n");
    text_.remove_prefix(std::min(end, text_.size()));
  }

  std::string plain_word() {
    const std::size_t end = std::min(text_.find_first_of(blanks), text_.size());
    std::string word(text_.substr(0, end));
    text_.remove_prefix(end);
    return word;
  }

  std::string value() {
    skip_blanks();
    if (!text_.starts_with('"')) return plain_word();
    std::string word;
    std::size_t at = 1;
    for (; at < text_.size() && text_[at] != '"'; ++at) {
      if (text_[at] == '\\' && at + 1 < text_.size()) ++at;
      word += text_[at];
    }
    text_.remove_prefix(std::min(at + 1, text_.size()));
    return word;
  }

  std::string_view text_;
};

std::string variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::optional<Login> login_for(std::string_view netrc, std::string_view server) {
  const std::string wanted = lower_case(std::string(server));
  const std::string host = wanted.substr(0, wanted.rfind(':'));
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
  std::optional<Login> of_host;
  std::optional<Login> general;
  for (Entry& entry : NetrcReader(netrc).run()) {
    if (entry.machine == wanted) return std::move(entry.login);
    const bool named = entry.machine == host || entry.machine == bare;
    if (named && !of_host) of_host = entry.login;
    if (!entry.machine && !general) general = entry.login;
  }
  return of_host ? of_host : general;
}

base::Result<std::optional<Login>> netrc_login(const std::string& server) {
  if (server.empty()) return std::nullopt;
  std::filesystem::path file = variable("NETRC");
  const bool named = !file.empty();
  if (!named && !variable("HOME").empty()) {
    file = std::filesystem::path(variable("HOME")) / ".netrc";
  }
  if (file.empty()) return std::nullopt;
  // Opened once: whoever can change the directory must not give another file than the one whose
  // owner was looked at. O_NONBLOCK: it may be a FIFO.
  const auto opened = base::open_path(file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (!opened || fstat(opened->get(), &status) != 0) {
    if (!named) return std::nullopt;
    return base::unexpected(base::fail("source.no-netrc")
                                .with("path", file.native())
                                .with_errno(opened ? errno : opened.error().number));
  }
  if (status.st_uid != geteuid()) {
    if (!named) return std::nullopt;
    return base::unexpected(base::fail("source.netrc-owner").with("path", file.native()));
  }
  if (!S_ISREG(status.st_mode)) {
    if (!named) return std::nullopt;
    return base::unexpected(
        base::fail("base.not-a-file", base::Condition::not_a_file).with("path", file.native()));
  }
  const auto text = base::read_fd(opened->get(), largest_netrc, file.native());
  if (!text && named) return base::unexpected(text.error());
  return text ? login_for(*text, server) : std::nullopt;
}

base::Result<std::optional<Login>> find_login(const std::string& server, Origin origin) {
  if (server.empty()) return std::nullopt;
  const bool npm = origin == Origin::npm;
  const std::string user = variable(npm ? "CC_CI_NPM_USER" : "CC_CI_PYPI_USER");
  if (!user.empty()) {
    return Login{user, variable(npm ? "CC_CI_NPM_PASSWORD" : "CC_CI_PYPI_PASSWORD")};
  }
  return netrc_login(server);
}

}  // namespace ccci::source::pypi
