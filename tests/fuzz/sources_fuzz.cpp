// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as the machine's sources in both formats, and as an armoured key: what is written for
// libapt reads back as the same entries, whatever stood in them.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "source/debian/entries.hpp"
#include "source/debian/keyrings.hpp"

namespace {

using namespace ccci::source::debian;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(std::vector<Entry> entries) {
  for (Entry& entry : entries) {
    require(!entry.uri.empty() && !entry.suite.empty());
    require(without_password(entry.uri).size() <= entry.uri.size());
    // A key in the text would become a file.
    if (entry.signed_by.find("-----BEGIN") != std::string::npos) entry.signed_by.clear();
    if (entry.uri.starts_with("file:")) entry.uri.insert(0, "x");
  }
  const auto text = render(entries, "/nonexistent", "amd64");
  require(text && parse_deb822(*text, "amd64") == entries);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check(parse_one_line(text, "amd64"));
  check(parse_deb822(text, "amd64"));
  static_cast<void>(without_armour(text));
  static_cast<void>(without_armour("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n" + text));
  return 0;
}
