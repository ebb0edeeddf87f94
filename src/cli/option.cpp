// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/option.hpp"

namespace ccci::cli {

Option json_option() {
  return {.name = "json", .help = "print one JSON object instead of text", .group = "Output"};
}

Option dry_run_option() {
  return {.name = "dry-run", .letter = 'n', .help = "print what would be done, change nothing"};
}

const std::vector<Option>& global_options() {
  static const std::vector<Option> options{
      {.name = "directory",
       .letter = 'C',
       .value = "DIR",
       .help = "work as if started in DIR",
       .group = "Where",
       .completes = Completion::directory},
      {.name = "file",
       .value = "FILE",
       .help = "read the declaration FILE",
       .shown = "cc-ci.toml",
       .group = "Where",
       .completes = Completion::file},
      {.name = "state",
       .value = "DIR",
       .help = "keep store and archives in DIR",
       .shown = "$CC_CI_STATE, else /var/lib/cc-ci as root, $XDG_STATE_HOME/cc-ci otherwise",
       .group = "Where",
       .completes = Completion::directory},
      {.name = "offline", .help = "touch no network", .group = "Where"},
      {.name = "quiet", .letter = 'q', .help = "no progress", .group = "What is printed"},
      {.name = "verbose",
       .letter = 'v',
       .help = "progress with a line per item",
       .group = "What is printed"},
      {.name = "color",
       .value = "WHEN",
       .help = "colour: auto, always or never",
       .shown = "auto",
       .group = "What is printed",
       .completes = Completion::choices,
       .choices = {"auto", "always", "never"}},
      {.name = "version", .help = "print the version", .group = "What is printed"},
      {.name = "help",
       .letter = 'h',
       .help = "print help; -h prints its short form",
       .group = "What is printed"},
  };
  return options;
}

}  // namespace ccci::cli
