// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "command/dispatch.hpp"
#include "command/signals.hpp"

int main(int argc, char** argv) {
  ccci::command::ignore_broken_pipe();
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const auto variables = [](const char* name) -> const char* { return std::getenv(name); };
  return ccci::command::dispatch(words, ccci::cli::commands(), variables);
}
