// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> sweep_wording() {
  static constexpr std::array rows{
      Row{.code = "sweep.nothing",
          .exit = Exit::usage,
          .message = "{path}: no recipe is enrolled",
          .hint = "add a table [recipes.NAME] with source = \"PATH or URL\""},
      Row{.code = "sweep.catalogue",
          .exit = Exit::usage,
          .message = "{path}: this is no catalogue of recipes: {why}"},
      Row{.code = "sweep.catalogue-fetch",
          .message = "{url}: the catalogue cannot be fetched: {problem}",
          .hint = "repair the network, or set catalogue to a file",
          .notes = {"no earlier sweep has left a copy"}},
      Row{.code = "sweep.no-copy",
          .message = "{url}: --offline: expected the copy of an earlier sweep, found none",
          .hint = "run cc-ci sweep without --offline"},
      Row{.code = "sweep.unknown-recipe",
          .exit = Exit::usage,
          .message = "recipe '{name}': is not enrolled",
          .hint = "did you mean '{likely}'?",
          .notes = {"enrolled are: {known}"}},
      Row{.code = "sweep.empty-only",
          .exit = Exit::usage,
          .message = "--only: expected names of recipes, found none",
          .hint = "cc-ci sweep --only A,B; without --only, all recipes are meant"},
      Row{.code = "sweep.format-alone",
          .exit = Exit::usage,
          .message = "--format: expected --plan with it, found none",
          .hint = "cc-ci sweep --plan --format FORMAT"},
      Row{.code = "sweep.no-jobs",
          .exit = Exit::usage,
          .message = "--jobs: expected a number from 1 to 99, found 0"},
      Row{.code = "sweep.unusable",
          .message = "recipe '{recipe}': {why}",
          .hint = "set source in [recipes.{recipe}]"},
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
      Row{.code = "sweep.since-future",
          .exit = Exit::usage,
          .message = "--since '{text}': expected a date in the past, found one in the future"},
      Row{.code = "sweep.since",
          .exit = Exit::usage,
          .message = "--since '{text}': expected a date like 2026-11-28 or a time span like 7d"},
  };
  return rows;
}

}  // namespace ccci::wording
