// SPDX-License-Identifier: GPL-3.0-or-later
// Quotes words for a POSIX shell: for commands that a person pastes, for commands that ssh gives to
// a login shell, and for files that a shell reads. cc-ci itself never runs such a text in a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::base {

// Puts the text into single quotes. It may contain every byte except NUL.
std::string shell_quoted(std::string_view text);
// The same, but without quotes if no byte of the word is special for the shell.
std::string shell_word(std::string_view text);
std::string shell_line(const std::vector<std::string>& words);

}  // namespace ccci::base
