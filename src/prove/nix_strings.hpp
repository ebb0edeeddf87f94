// SPDX-License-Identifier: GPL-3.0-or-later
// Reads strings of a Nix file that have another meaning: shell scripts and settings of PATH.
#pragma once

#include <vector>

#include "prove/finding.hpp"
#include "prove/nix_lexer.hpp"
#include "prove/snippet.hpp"

namespace ccci::prove {

void read_nix_strings(std::string_view path, std::string_view text,
                      const std::vector<NixPiece>& tokens, const Lines& lines, Reading& reading);

}  // namespace ccci::prove
