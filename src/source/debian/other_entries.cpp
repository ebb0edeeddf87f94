// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <utility>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "source/debian/entries.hpp"
#include "source/debian/keyrings.hpp"

namespace ccci::source::debian {

namespace {

constexpr std::uint64_t largest_key = 16U << 20U;
constexpr std::string_view snapshot_word = "@SNAPSHOTID@";

// Every packet of OpenPGP (RFC 4880, 4.2) begins with a byte whose highest bit is set.
bool is_openpgp(std::string_view keys) {
  return !keys.empty() && (static_cast<unsigned char>(keys.front()) & 0x80U) != 0;
}

base::Result<std::string> binary_keyring(const declare::AptSource& source,
                                         const std::filesystem::path& keys) {
  auto text = base::read_file(source.signed_by, largest_key);
  if (!text && text.error().is(std::errc::no_such_file_or_directory)) {
    return base::unexpected(base::fail("source.no-keyring")
                                .with("path", source.signed_by)
                                .with("source", source.name.text));
  }
  if (!text) return base::unexpected(std::move(text).error());
  const std::string binary = without_armour(*text);
  if (!is_openpgp(binary)) {
    return base::unexpected(base::fail("source.bad-keyring")
                                .with("path", source.signed_by)
                                .with("source", source.name.text));
  }
  const std::filesystem::path file = keys / (base::sha256(binary).short_hex() + ".gpg");
  CCCI_CHECK(base::replace_file(file, binary));
  return file.native();
}

// The directory of the release file.
std::string place_of(const Entry& entry) {
  const std::string base = without_password(entry.uri);
  return entry.suite.back() == '/' ? base + entry.suite : base + "dists/" + entry.suite + "/";
}

}  // namespace

std::string at_snapshot(const std::string& uri, const std::string& stamp) {
  if (stamp.empty()) return uri;
  std::string dated = uri;
  if (const std::size_t at = dated.find(snapshot_word); at != std::string::npos) {
    return dated.replace(at, snapshot_word.size(), stamp);
  }
  if (dated.back() != '/') dated += '/';
  return dated + stamp + "/";
}

base::Result<std::vector<Entry>> other_entries(
    const std::map<std::string, declare::AptSource>& declared, const std::filesystem::path& keys) {
  std::vector<Entry> entries;
  for (const auto& [name, source] : declared) {
    Entry entry{.uri = at_snapshot(source.uri, source.snapshot),
                .suite = {},
                .components = {},
                .signed_by = {},
                .source = name,
                .may_be_expired = !source.snapshot.empty()};
    // As libapt writes it, so that its indexes are known again by their uri.
    if (entry.uri.starts_with("file:///")) entry.uri.erase(5, 2);
    if (entry.uri.back() != '/') entry.uri += '/';
    CCCI_TRY(entry.signed_by, binary_keyring(source, keys));
    for (const std::string& suite : source.suites) {
      const bool flat = suite.back() == '/';
      entry.suite = suite;
      entry.components = flat ? std::vector<std::string>{} : source.components;
      if (!flat && entry.components.empty()) entry.components = {"main"};
      entries.push_back(entry);
    }
  }
  return entries;
}

base::Error name_source(base::Error error, const std::vector<Entry>& entries) {
  for (base::Error& other : error.also) other = name_source(std::move(other), entries);
  std::string uri(error.field("uri"));
  if (!uri.ends_with('/')) uri += '/';
  if (uri == "/" || !error.field("source").empty()) return error;
  const Entry* found = nullptr;
  std::size_t longest = 0;
  for (const Entry& entry : entries) {
    const std::string base = without_password(entry.uri);
    const std::string place = place_of(entry);
    std::size_t length = 0;
    if (uri.starts_with(place) || (uri == base && error.field("suite") == entry.suite)) {
      length = place.size();
    } else if (uri.starts_with(base)) {
      length = base.size();
    }
    if (length <= longest) continue;
    longest = length;
    found = &entry;
  }
  if (found == nullptr || found->source.empty()) return error;
  return std::move(error).with("source", found->source);
}

}  // namespace ccci::source::debian
