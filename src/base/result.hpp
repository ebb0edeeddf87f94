// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value or an Error. tl::expected has the interface of std::expected, which needs
// C++23.
#pragma once

#include <tl/expected.hpp>
#include <utility>

#include "base/error.hpp"

namespace ccci::base {

template <typename T>
using Result = tl::expected<T, Error>;

using tl::unexpected;

}  // namespace ccci::base

#define CCCI_CONCAT_(a, b) a##b
#define CCCI_CONCAT(a, b) CCCI_CONCAT_(a, b)

// CCCI_TRY(auto lock, read_lock(path)); assigns the value, or returns the error to the caller.
// These two are macros because a function cannot return from its caller. The project has no other
// macros.
#define CCCI_TRY(variable, ...) \
  CCCI_TRY_(CCCI_CONCAT(ccci_result_, __LINE__), variable, __VA_ARGS__)
#define CCCI_TRY_(result, variable, ...)                                   \
  auto result = (__VA_ARGS__);                                             \
  if (!result) return ::ccci::base::unexpected(std::move(result).error()); \
  variable = std::move(result).value()

// CCCI_CHECK(publish(object)); the same for Result<void>, or for a value that is not needed.
#define CCCI_CHECK(...)                                                              \
  do {                                                                               \
    auto ccci_check = (__VA_ARGS__);                                                 \
    if (!ccci_check) return ::ccci::base::unexpected(std::move(ccci_check).error()); \
  } while (false)
