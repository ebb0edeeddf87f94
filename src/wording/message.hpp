// SPDX-License-Identifier: GPL-3.0-or-later
// The texts of one error, made from its row and its fields. Fields may come from outside, so they
// are made printable.
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
// A field with several lines gives one note per line. After 40 notes, the last one has the number
// of the others. An error without a row gives its fields.
std::vector<std::string> notes_of(const base::Error& error);
std::optional<std::string> hint_of(const base::Error& error);

// "MESSAGE [CODE] and 2 more": an error as the cause of another one.
std::string one_line(const base::Error& error);
// "FILE:LINE:COLUMN: MESSAGE [CODE]": for who knows neither the file nor sees an excerpt of it.
std::string placed_line(const base::Error& error);

}  // namespace ccci::wording
