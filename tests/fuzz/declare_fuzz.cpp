// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a declaration: parsing them twice says the same, each error points into its excerpt,
// and no field carries what could repaint a terminal.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "declare/declaration.hpp"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const ccci::base::Error& error) {
  for (const auto& field : error.fields) {
    require(ccci::base::printable(field.value) == field.value);
  }
  for (const auto& at : error.where) {
    require(at.line >= 1 && at.column >= 1 && at.length >= 1);
    require(static_cast<std::size_t>(at.column) <= at.excerpt.size() + 1);
    require(at.excerpt.size() <= 1100);
    require(at.excerpt.find('\n') == std::string::npos);
  }
  for (const auto& other : error.also) check(other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto once = ccci::declare::parse(text, "cc-ci.toml");
  const auto twice = ccci::declare::parse(text, "cc-ci.toml");
  require(once.has_value() == twice.has_value());
  if (once) {
    require(*once == *twice);
  } else {
    require(once.error() == twice.error());
    check(once.error());
  }
  return 0;
}
