// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens of a Nix file, without comments. A string is several tokens: its delimiters, its literal
// text and, between `${` and `}`, the tokens of the interpolation. So brackets balance over the
// whole file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ccci::prove {

enum class NixToken {
  name,          // identifiers, keywords, "lib.x" is three tokens
  punctuation,   // one or two characters: "[", "++", "="
  path,          // ./x.nix, <nixpkgs>, /etc/x
  other,         // numbers, URIs
  string_begin,  // " or ''
  string_text,   // a literal part; escapes as written
  string_end,
};

struct NixPiece {
  NixToken token;
  std::string_view text;
  std::size_t offset;
  std::size_t match = 0;  // of a bracket, `${` or string delimiter: the index of its partner; its
                          // own index if it has none
};

std::vector<NixPiece> nix_tokens(std::string_view text);

}  // namespace ccci::prove
