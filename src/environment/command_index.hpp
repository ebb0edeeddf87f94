// SPDX-License-Identifier: GPL-3.0-or-later
// The commands that each package has in a root, and the packages that a package reaches by its
// dependencies.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "environment/alternatives.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

// Where packages have their programs, below a root.
inline constexpr std::array<std::string_view, 4> program_directories{
    "usr/bin/", "usr/sbin/", "usr/games/", "usr/lib/cc-ci/python/bin/"};

// Whether a file only describes its package: documentation, manual pages, overrides of lintian.
bool describes_its_package(std::string_view path);

// Whether the text of a script has the word, other than as the end of a path.
bool names_word(std::string_view text, std::string_view word);

using Commands = std::map<std::string, Command>;

enum class Reach {
  same_source,  // dependencies from the same source package
  all,          // all dependencies
  // Not the dependencies of Essential packages, whose commands are on PATH. A library starts
  // programs of its dependencies (libgccjit0 calls `as` of binutils, libgpgme11 calls gpg), unless
  // one of its maintainer scripts names them (libssl3 depends on debconf).
  programs,
};

class CommandIndex {
 public:
  CommandIndex(const std::vector<Part>& parts, const Tree& tree,
               const std::vector<Alternative>& alternatives);

  const Part* part(const std::string& package) const;
  // The programs in the program directories, and the alternatives that the package wins, by name.
  const Commands& commands_of(const std::string& package) const;
  // The package and its dependencies, the nearest first.
  std::vector<std::string> reach(const std::string& package, Reach how) const;

 private:
  bool leads_on(const Part& part, const Part& first, Reach how) const;
  bool is_library(const Part& part) const;
  // Whether a process with the library starts programs of the package that it depends on, or has
  // another library by it.
  bool starts(const Part& library, const Part& other) const;
  void add(const std::string& package, std::string_view name, const std::string& path);

  const std::vector<Part>& parts_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<bool> libraries_;                         // by part
  std::unordered_map<std::string, Commands> commands_;  // by package
};

}  // namespace ccci::environment
