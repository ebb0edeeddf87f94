// SPDX-License-Identifier: GPL-3.0-or-later
// Splits a shell script into commands and words. Knows enough lexical rules of the POSIX shell and
// bash to distinguish words, comments, quoted text and here-documents. Expands and runs nothing.
#pragma once

#include <string>
#include <vector>

#include "prove/snippet.hpp"

namespace ccci::prove {

struct Word {
  std::string text;         // without quotes; expansions as written ("$PATH", "$(pwd)/bin")
  bool literal = true;      // holds no expansion
  bool quoted = false;      // part of it was in quotes
  std::size_t offset = 0;   // of its first byte in the snippet
  std::vector<Word> array;  // of NAME=(…), where text is "NAME="
  bool is_array = false;
};

struct Redirect {
  std::string operation;  // ">", ">>", "<", "<<<"
  Word target;
};

struct ShellCommand {
  std::vector<Word> words;
  std::vector<Redirect> redirects;
  // The bodies of the here-documents: first byte in the snippet, and the byte after the last.
  std::vector<std::pair<std::size_t, std::size_t>> bodies;
};

// Commands in the order in which they begin, including those inside "$(…)" and backquotes. `from`
// and `to` limit the part of the snippet.
std::vector<ShellCommand> shell_commands(const Snippet& shell);
std::vector<ShellCommand> shell_commands(const Snippet& shell, std::size_t from, std::size_t to);

}  // namespace ccci::prove
