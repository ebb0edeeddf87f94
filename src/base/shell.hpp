// SPDX-License-Identifier: GPL-3.0-or-later
// Words for a POSIX shell: for what a person is to paste, for what ssh hands to a login shell, and
// for the few files that a shell reads. cc-ci itself starts no shell on such a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::base {

// In single quotes, whatever it holds but NUL.
std::string shell_quoted(std::string_view text);
// The same, but bare where every byte is harmless wherever the word stands.
std::string shell_word(std::string_view text);
std::string shell_line(const std::vector<std::string>& words);

}  // namespace ccci::base
