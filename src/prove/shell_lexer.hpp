// SPDX-License-Identifier: GPL-3.0-or-later
// The words of a shell script, command by command. Enough of the POSIX shell's (and bash's) lexical
// rules to tell words from comments, quoted text and here-documents; nothing is expanded or run.
#pragma once

#include <string>
#include <vector>

#include "prove/snippet.hpp"

namespace ccci::prove {

struct Word {
  std::string text;         // without quotes; expansions as written ("$PATH", "$(pwd)/bin")
  bool literal = true;      // holds no expansion
  bool quoted = false;      // some of it stood in quotes
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
  // The here-documents' bodies, from one byte of the snippet up to another.
  std::vector<std::pair<std::size_t, std::size_t>> bodies;
};

// Commands in the order in which they begin; those inside "$(…)" and backquotes included. `from`
// and `to` narrow the snippet.
std::vector<ShellCommand> shell_commands(const Snippet& shell);
std::vector<ShellCommand> shell_commands(const Snippet& shell, std::size_t from, std::size_t to);

}  // namespace ccci::prove
