// SPDX-License-Identifier: GPL-3.0-or-later
#include "source/debian/keyrings.hpp"

#include <apt-pkg/configuration.h>
#include <apt-pkg/fileutl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ccci::source::debian {

namespace {

constexpr std::uint64_t largest_keyring = 64U << 20U;
constexpr std::string_view armour = "-----BEGIN PGP ";

// `digits`: base64 without line ends. Returns an empty string if it is not base64.
std::string decoded(std::string digits) {
  digits.resize(digits.size() - digits.size() % 4);
  std::string bytes(digits.size() / 4 * 3, '\0');
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL's bytes
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const auto* in = reinterpret_cast<const unsigned char*>(digits.data());
  if (EVP_DecodeBlock(out, in, static_cast<int>(digits.size())) < 0) return {};
  // EVP_DecodeBlock() also counts the bytes of the padding.
  const auto padding = std::count(
      digits.end() - std::min<std::ptrdiff_t>(2, digits.end() - digits.begin()), digits.end(), '=');
  bytes.resize(bytes.size() - static_cast<std::size_t>(padding));
  return bytes;
}

std::vector<std::string> trusted_files() {
  std::vector<std::string> files;
  std::error_code ignored;
  const std::string one = _config->FindFile("Dir::Etc::trusted");
  if (std::filesystem::is_regular_file(one, ignored)) files.push_back(one);
  for (const auto& entry :
       std::filesystem::directory_iterator(_config->FindDir("Dir::Etc::trustedparts"), ignored)) {
    const std::string extension = entry.path().extension().native();
    if (extension == ".gpg" || extension == ".asc") files.push_back(entry.path().native());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

base::Result<bool> has_keyring(const std::filesystem::path& file) {
  const auto text = base::read_file(file, largest_keyring);
  if (text) return true;
  if (text.error().is(std::errc::no_such_file_or_directory)) return false;
  return base::unexpected(text.error());
}

std::string without_armour(std::string_view text) {
  if (text.find(armour) == std::string_view::npos) return std::string(text);
  enum class At { outside, head, body, rest } at = At::outside;
  std::string bytes;
  std::string digits;
  for (std::string_view line : base::split(text, '\n')) {
    line = base::trim(line);
    if (line.substr(0, 5) == "-----") {
      bytes += decoded(std::move(digits));
      digits.clear();
      at = line.substr(0, armour.size()) == armour ? At::head : At::outside;
    } else if (at == At::head && line.empty()) {
      at = At::body;
    } else if (at == At::body && line.substr(0, 1) == "=") {
      at = At::rest;  // the checksum
    } else if (at == At::body) {
      digits += line;
    }
  }
  return bytes;
}

base::Result<base::Fd> nameless_file(std::string_view content) {
  base::Fd file(memfd_create("cc-ci", MFD_CLOEXEC));
  if (!file)
    return base::unexpected(base::fail("base.write").with("path", "memory").with_errno(errno));
  CCCI_CHECK(base::write_all(file.get(), content));
  return file;
}

std::string path_of(const base::Fd& file) {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(file.get());
}

base::Result<void> Keyrings::add(const std::string& path) {
  CCCI_TRY(const std::string content, base::read_file(path, largest_keyring));
  if (content.find(armour) == std::string::npos) {
    files_.push_back(path);
    return {};
  }
  CCCI_TRY(base::Fd file, nameless_file(without_armour(content)));
  files_.push_back(path_of(file));
  held_.push_back(std::move(file));
  return {};
}

base::Result<Keyrings> Keyrings::of(std::string_view signed_by) {
  Keyrings keyrings;
  std::vector<std::string> files;
  for (const std::string_view word : base::split(signed_by, ',')) {
    const std::string_view name = base::trim(word);
    if (name.empty()) continue;
    (name.front() == '/' ? files : keyrings.fingerprints_).emplace_back(name);
  }
  if (files.empty()) files = trusted_files();
  for (const std::string& file : files) CCCI_CHECK(keyrings.add(file));
  return keyrings;
}

bool Keyrings::accepts(std::string_view key, std::string_view primary) const {
  if (fingerprints_.empty()) return true;
  return std::any_of(fingerprints_.begin(), fingerprints_.end(), [&](std::string_view wanted) {
    if (wanted.back() != '!') return wanted == key || wanted == primary;
    return wanted.substr(0, wanted.size() - 1) == key;  // only this key, none that it certifies
  });
}

}  // namespace ccci::source::debian
