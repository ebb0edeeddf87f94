// SPDX-License-Identifier: GPL-3.0-or-later
// What the program of a declared tool finds by name, and the job does not: the commands of the
// packages that its own package depends on. gcc finds `as`, and the job finds `as` only if it
// declares binutils.
//
// On PATH such a command is not a link to its program. It is a text file that names the program
// and the package:
//   #!/usr/lib/cc-ci/start gcc /usr/bin/gcc
// The start program (enter/start_program.cpp) appends /usr/lib/cc-ci/needs/gcc to PATH and executes
// /usr/bin/gcc. A file that /usr/bin/env starts needs no such file: its first line gets the path of
// its interpreter. A script of a package that `packages` declares is called by its path. If its
// text names such a command, its first line becomes
//   #!/usr/lib/cc-ci/start +PACKAGE /bin/sh -e
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"
#include "environment/command_index.hpp"
#include "environment/environment.hpp"
#include "environment/plan.hpp"

namespace ccci::environment {

inline constexpr const char* start_file = "usr/lib/cc-ci/start";
inline constexpr const char* needs_directory = "usr/lib/cc-ci/needs";

// The commands that a package's programs find beyond PATH.
struct Needs {
  std::string package;
  Commands commands;

  bool operator==(const Needs&) const = default;
};

// Sets Command::needs of the exposed commands that get more than PATH, and returns the needs of
// their packages, and of the packages with scripts that need some, sorted. These commands stay
// links:
// - commands of Essential packages, and those whose dependencies have no other commands;
// - commands that a rule names with a path, and programs of pinned archives;
// - alternatives whose program is outside the program directories (java): the link shows where the
//   program's own files are (`readlink -f "$(command -v java)"`).
std::vector<Needs> find_needs(const declare::Declaration& declaration,
                              const std::vector<Part>& parts, const CommandIndex& index,
                              const Tree& tree, std::vector<Exposed>& exposed);

// Adds the directories of needs and the start program to the tree, and replaces links by text
// files where a command has needs. Call it after the links of PATH were added.
void add_needs(Tree& tree, const std::vector<Exposed>& exposed, const std::vector<Needs>& needs);

// Sets the content of the files that add_needs() added, and the first lines of scripts. `parts` are
// those of the tree.
void fill_needs(std::vector<Operation>& operations, const Tree& tree,
                const std::vector<Exposed>& exposed, const std::vector<Needs>& needs,
                const std::vector<Part>& parts, const CommandIndex& index);

// The first line of a script with these needs. Nothing if its text names none of the commands, or
// if its own first line has another form.
std::optional<std::string> script_line(std::string_view text, const Needs& needs);

// A first line that lets env search a program. The kernel passes all arguments of a first line as
// one word, so a line with several arguments, or with variables, still needs `env -S`.
struct EnvCall {
  std::string program;  // "node"
  std::string before;   // "#!/usr/bin/env -S A=b " if env is still needed
  std::string after;    // "--flag"
};
// Nothing if the line has another form.
std::optional<EnvCall> read_env_call(std::string_view line);
// The same line with the path of the program, so that env need not search it.
std::string with_path(const EnvCall& call, std::string_view path);

// The bytes of the start program.
std::string_view start_program();

}  // namespace ccci::environment
