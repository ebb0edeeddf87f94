// SPDX-License-Identifier: GPL-3.0-or-later
// The last step of compose(): a merged draft becomes a stack.
#pragma once

#include "recipe/compose.hpp"
#include "recipe/draft.hpp"

namespace ccci::recipe {

// Fills in names, defaults and the content of files, and checks that everything that a service
// refers to is defined. Mistakes are in `reading`.
// `files` are those of the draft, for the places of mistakes.
Stack resolve(Reading& reading, Draft draft, const std::vector<ComposeFile>& files,
              const Folder& folder, const ComposeRequest& request);

}  // namespace ccci::recipe
