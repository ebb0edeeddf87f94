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
          .message = "{path}: this is no catalogue of recipes: {why}",
          .hint = "give recipes.json of Co-op Cloud's catalogue, or a file of this form"},
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
      Row{.code = "sweep.unusable",
          .message = "recipe '{recipe}': {why}",
          .hint = "set source in [recipes.{recipe}]"},
      Row{.code = "sweep.busy",
          .message = "another sweep is running: {holder}",
          .hint = "wait until it has ended"},
      Row{.code = "sweep.night",
          .exit = Exit::usage,
          .message =
              "night '{name}': expected 1 to 60 letters, digits, '.', '_' and '-', and no '.' "
              "first"},
      Row{.code = "sweep.night-recipe",
          .exit = Exit::usage,
          .message = "night '{name}': expected a name that no recipe has",
          .hint = "--night {name}-night"},
      Row{.code = "sweep.notify-start",
          .message =
              "the notify command {command} cannot be started, so nobody was told: {problem}",
          .hint = "correct notify in [sweep]"},
      Row{.code = "sweep.notify",
          .message = "the notify command {command}: expected status 0, found {status}: {problem}",
          .hint = "run the command by hand, with STATE/sweeps/NIGHT/sweep.json as its input"},
      Row{.code = "sweep.snapshots",
          .message = "{repository}: the data of canonical releases cannot be kept there: {problem}",
          .hint = "export RESTIC_PASSWORD, then test it with: cc-ci run -- /usr/bin/restic --repo "
                  "{repository} snapshots"},
      Row{.code = "sweep.snapshots-lost",
          .message = "{repository}: the restic repository exists, and the file of its password is "
                     "missing: {path}",
          .hint = "restore {path} from a backup, or set snapshots_password in [sweep] to a file "
                  "with the password"},
      Row{.code = "sweep.snapshots-password",
          .message = "{path}: expected the password of the restic repository, found {problem}",
          .hint = "write the password of [sweep] snapshots into {path}, which root alone may read "
                  "(chmod 600)"},
      Row{.code = "sweep.unknown-format",
          .exit = Exit::usage,
          .message = "'{format}': no such format",
          .notes = {"formats are: {known}"}},
      Row{.code = "sweep.bisect-alone",
          .exit = Exit::usage,
          .message = "--bisect: expected no other choice with it, found {others}",
          .hint = "cc-ci sweep --bisect RECIPE"},
      Row{.code = "sweep.not-red",
          .exit = Exit::usage,
          .message = "recipe '{recipe}': expected a red verdict after a green one, found "
                     "{found}",
          .hint = "cc-ci results show {recipe}"},
      Row{.code = "sweep.never-green",
          .exit = Exit::usage,
          .message = "recipe '{recipe}': expected a green verdict before the red one, found none",
          .hint = "cc-ci results show {recipe}"},
      Row{.code = "sweep.trial", .message = "{what}: the trial has no verdict: {problem}"},
      Row{.code = "sweep.bisect-stopped",
          .message = "a signal stopped the search before anything was found"},
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
