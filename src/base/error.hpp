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

// What callers treat differently. Most errors are only reported and have none.
enum class Condition {
  none,
  not_found,
  no_space,
  conflict,  // two packages bring different files of one name
  mismatch,  // another digest or size than expected
  too_large,
  not_a_file,
  not_signed,
  busy,          // another process holds a lock for too long
  mounted,       // something is mounted at or below a path that was to be removed
  refused,       // systemd refused a job
  interrupted,   // by a signal
  disconnected,  // reading or writing a connection failed
  ended,         // the other side closed the connection
  silent,        // the other side sent nothing for too long
  mute,          // the other side never sent anything
  unhealthy,     // a generation after its activation
  unconfirmed,   // nobody confirmed a switch in time
  reverted,      // a switch was undone and the old generation is active again
  torn,          // the last record of the ledger is incomplete
  truncated,     // the ledger is shorter than its checkpoint
};

// `code` is `area.word` and names a row of the wording table, which also holds the exit class.
// Codes are for people and for programs that read --json. No caller compares them: what a caller
// has to tell apart is the `condition`.
// Fields fill the row's templates. `also` holds errors that were found in the same pass: a
// declaration with five mistakes is one Error with four more in `also`.
struct Error {
  std::string code;
  std::vector<Field> fields;
  std::vector<Position> where;
  std::vector<Error> also;
  Condition condition = Condition::none;
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
  bool is(Condition other) const { return condition == other; }

  // Without the condition: a code always has the same one.
  bool operator==(const Error& other) const;
};

Error fail(std::string_view code, Condition condition = Condition::none);

// Makes one error of several, in their order. `errors` must not be empty.
Error together(std::vector<Error> errors);

// The description of an errno: lower case, never translated. Thread-safe.
std::string describe_errno(int number);

}  // namespace ccci::base
