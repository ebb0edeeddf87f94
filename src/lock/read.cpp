// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <map>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "lock/lock.hpp"
#include "lock/text.hpp"
#include "source/mirror_path.hpp"

namespace ccci::lock {

namespace {

using base::Result;

constexpr std::string_view reason_package = "package ";

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<Lock> read() {
    if (text_.size() > largest_lock) {
      return base::unexpected(base::fail("lock.too-large")
                                  .with("path", file_)
                                  .with("limit", static_cast<long long>(largest_lock)));
    }
    CCCI_CHECK(check_conflict_markers());
    CCCI_CHECK(check_format());
    CCCI_CHECK(check_digest());
    return parse();
  }

 private:
  // Moves to the next line; false at the end of the text. Every line ends with a newline.
  bool next() {
    if (at_ >= text_.size()) return false;
    const std::size_t end = text_.find('\n', at_);
    line_ = text_.substr(at_, end == std::string_view::npos ? end : end - at_);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    ++number_;
    return true;
  }

  void rewind() {
    at_ = 0;
    number_ = 0;
  }

  base::Position here() const {
    return {.file = file_,
            .line = number_,
            .column = 1,
            .length = static_cast<int>(std::clamp<std::size_t>(line_.size(), 1, 200)),
            .excerpt = std::string(line_.substr(0, 200))};
  }

  base::Error syntax(std::string_view expected) const {
    if (line_.ends_with('\r')) {  // usually from git's autocrlf
      return base::fail("lock.line-endings").with("path", file_).at(here());
    }
    return base::fail("lock.syntax")
        .with("path", file_)
        .with("expected", expected)
        .with("found", line_.substr(0, 80))
        .at(here());
  }

  Result<void> check_conflict_markers() {
    rewind();
    while (next()) {
      if (line_.substr(0, 7) == "<<<<<<<" || line_.substr(0, 7) == ">>>>>>>") {
        return base::unexpected(base::fail("lock.merge-conflict").with("path", file_).at(here()));
      }
    }
    return {};
  }

  Result<void> check_format() {
    rewind();
    static constexpr std::string_view keyword = "cc-ci-lock ";
    int& format = format_;
    if (!next() || line_.substr(0, keyword.size()) != keyword ||
        !number(line_.substr(keyword.size()), format) || format < 1) {
      return base::unexpected(syntax("cc-ci-lock 1"));
    }
    if (format > 4) {
      return base::unexpected(
          base::fail("lock.newer-format").with("path", file_).with("format", format).at(here()));
    }
    return {};
  }

  // Runs before all other checks: the content must be exactly what cc-ci wrote.
  Result<void> check_digest() {
    static constexpr std::string_view keyword = "digest ";
    const std::size_t length = keyword.size() + 64 + 1;
    const std::size_t start = text_.size() < length ? 0 : text_.size() - length;
    const std::string_view last = text_.substr(start);
    base::Error error = base::fail("lock.damaged").with("path", file_);
    if (last.substr(0, keyword.size()) != keyword || last.back() != '\n' || start == 0 ||
        text_[start - 1] != '\n') {
      return base::unexpected(
          locate(std::move(error).with("expected", "of all lines").with("found", "without one")));
    }
    const std::string_view told = last.substr(keyword.size(), 64);
    const std::string found = base::sha256(text_.substr(0, start)).hex();
    if (told != found) {
      return base::unexpected(locate(std::move(error)
                                         .with("expected", told.substr(0, 12))
                                         .with("found", found.substr(0, 12))));
    }
    end_ = start;
    return {};
  }

  // Adds the first line that cannot be parsed, if there is one: the damage is usually there.
  base::Error locate(base::Error error) {
    end_ = text_.size();
    auto parsed = parse();
    if (!parsed && !parsed.error().where.empty()) {
      error.where.push_back(parsed.error().where.front());
    }
    return error;
  }

  template <typename Number>
  static bool number(std::string_view text, Number& value) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size();
  }

  Result<Lock> parse() {
    rewind();
    lock_ = {};
    lock_.format = format_;
    while (at_ < end_ && next()) {
      if (line_.size() > largest_lock_line) {
        return base::unexpected(syntax("a line of at most 65536 bytes"));
      }
      if (!line_.empty()) CCCI_CHECK(read_line());
    }
    CCCI_CHECK(derive_depends());
    // This finds lines in the wrong order, duplicate lines, and lines with another spelling.
    const std::string again = write(lock_);
    if (again != text_) {
      rewind();
      std::size_t offset = 0;
      while (next() && again.compare(offset, line_.size() + 1, std::string(line_) + "\n") == 0) {
        offset += line_.size() + 1;
      }
      const std::string_view rest = std::string_view(again).substr(std::min(offset, again.size()));
      return base::unexpected(syntax(rest.substr(0, rest.find('\n'))));
    }
    return std::move(lock_);
  }

