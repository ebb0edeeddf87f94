// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of one error, from its row and its fields. Every field is made printable, since it
// may come from outside.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace ccci::wording {

// `text` with each {name} replaced by the printable field. Missing fields become '?'.
std::string fill(std::string_view text, const base::Error& error);

// The message of the error's row, without the code.
std::string message_of(const base::Error& error);
// At most 40 notes and one that counts the rest: a field of several lines gives several notes. An
// error without a row gives its fields.
std::vector<std::string> notes_of(const base::Error& error);
std::optional<std::string> hint_of(const base::Error& error);

// "MESSAGE [CODE] and 2 more": an error as the reason why something else could not be done.
std::string one_line(const base::Error& error);

}  // namespace ccci::wording
