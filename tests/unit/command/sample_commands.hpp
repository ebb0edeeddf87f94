// SPDX-License-Identifier: GPL-3.0-or-later
// A small table with a command of every shape.
#pragma once

#include "command/command.hpp"

namespace ccci::command {

inline const Commands& sample_commands() {
  static const Command build{
      .name = "build",
      .section = "Run",
      .purpose = "build something",
      .operands =
          {{.name = "HOST", .optional = true, .repeatable = true, .completes = Completion::host}},
      .options = {json_option(),
                  dry_run_option(),
                  {.name = "jobs", .letter = 'j', .value = "N", .help = "work N at once"},
                  {.name = "with",
                   .value = "TOOL",
                   .help = "add TOOL",
                   .repeatable = true,
                   .completes = Completion::tool}}};
  static const Command run{.name = "run",
                           .section = "Run",
                           .purpose = "run something",
                           .operands = {{.name = "COMMAND", .completes = Completion::program},
                                        {.name = "ARG", .optional = true, .repeatable = true}},
                           .options = {{.name = "pure", .help = "keep little"}},
                           .passes_rest = true};
  static const Command why{.name = "why",
                           .section = "Look",
                           .purpose = "explain something",
                           .operands = {{.name = "NAME", .completes = Completion::package}}};
  static const Command shape{
      .name = "shape",
      .section = "Look",
      .purpose = "draw something",
      .operands = {
          {.name = "FORM", .completes = Completion::choices, .choices = {"round", "square"}}}};
  static const Command verify{
      .name = "store verify", .section = "Upkeep", .purpose = "verify something"};
  static const Command repair{
      .name = "store repair", .section = "Upkeep", .purpose = "repair something"};
  static const Command hidden{
      .name = "hidden", .section = "Help", .purpose = "hide something", .hidden = true};
  static const Command help{.name = "help",
                            .section = "Help",
                            .purpose = "help somebody",
                            .operands = {{.name = "COMMAND",
                                          .optional = true,
                                          .repeatable = true,
                                          .completes = Completion::command}}};
  static const Commands table{&build, &run, &why, &shape, &verify, &repair, &hidden, &help};
  return table;
}

}  // namespace ccci::command
