// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a declaration that names are added to: refused, or given back as a declaration to
// which the same names add nothing more; and as what dpkg-query says.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "declare/declaration.hpp"
#include "learn/edit.hpp"
#include "learn/host_packages.hpp"
#include "learn/list_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ccci;
  const auto require = [](bool holds) {
    if (!holds) std::abort();
  };
  const std::string text(data, data + size);
  const learn::Additions additions{{"git", "ripgrep", "zz"}, {"yaml"}};
  const auto edited = learn::add_to_declaration(text, "cc-ci.toml", additions);
  if (edited) {
    const auto again = learn::add_to_declaration(*edited, "cc-ci.toml", additions);
    require(again && *again == *edited);
  } else {
    const std::string& code = edited.error().code;
    // That the result says something else is found out, but it should never come to that.
    require(code != "learn.edit" && code != "bug");
    if (code == "learn.no-place") require(declare::parse(text, "cc-ci.toml").has_value());
  }
  static_cast<void>(learn::read_facts(text));
  for (const auto& [path, owner] : learn::read_owners(text)) require(path.front() == '/');
  return 0;
}
