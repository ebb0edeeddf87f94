// SPDX-License-Identifier: GPL-3.0-or-later
// Expected errors of a declaration, written down in full and still short.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/text.hpp"
#include "declare/declaration.hpp"

namespace ccci::declare {

inline const std::string test_file = "cc-ci.toml";

struct Place {
  int line;
  int column;
  int length;
};

// The error with its positions in `text`, their excerpts being the whole lines.
inline base::Error expected(std::string_view text, std::string_view code,
                            std::vector<base::Field> fields, const std::vector<Place>& places) {
  base::Error error = base::fail(code);
  error.fields = std::move(fields);
  const auto lines = base::split(text, '\n');
  for (const Place& place : places) {
    const std::string line(lines.at(static_cast<std::size_t>(place.line) - 1));
    error.where.push_back({test_file, place.line, place.column, place.length, line});
  }
  return error;
}

// All errors of the text, each by itself; empty where it parses.
inline std::vector<base::Error> mistakes(std::string_view text) {
  const base::Result<Declaration> parsed = parse(text, test_file);
  if (parsed) return {};
  std::vector<base::Error> errors{parsed.error()};
  errors[0].also.clear();
  errors.insert(errors.end(), parsed.error().also.begin(), parsed.error().also.end());
  return errors;
}

}  // namespace ccci::declare

namespace ccci::base {

// How GoogleTest prints an error that was not expected.
inline void PrintTo(const Error& error, std::ostream* out) {
  *out << error.code;
  for (const Field& field : error.fields) *out << " " << field.name << "='" << field.value << "'";
  for (const Position& at : error.where) {
    *out << "\n  " << at.file << ":" << at.line << ":" << at.column << "+" << at.length << " |"
         << at.excerpt.substr(0, 120);
  }
  if (!error.also.empty()) *out << "\n  and " << error.also.size() << " more";
}

}  // namespace ccci::base
