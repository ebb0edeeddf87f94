// SPDX-License-Identifier: GPL-3.0-or-later
// What libapt says went wrong, as Errors of ours. It has texts and no codes; they are read in their
// untranslated form (see Surroundings), and what matches nothing known is passed on as it is.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace ccci::source::debian {

// One text about `uri` (which may hold a password; the Error does not).
base::Error classify(const std::string& text, const std::string& uri);

// libapt's pending errors, as texts; warnings and notices are dropped. Empties its stack.
std::vector<std::string> pending_errors();

// Of libapt's pending errors, [source.apt] where they match nothing; `doing` names what was done.
base::Error apt_failure(const std::string& doing);

// Cuts user and password out of every uri in the text, and makes one line of it.
std::string one_line(const std::string& text);

// Drops errors that say the same of the same place, and those that another explains; the order
// stays. What is not empty stays not empty.
std::vector<base::Error> distinct(std::vector<base::Error> errors);

}  // namespace ccci::source::debian