  Result<void> read_line() {
    const bool inner = line_.substr(0, 2) == "  ";
    const std::string_view content = inner ? line_.substr(2) : line_;
    const std::size_t space = content.find(' ');
    const std::string_view keyword = content.substr(0, space);
    const std::string_view value =
        space == std::string_view::npos ? std::string_view() : content.substr(space + 1);
    if (!inner) return read_outer(keyword, value);
    return in_package_ ? read_package(keyword, value) : read_release(keyword, value);
  }

  Result<std::vector<std::string>> words(std::string_view value, std::size_t count,
                                         std::string_view expected) const {
    std::vector<std::string> result;
    for (const std::string_view word : base::split(value, ' ')) {
      const auto plain = unescape(word);
      if (!plain || plain->empty()) return base::unexpected(syntax(expected));
      result.push_back(*plain == "-" ? std::string() : *plain);
    }
    if (result.size() != count) return base::unexpected(syntax(expected));
    return result;
  }

  Result<void> read_outer(std::string_view keyword, std::string_view value) {
    if (keyword == "cc-ci-lock" && number_ == 1) return {};
    if (keyword == "architecture") {
      CCCI_TRY(auto parts, words(value, 1, "architecture NAME"));
      lock_.architecture = parts[0];
    } else if (keyword == "asks") {
      CCCI_TRY(auto parts, words(value, 1, "asks SHA256"));
      lock_.asks = parts[0];
    } else if (keyword == "release") {
      CCCI_TRY(auto parts, words(value, 2, "release URI SUITE"));
      lock_.releases.push_back(
          {.uri = parts[0], .suite = parts[1], .date = {}, .sha256 = {}, .signed_by = {}});
      in_package_ = false;
    } else if (keyword == "package") {
      CCCI_TRY(auto parts, words(value, 3, "package NAME VERSION ARCHITECTURE"));
      if (!by_name_.emplace(parts[0], lock_.packages.size()).second) {
        return base::unexpected(syntax("each package once"));
      }
      source::Package package;
      package.name = package.source_package = parts[0];
      package.version = parts[1];
      package.architecture = parts[2];
      lock_.packages.push_back(std::move(package));
      in_package_ = true;
    } else if (keyword == "elsewhere" && format_ >= 4) {
      CCCI_TRY(auto parts, words(value, 3, "elsewhere NAME VERSION INTEGRITY"));
      lock_.elsewhere.push_back({parts[0], parts[1], parts[2]});
    } else {
      return base::unexpected(syntax("release, package, elsewhere or digest"));
    }
    return {};
  }

  Result<void> read_release(std::string_view keyword, std::string_view value) {
    const auto plain = unescape(value);
    if (lock_.releases.empty() || !plain) return base::unexpected(syntax("release URI SUITE"));
    source::Release& release = lock_.releases.back();
    if (keyword == "date") {
      release.date = *plain;
    } else if (keyword == "sha256" && is_digest(*plain)) {
      release.sha256 = *plain;
    } else if (keyword == "signed-by") {
      release.signed_by = *plain;
    } else {
      return base::unexpected(syntax("date, sha256 or signed-by"));
    }
    return {};
  }

  Result<void> read_package(std::string_view keyword, std::string_view value) {
    const auto plain = unescape(value);
    if (!plain) return base::unexpected(syntax("\\xNN behind a backslash"));
    source::Package& package = lock_.packages.back();
    if (keyword == "from") return read_origin(package, value);
    if (keyword == "uri") {
      package.uri = *plain;
    } else if (keyword == "sha256" && is_digest(*plain)) {
      package.sha256 = *plain;
    } else if (keyword == "size" && number(*plain, package.size)) {
    } else if (keyword == "source") {
      package.source_package = *plain;
    } else if (keyword == "essential") {
      package.essential = true;
    } else if (keyword == "provides") {
      package.provides.push_back(*plain);
    } else if (keyword == "because") {
      package.because.push_back(*plain);
    } else if (keyword == "in") {
      package.sets.push_back(*plain);
    } else {
      return base::unexpected(
          syntax("from, uri, sha256, size, source, essential, provides, because or in"));
    }
    return {};
  }

