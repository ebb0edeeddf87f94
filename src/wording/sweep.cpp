// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> sweep_wording() {
  static constexpr std::array rows{
      Row{.code = "sweep.nothing",
          .exit = Exit::usage,
          .message = "{path}: no recipe is enrolled",
          .hint = "add a table [recipes.NAME] with source = \"PATH or URL\""},
      Row{.code = "sweep.no-source",
          .exit = Exit::usage,
          .message = "recipe '{recipe}': expected a source, found none here and none in "
                     "{catalogue}",
          .hint = "set source in [recipes.{recipe}]"},
      Row{.code = "sweep.catalogue",
          .exit = Exit::usage,
          .message = "{path}: this is no catalogue of recipes: {why}"},
      Row{.code = "sweep.catalogue-fetch",
          .message = "{url}: the catalogue cannot be fetched: {problem}",
          .hint = "with --offline the copy of the last sweep is used"},
      Row{.code = "sweep.unknown-recipe",
          .exit = Exit::usage,
          .message = "recipe '{name}': is not enrolled",
          .hint = "did you mean '{likely}'?",
          .notes = {"enrolled are: {known}"}},
      Row{.code = "sweep.busy",
          .message = "another sweep is running: {holder}",
          .hint = "wait until it has ended"},
      Row{.code = "sweep.night",
          .exit = Exit::usage,
          .message = "night '{name}': expected letters, digits, '.' and '-', found '{name}'"},
      Row{.code = "sweep.notify",
          .message = "the notify command {command}: expected status 0, found {status}: {problem}"},
      Row{.code = "sweep.unknown-format",
          .exit = Exit::usage,
          .message = "'{format}': no such format",
          .notes = {"formats are: {known}"}},
      Row{.code = "sweep.since",
          .exit = Exit::usage,
          .message = "--since '{text}': expected a date like 2026-11-28 or a time span like 7d"},
  };
  return rows;
}

}  // namespace ccci::wording
