// SPDX-License-Identifier: GPL-3.0-or-later
// The wording of every error, one table per area in report/wording/AREA.cpp, each row keyed by the
// code. Templates name fields in braces: "package '{package}': expected {expected}, found {found}".
// A note or hint whose fields are missing or empty is left out; a message prints a missing field as
// '?', and scripts/check-wording finds codes without a row and rows without a use.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ccci::report {

// The exit status that an error leads to.
enum class Exit { verdict = 1, usage = 2, operation = 3 };

struct Wording {
  std::string_view code;
  Exit exit = Exit::operation;
  std::string_view message;                    // lower case, no final period, names the operand
  std::string_view hint = {};                  // one remedy, a command where possible
  std::array<std::string_view, 3> notes = {};  // facts; several lines where a field holds newlines
  std::string_view other_hint = {};            // where a field of `hint` is missing
};

std::span<const Wording> base_wording();
std::span<const Wording> declare_wording();
std::span<const Wording> source_wording();
std::span<const Wording> lock_wording();
std::span<const Wording> store_wording();
std::span<const Wording> environment_wording();
std::span<const Wording> host_wording();
std::span<const Wording> activate_wording();
std::span<const Wording> witness_wording();
std::span<const Wording> deploy_wording();
std::span<const Wording> prove_wording();
std::span<const Wording> gate_wording();
std::span<const Wording> learn_wording();
std::span<const Wording> cli_wording();

}  // namespace ccci::report
