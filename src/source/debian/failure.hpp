// SPDX-License-Identifier: GPL-3.0-or-later
// Converts libapt's error messages to Errors. libapt has texts but no error codes. The texts are
// matched in their untranslated form (see Surroundings). An unknown text is passed on unchanged.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace ccci::source::debian {

// Converts one text about `uri`. The uri may contain a password; the Error does not.
base::Error classify(const std::string& text, const std::string& uri);

// Returns libapt's pending errors as texts and empties libapt's error stack. Warnings and notices
// are dropped.
std::vector<std::string> pending_errors();

// An Error made from libapt's pending errors. [source.apt] if no known text matches. `doing` names
// the action that failed.
base::Error apt_failure(const std::string& doing);

// Removes user and password from every uri in the text, and joins the text to one line.
std::string one_line(const std::string& text);

// Drops errors that repeat another error for the same place, and errors that another one explains.
// Keeps the order. If the input is not empty, the result is not empty.
std::vector<base::Error> distinct(std::vector<base::Error> errors);

}  // namespace ccci::source::debian
