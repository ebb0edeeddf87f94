// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value or an Error. std::expected arrives with C++23; tl::expected has its interface.
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

// CCCI_TRY(auto lock, read_lock(path)); the value, or return the error to the caller.
// A macro because a function cannot return from its caller; there is no other in the project.
#define CCCI_TRY(variable, ...) \
  CCCI_TRY_(CCCI_CONCAT(ccci_result_, __LINE__), variable, __VA_ARGS__)
#define CCCI_TRY_(result, variable, ...)                                   \
  auto result = (__VA_ARGS__);                                             \
  if (!result) return ::ccci::base::unexpected(std::move(result).error()); \
  variable = std::move(result).value()

// CCCI_CHECK(publish(object)); for Result<void>, or a value nobody needs.
#define CCCI_CHECK(...)                                                              \
  do {                                                                               \
    auto ccci_check = (__VA_ARGS__);                                                 \
    if (!ccci_check) return ::ccci::base::unexpected(std::move(ccci_check).error()); \
  } while (false)
