// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

namespace ccci::wording {

std::span<const Row> history_wording() {
  static constexpr std::array rows{
      Row{.code = "history.none",
          .message = "{path}: no sweep has stored a result yet",
          .hint = "cc-ci sweep"},
      Row{.code = "history.open",
          .message = "{path}: the results cannot be opened: {problem}",
          .hint = "{remedy}"},
      Row{.code = "history.sql",
          .message = "{path}: the results cannot be used: {problem}",
          .hint = "{remedy}"},
      Row{.code = "history.foreign",
          .message = "{path}: expected results of cc-ci, found a database of another program",
          .hint = "move it away: the next sweep begins a new file"},
      Row{.code = "history.damaged",
          .message = "{path}: the results are damaged: {problem}",
          .hint =
              "restore the file from a backup, or move it away: the next sweep begins a new one"},
      Row{.code = "history.newer",
          .message = "{path}: the results have layout {found}, this cc-ci knows {known}",
          .hint = "install the newer cc-ci on this machine too"},
      Row{.code = "history.connection",
          .message = "{address}: cannot connect to the database: {problem}",
          .hint = "test it with: psql {address}"},
      Row{.code = "history.no-libpq",
          .message = "libpq.so.5: PostgreSQL's library is not installed",
          .hint = "apt-get install libpq5"},
      Row{.code = "history.unknown",
          .exit = Exit::usage,
          .message = "'{name}': no night and no recipe has this name in the results",
          .hint = "cc-ci results list",
          .notes = {"the latest night is {latest}"}},
      Row{.code = "history.recipe",
          .exit = Exit::usage,
          .message = "'{name}': expected a night, or a run as NIGHT/RECIPE, found a recipe",
          .hint = "its last run is {night}/{name}; cc-ci results show {name} lists the others"},
      Row{.code = "history.two-recipes",
          .exit = Exit::usage,
          .message = "{before} and {after}: expected two runs of one recipe, found two recipes",
          .hint = "cc-ci results show RECIPE lists the runs of a recipe"},
      Row{.code = "history.import",
          .exit = Exit::usage,
          .message = "{path}: this is no result of cc-ci: {why}",
          .hint = "give a results.json of cc-ci test, or a file of cc-ci results export --format "
                  "json"},
  };
  return rows;
}

}  // namespace ccci::wording
