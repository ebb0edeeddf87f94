// SPDX-License-Identifier: GPL-3.0-or-later
// What may come next on a command line. The shells' scripts are thin: they call `cc-ci __complete`,
// which answers from the same tables as the parser, so that neither can know a word the other
// lacks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/invocation.hpp"

namespace ccci::cli {

struct Candidate {
  std::string word;
  std::string meaning;  // may be empty

  bool operator==(const Candidate&) const = default;
};

struct Candidates {
  std::vector<Candidate> words;
  // What the shell completes better by itself: file, directory, program; none otherwise.
  Completion by_shell = Completion::none;
};

// The names of a kind (host, tool, entrypoint, package) in the declaration or lock that the global
// options point at.
using NamesOf = std::function<std::vector<std::string>(Completion, const Globals&)>;

// `words`: those after "cc-ci" up to the one the cursor is in, which may be empty. Words that do
// not fit are passed over: completing is no place to complain.
Candidates complete(const std::vector<std::string>& words, const Commands& table,
                    const NamesOf& names);

// Reads declaration and lock; nothing where they cannot be read or are wrong.
std::vector<std::string> names_on_disk(Completion kind, const Globals& globals);

}  // namespace ccci::cli
