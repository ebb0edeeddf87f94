// SPDX-License-Identifier: GPL-3.0-or-later
// The wording of every error. Each area has a table in wording/AREA.cpp with one row per
// code. Templates contain fields in braces: "package '{package}': expected {expected}, found
// {found}". A note or a hint with a missing or empty field is left out. A message prints '?' for a
// missing field. scripts/check-wording finds codes without a row and rows without a use.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace ccci::wording {

// The exit status of the program after this error.
enum class Exit { verdict = 1, usage = 2, operation = 3 };

struct Row {
  std::string_view code;
  Exit exit = Exit::operation;
  std::string_view message;    // lower case, no final period; begins with the subject
  std::string_view hint = {};  // one remedy, a command where possible
  std::array<std::string_view, 4> notes = {};  // facts; one note per line of a field
  std::string_view other_hint = {};            // used if a field of `hint` is missing
};

std::span<const Row> base_wording();
std::span<const Row> declare_wording();
std::span<const Row> source_wording();
std::span<const Row> lock_wording();
std::span<const Row> store_wording();
std::span<const Row> environment_wording();
std::span<const Row> configure_wording();
std::span<const Row> seal_wording();
std::span<const Row> python_wording();
std::span<const Row> node_wording();
std::span<const Row> host_wording();
std::span<const Row> activate_wording();
std::span<const Row> doctor_wording();
std::span<const Row> witness_wording();
std::span<const Row> deploy_wording();
std::span<const Row> prove_wording();
std::span<const Row> gate_wording();
std::span<const Row> learn_wording();
std::span<const Row> recipe_wording();
std::span<const Row> engine_wording();
std::span<const Row> ingress_wording();
std::span<const Row> image_wording();
std::span<const Row> run_wording();
std::span<const Row> git_wording();
std::span<const Row> history_wording();
std::span<const Row> sweep_wording();
std::span<const Row> cli_wording();

// Every table, in the order of the rooms.
std::span<const std::span<const Row>> tables();

// The row of the code; nullptr if no table has one.
const Row* row_of(std::string_view code);

}  // namespace ccci::wording
