// SPDX-License-Identifier: GPL-3.0-or-later
// Lists the simple commands that a POSIX shell script may run on a first installation: `$1` is
// "configure" or "install", and `$2`, the version before an upgrade, is empty. If the script gives
// these parameters another meaning (functions, shift, set), every branch counts. Nothing is run. It
// decides whether cc-ci's own rules cover a maintainer script completely, so it must never miss a
// command: where it is not certain, it says so, and the script is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ccci::configure {

struct SimpleCommand {
  std::vector<std::string> words;  // as written, without quotes; "$1", "$2" or "$": an expansion
  bool writes = false;             // its output goes to a file other than /dev/null

  bool operator==(const SimpleCommand&) const = default;
};

struct ShellScript {
  std::vector<SimpleCommand> commands;
  std::vector<std::string> functions;  // defined in the script
  bool certain = true;                 // false: some part could not be read
};

// At most 1 MiB of text is read; a longer one is not certain.
ShellScript read_shell(std::string_view text);

}  // namespace ccci::configure
