// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/java_store.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "environment/certificate.hpp"

namespace ccci::environment {

namespace {

// The format of java.io.DataOutput: numbers are big-endian, texts begin with their length.
void put_number(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>((value >> (8 * i)) & 0xffU);
}

void put_text(std::string& out, const std::string& text) {
  put_number(out, text.size(), 2);
  out += text;
}

// "debian:isrg_root_x1.pem", like the names from ca-certificates-java. Only ASCII, because Java
// uses a modified UTF-8.
std::string alias_of(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (name.ends_with(".crt")) name.resize(name.size() - 4);
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    c = byte > 0x20 && byte < 0x7f ? static_cast<char>(std::tolower(byte)) : '_';
  }
  return "debian:" + name + ".pem";
}

// A checksum over the password that Debian and Java use for the file, a fixed phrase of the format,
// and all bytes.
std::string checksum(const std::string& content) {
  std::string text;
  for (const char c : std::string("changeit")) {
    text += '\0';
    text += c;
  }
  text += "Mighty Aphrodite" + content;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

base::Result<std::string> java_store(std::vector<std::pair<std::string, std::string>> files) {
  constexpr std::uint32_t magic = 0xfeedfeed;
  constexpr std::uint32_t version = 2;
  constexpr std::uint32_t trusted_certificate = 2;
  std::sort(files.begin(), files.end());
  std::string entries;
  std::set<std::string> aliases;
  for (const auto& [path, pem] : files) {
    CCCI_TRY(const Certificate certificate, Certificate::read(path, pem));
    const std::string der = certificate.der();
    std::string alias = alias_of(path);
    while (!aliases.insert(alias).second) alias += "_";
    put_number(entries, trusted_certificate, 4);
    put_text(entries, alias);
    put_number(entries, 0, 8);  // time of entry
    put_text(entries, "X.509");
    put_number(entries, der.size(), 4);
    entries += der;
  }
  std::string out;
  put_number(out, magic, 4);
  put_number(out, version, 4);
  put_number(out, files.size(), 4);
  out += entries;
  return out + checksum(out);
}

}  // namespace ccci::environment
