// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the members of a JSON object that somebody else may have written. The reader remembers the
// first member that is absent or of another kind; from then on all its answers are empty. So a
// caller reads everything and asks once, at the end, whether all of it was good.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ccci::base {

class JsonReader {
 public:
  // A text of more than `longest` bytes is a fault.
  explicit JsonReader(const Json& json,
                      std::size_t longest = std::numeric_limits<std::size_t>::max());

  std::string text(std::string_view name);
  std::uint64_t number(std::string_view name);
  bool yes(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::map<std::string, std::string> text_map(std::string_view name);
  const Json& array(std::string_view name);
  const Json& object(std::string_view name);
  const Json* find(std::string_view name);  // of any kind; null if absent

  void require(bool holds, std::string_view name);  // `name` is at fault if it does not hold

  bool good() const { return fault_.empty(); }
  // "it is not a JSON object", "member 'x' is missing" or "member 'x' is invalid"; empty if good.
  const std::string& fault() const { return fault_; }

 private:
  const Json& json_;
  std::size_t longest_;
  std::string fault_;
};

}  // namespace ccci::base
