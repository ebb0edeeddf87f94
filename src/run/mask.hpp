// SPDX-License-Identifier: GPL-3.0-or-later
// Replaces secrets in text by "***": as they are, in base64, in a URL, in JSON, and broken over
// lines. What a run writes goes through it, and what it wrote is searched again at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::run {

class Mask {
 public:
  // Shorter values are not masked: they would be found everywhere.
  static constexpr std::size_t shortest = 4;

  void add(std::string_view secret);
  bool empty() const { return forms_.empty(); }

  std::string masked(std::string_view text) const;
  // Whether a secret is in the text, in any of the forms.
  bool finds(std::string_view text) const { return masked(text) != text; }

 private:
  std::vector<std::string> forms_;  // the longest first
};

}  // namespace ccci::run
