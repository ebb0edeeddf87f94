// SPDX-License-Identifier: GPL-3.0-or-later
// The words that may come next on a command line. The scripts for the shells only call
// `cc-ci __complete`. It uses the same tables as the parser, so both always know the same words.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "command/command.hpp"
#include "command/invocation.hpp"

namespace ccci::command {

struct Candidate {
  std::string word;
  std::string meaning;  // may be empty

  bool operator==(const Candidate&) const = default;
};

struct Candidates {
  std::vector<Candidate> words;
  // The kind that the shell itself must complete: file, directory or program. Otherwise none.
  Completion by_shell = Completion::none;
};

// Returns the names of a kind (host, tool, entrypoint, package) from the declaration or lock that
// the global options select.
using NamesOf = std::function<std::vector<std::string>(Completion, const Globals&)>;

// `words` are the words after "cc-ci" up to the one at the cursor, which may be empty. Wrong words
// are ignored, because completion must not report errors.
Candidates complete(const std::vector<std::string>& words, const Commands& table,
                    const NamesOf& names);

}  // namespace ccci::command
