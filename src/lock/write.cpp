// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <string>

#include "base/hash.hpp"
#include "lock/lock.hpp"
#include "lock/text.hpp"

namespace ccci::lock {

namespace {

class Writer {
 public:
  void line(std::string_view keyword, std::string_view value) {
    text_ += std::string(keyword) + " " + escape(value, false) + "\n";
  }
  void words(std::string_view keyword, std::initializer_list<std::string_view> values) {
    text_ += keyword;
    for (const std::string_view value : values) {
      text_ += " " + (value.empty() ? "-" : escape(value, true));
    }
    text_ += "\n";
  }
  void each(std::string_view keyword, const std::vector<std::string>& values) {
    for (const std::string& value : values) line(keyword, value);
  }
  void bare(std::string_view text) { text_ += std::string(text) + "\n"; }

  std::string finish() { return text_ + "digest " + base::sha256(text_).hex() + "\n"; }

 private:
  std::string text_;
};

void write_release(Writer& out, const source::Release& release) {
  out.words("release", {release.uri, release.suite});
  out.line("  date", release.date);
  out.line("  sha256", release.sha256);
  out.line("  signed-by", release.signed_by);
  out.bare("");
}

void write_package(Writer& out, const source::Package& package) {
  out.words("package", {package.name, package.version, package.architecture});
  if (package.origin == source::Origin::debian && !package.source.empty()) {
    out.words("  from", {"apt", package.source, package.suite, package.component});
  } else if (package.origin == source::Origin::debian) {
    out.words("  from", {"debian", package.suite, package.component});
  } else if (package.origin == source::Origin::pypi) {
    out.words("  from", {"pypi"});
  } else if (package.origin == source::Origin::npm) {
    out.words("  from", {"npm"});
  } else {
    out.words("  from", {"archive"});
  }
  out.line("  uri", package.uri);
  out.line("  sha256", package.sha256);
  out.line("  size", std::to_string(package.size));
  if (package.source_package != package.name) out.line("  source", package.source_package);
  if (package.essential) out.bare("  essential");
  out.each("  provides", package.provides);
  out.each("  because", package.because);
  out.each("  in", package.sets);
  out.bare("");
}

}  // namespace

std::string escape(std::string_view text, bool word) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    if (value < 0x20 || value > 0x7e || byte == '\\' || (word && byte == ' ')) {
      result += "\\x";
      result.push_back(digits[value >> 4U]);
      result.push_back(digits[value & 15U]);
    } else {
      result.push_back(byte);
    }
  }
  return result;
}

std::string write(const Lock& lock) {
  Writer out;
  out.words("cc-ci-lock", {std::to_string(lock.format)});
  out.words("architecture", {lock.architecture});
  out.words("asks", {lock.asks});
  out.bare("");
  std::vector<source::Release> releases = lock.releases;
  std::sort(releases.begin(), releases.end());
  for (const source::Release& release : releases) write_release(out, release);
  std::vector<source::Package> packages = lock.packages;
  std::sort(packages.begin(), packages.end());
  for (const source::Package& package : packages) write_package(out, package);
  std::vector<Elsewhere> elsewhere = lock.elsewhere;
  std::sort(elsewhere.begin(), elsewhere.end());
  for (const Elsewhere& one : elsewhere) {
    out.words("elsewhere", {one.name, one.version, one.integrity});
  }
  if (!elsewhere.empty()) out.bare("");
  return out.finish();
}

}  // namespace ccci::lock
