// SPDX-License-Identifier: GPL-3.0-or-later
// Which recipes are enrolled: those of the declaration, and those of a catalogue.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/declaration.hpp"

namespace ccci::sweep {

using Enrolled = std::map<std::string, declare::EnrolledRecipe>;

struct Enrolment {
  Enrolled recipes;
  // Recipe -> why it cannot be fetched. It is in `recipes` too: it is red by name.
  std::map<std::string, std::string> unusable = {};
  // What of the catalogue has no name that could be shown in a report, and so is left out.
  std::vector<std::string> notes = {};
};

// Which repositories a catalogue may name. One of another machine may not make root read
// directories of this one.
enum class Repositories { any, remote };
// Of the catalogue at this path or URL.
Repositories allowed_to(std::string_view catalogue);

// Reads a catalogue in the form of Co-op Cloud's recipes.json: an object with one member for each
// recipe, whose `repository` is a git URL and whose `default_branch` may be empty. One bad entry
// does not spoil the others. `path` is for messages. [sweep.catalogue]
base::Result<Enrolment> read_catalogue(std::string_view text, const std::string& path,
                                       Repositories allowed = Repositories::any);

// The recipes of the declaration, and those of the catalogue that it does not exclude. A recipe
// without a source in the declaration has that of the catalogue. [sweep.nothing]
base::Result<Enrolment> enrolled(const declare::Declaration& declaration,
                                 const Enrolment& catalogue);

}  // namespace ccci::sweep
