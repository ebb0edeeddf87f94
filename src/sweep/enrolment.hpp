// SPDX-License-Identifier: GPL-3.0-or-later
// Which recipes are enrolled: those of the declaration, and those of a catalogue.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "declare/declaration.hpp"

namespace ccci::sweep {

using Enrolled = std::map<std::string, declare::EnrolledRecipe>;

// Reads a catalogue in the form of Co-op Cloud's recipes.json: an object with one member for each
// recipe, whose `repository` is a git URL and whose `default_branch` may be empty. `path` is for
// messages. [sweep.catalogue]
base::Result<Enrolled> read_catalogue(std::string_view text, const std::string& path);

// The recipes of the declaration, and those of the catalogue that it does not exclude. A recipe
// without a source in the declaration has that of the catalogue. [sweep.no-source], [sweep.nothing]
base::Result<Enrolled> enrolled(const declare::Declaration& declaration, const Enrolled& catalogue);

}  // namespace ccci::sweep
