// SPDX-License-Identifier: GPL-3.0-or-later
#include "command/option.hpp"

namespace ccci::command {

Option json_option() {
  return {.name = "json", .help = "print one JSON object instead of text", .group = "Output"};
}

Option dry_run_option() {
  return {.name = "dry-run", .letter = 'n', .help = "print what would be done; change nothing"};
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
       .help = "use DIR as the state directory",
       .shown = "$CC_CI_STATE, else /var/lib/cc-ci as root, $XDG_STATE_HOME/cc-ci otherwise",
       .group = "Where",
       .completes = Completion::directory},
      {.name = "offline", .help = "do not use the network", .group = "Where"},
      {.name = "quiet", .letter = 'q', .help = "print no progress", .group = "Output"},
      {.name = "verbose",
       .letter = 'v',
       .help = "print one line of progress per item",
       .group = "Output"},
      {.name = "color",
       .value = "WHEN",
       .help = "use colour: auto, always or never",
       .shown = "auto",
       .group = "Output",
       .completes = Completion::choices,
       .choices = {"auto", "always", "never"}},
      {.name = "version", .help = "print the version", .group = "Output"},
      {.name = "help",
       .letter = 'h',
       .help = "print help; -h prints a short form",
       .group = "Output"},
  };
  return options;
}

}  // namespace ccci::command
