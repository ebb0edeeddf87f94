// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a netrc file, and as a value in one: a quoted value is read back as it was, and what
// comes before an entry of its own line does not change it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "source/pypi/netrc.hpp"

namespace {

using ccci::source::pypi::Login;
using ccci::source::pypi::login_for;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  for (const char* server : {"pypi.example", "pypi.example:8443", "[::1]:80", "::1", ""}) {
    const auto login = login_for(text, server);
    if (!login) continue;
    require(login->user.size() + login->password.size() <= text.size());
    require(login->user == login_for(text, server)->user);
  }
  const std::string value = quoted(text);
  const auto login = login_for(
      "machine PYPI.example login " + value + " password " + value + "\n# end", "pypi.example:443");
  require(login && login->user == text && login->password == text);
  return 0;
}
