// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/json_fault.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "base/text.hpp"

namespace ccci::base {

namespace {

// Accepts everything and remembers where the parser gave up.
struct FaultFinder final : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    read = position;
    return false;
  }

  std::size_t read = 0;  // bytes, with the last one of the wrong token
};

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

std::string json_fault(std::string_view text) {
  const std::string what = "it is no JSON";
  FaultFinder finder;
  if (nlohmann::json::sax_parse(text, &finder)) return what + ": it is nested too deeply";
  if (finder.read > text.size() || text.empty()) return what + ": it ends too early";
  // The parser's own text of the token may begin with the tokens before it.
  std::size_t wrong = finder.read == 0 ? 0 : finder.read - 1;
  while (wrong > 0 && !begins_character(text[wrong])) --wrong;
  const std::string_view before = text.substr(0, wrong);
  const std::size_t newline = before.rfind('\n');
  const std::string_view row =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  const std::string place =
      ": line " + std::to_string(std::count(before.begin(), before.end(), '\n') + 1) + ", column " +
      std::to_string(std::count_if(row.begin(), row.end(), begins_character) + 1);
  const std::string_view character = text.substr(wrong, finder.read - wrong);
  return what + place + ": unexpected '" + printable(character) + "'";
}

}  // namespace ccci::base