  Result<void> read_origin(source::Package& package, std::string_view value) {
    if (value == "archive") {
      package.origin = source::Origin::archive;
      return {};
    }
    if (value == "pypi" && format_ >= 2) {
      package.origin = source::Origin::pypi;
      return {};
    }
    if (value.starts_with("apt ") && format_ >= 3) {
      CCCI_TRY(auto parts, words(value, 4, "from apt SOURCE SUITE COMPONENT"));
      if (parts[1].empty()) return base::unexpected(syntax("from apt SOURCE SUITE COMPONENT"));
      package.origin = source::Origin::debian;
      package.source = parts[1];
      package.suite = parts[2];
      package.component = parts[3];
      return {};
    }
    if (value == "npm" && format_ >= 3) {
      package.origin = source::Origin::npm;
      return {};
    }
    CCCI_TRY(auto parts, words(value, 3, "from debian SUITE COMPONENT"));
    if (parts[0] != "debian")
      return base::unexpected(syntax("from debian, from apt, from archive, from pypi or from npm"));
    package.origin = source::Origin::debian;
    package.suite = parts[1];
    package.component = parts[2];
    return {};
  }

  Result<void> derive_depends() {
    for (const source::Package& package : lock_.packages) {
      if (package.sha256.empty() || package.because.empty() || package.sets.empty()) {
        return base::unexpected(
            syntax("sha256, because and in for package '" + package.name + "'"));
      }
      // Otherwise a lock could name any file of the host, if the mirror is a directory.
      if (package.origin == source::Origin::debian && !source::is_mirror_path(package.uri)) {
        return base::unexpected(
            syntax("a uri below the mirror for package '" + package.name + "'"));
      }
      if (package.origin == source::Origin::pypi) CCCI_CHECK(check_wheel(package));
      if (package.origin == source::Origin::npm) CCCI_CHECK(check_npm(package));
      for (const std::string& reason : package.because) {
        if (reason.compare(0, reason_package.size(), reason_package) != 0) continue;
        const auto dependent = by_name_.find(reason.substr(reason_package.size()));
        if (dependent == by_name_.end()) {
          return base::unexpected(syntax("a block for what '" + reason + "' names"));
        }
        lock_.packages[dependent->second].depends.push_back(package.name);
      }
    }
    for (source::Package& package : lock_.packages) {
      std::sort(package.depends.begin(), package.depends.end());
    }
    return {};
  }

  // Everybody who may commit chooses the lock, so its addresses must not lead to files of the host.
  static bool is_web_address(std::string_view uri) {
    const bool web = uri.starts_with("https://") || uri.starts_with("http://");
    return web && uri.substr(0, uri.find('/', 8)).find('@') == std::string_view::npos;
  }

  // The name is a path below node_modules, and must stay there.
  Result<void> check_npm(const source::Package& package) const {
    constexpr std::string_view prefix = "npm:";
    const bool named = package.name.starts_with(prefix) &&
                       source::is_npm_place(package.name.substr(prefix.size()));
    if (named && is_web_address(package.uri)) return {};
    return base::unexpected(
        syntax("npm:NAME with an http or https address for package '" + package.name + "'"));
  }

  Result<void> check_wheel(const source::Package& package) const {
    if (!is_web_address(package.uri) || !package.uri.ends_with(".whl")) {
      return base::unexpected(
          syntax("the http or https address of a wheel for package '" + package.name + "'"));
    }
    constexpr std::string_view prefix = "pypi:";
    if (!package.name.starts_with(prefix) ||
        declare::pypi_package(package.name.substr(prefix.size())) != package.name) {
      return base::unexpected(syntax("pypi:NAME, found '" + package.name + "'"));
    }
    return {};
  }

  std::string_view text_;
  const std::string& file_;
  int format_ = 1;
  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  int number_ = 0;
  bool in_package_ = false;
  Lock lock_;
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace

std::optional<std::string> unescape(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 4 || text[i + 1] != 'x') return std::nullopt;
    unsigned value = 0;
    const char* start = text.data() + i + 2;
    const auto [end, problem] = std::from_chars(start, start + 2, value, 16);
    if (problem != std::errc() || end != start + 2) return std::nullopt;
    result.push_back(static_cast<char>(value));
    i += 3;
  }
  return result;
}

Result<Lock> read(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

}  // namespace ccci::lock
