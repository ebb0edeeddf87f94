// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/start_lines.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "environment/needs.hpp"

namespace ccci::environment {

namespace {

bool is_plain(std::string_view path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._+-").find(c) != std::string_view::npos;
  });
}

// "python3" of "#!/usr/bin/python3.11 -E" and of "#!/usr/bin/env python3".
std::string interpreter_of(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\n'));
  if (!line.starts_with("#!")) return {};
  if (const auto call = read_env_call(line)) return call->program;
  std::string_view program = base::trim(line.substr(2));
  program = program.substr(0, program.find_first_of(" \t"));
  return std::string(program.substr(program.rfind('/') + 1));
}

struct Language {
  std::string_view program;  // the beginning of the interpreter's name
  std::string_view word;
  std::string_view before;   // then the directory of needs
  std::string_view between;  // then the path
  std::string_view after;
};

// Perl starts again: many programs do nothing if another file of Perl runs them ("unless caller").
// PHP prints the first line of a file that another one requires, so that line is taken out of the
// output. node's runMain() starts the file as if node had got its name.
constexpr Language languages[] = {
    {"python", "",
     "import os, runpy, sys; os.environ[\"PATH\"] = os.environ.get(\"PATH\", os.defpath) + \":",
     "\"; sys.argv[0] = \"", "\"; runpy.run_path(sys.argv[0], run_name=\"__main__\")\n"},
    {"node", "", "process.env.PATH = (process.env.PATH || \"/usr/bin\") + \":",
     "\"; process.argv[1] = \"", "\"; require(\"module\").runMain();\n"},
    {"perl", "perl", "$ENV{PATH} = ($ENV{PATH} || \"/usr/bin\") . \":",
     "\"; exec $^X, ($^W ? \"-w\" : ()), (map { \"-I$_\" } grep { !ref } @INC), \"",
     "\", @ARGV or die \"$^X: $!\\n\";\n"},
    {"ruby", "ruby", "ENV[\"PATH\"] = (ENV[\"PATH\"] || \"/usr/bin\") + \":", "\"; $0 = \"",
     "\"; load $0\n"},
    {"php", "", "<?php putenv('PATH=' . (getenv('PATH') ?: '/usr/bin') . ':",
     "'); ob_start(static function ($text) { static $first = true; if ($first) { $first = false; "
     "$text = preg_replace('/\\A#!.*\\n/', '', $text); } return $text; }, 1); "
     "$argv[0] = $_SERVER['argv'][0] = '",
     "'; require $argv[0];\n"},
};

constexpr std::string_view shells[] = {"sh", "bash", "dash", "ksh", "mksh", "zsh"};

}  // namespace

StartLines start_lines(std::string_view head, std::string_view path, std::string_view package) {
  const std::string interpreter = interpreter_of(head);
  if (interpreter.empty() || !is_plain(path) || !is_plain(package)) return {};
  const std::string needs = "/" + std::string(needs_directory) + "/" + std::string(package);
  if (std::find(std::begin(shells), std::end(shells), interpreter) != std::end(shells)) {
    // A shell that reads the file for its functions keeps its PATH.
    const std::string name(path.substr(path.rfind('/') + 1));
    return {{},
            "case $0 in */" + name + ") PATH=$PATH:" + needs + " ;; esac; . " + std::string(path) +
                "\n"};
  }
  for (const Language& one : languages) {
    if (!interpreter.starts_with(one.program)) continue;
    return {std::string(one.word), std::string(one.before) + needs + std::string(one.between) +
                                       std::string(path) + std::string(one.after)};
  }
  return {};
}

}  // namespace ccci::environment
