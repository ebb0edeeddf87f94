// SPDX-License-Identifier: GPL-3.0-or-later
// Errors are values: a stable code, named fields and, for an error in a file, a position. Only
// src/wording/ contains their wording. Only the outermost layer prints.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace ccci::base {

// A place in a text that a person wrote. Line and column count from 1, the column in bytes.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;       // bytes to underline, at least 1
  std::string excerpt;  // the whole line, without its newline; empty if unknown

  bool operator==(const Position&) const = default;
};

struct Field {
  std::string name;
  std::string value;

  bool operator==(const Field&) const = default;
};

// `code` is `area.word` and names a row of the wording table, which also holds the exit class.
// Codes are for people and for programs that read --json: no code of ours decides anything by
// comparing them. What a caller must tell apart, a function says in the type that it returns.
// Fields fill the row's templates. `also` holds errors that were found in the same pass: a
// declaration with five mistakes is one Error with four more in `also`.
struct Error {
  std::string code;
  std::vector<Field> fields;
  std::vector<Position> where;
  std::vector<Error> also;
  int number = 0;  // the errno behind it; 0: the cause is not a system call

  // Defined in error.cpp: every function that returns a Result copies and destroys errors, and
  // inlined everywhere these would be a good part of what the compiler has to do.
  Error();
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;
  ~Error();

  // By value: `error = std::move(error).with(…)` would be a self-move with a reference. Chained:
  // `return base::fail("store.corrupt").with("object", name).at(position);`
  Error with(std::string_view name, std::string_view value) &&;
  Error with(std::string_view name, long long value) &&;
  Error with_errno(int errno_value) &&;  // and field `cause`, e.g. "no space left on device"
  Error at(Position position) &&;

  // The value of the field, or an empty string.
  std::string_view field(std::string_view name) const;
  // Whether a system call failed with this, e.g. std::errc::no_such_file_or_directory.
  bool is(std::errc cause) const;

  bool operator==(const Error&) const;
};

Error fail(std::string_view code);

// Makes one error of several, in their order. `errors` must not be empty.
Error together(std::vector<Error> errors);

// The description of an errno: lower case, never translated. Thread-safe.
std::string describe_errno(int number);

}  // namespace ccci::base
