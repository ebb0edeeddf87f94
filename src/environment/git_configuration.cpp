// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/git_configuration.hpp"

namespace ccci::environment {

namespace {

constexpr const char* file = "etc/gitconfig";
constexpr const char* filter =
    "[filter \"lfs\"]\n"
    "\tclean = git-lfs clean -- %f\n"
    "\tsmudge = git-lfs smudge -- %f\n"
    "\tprocess = git-lfs filter-process\n"
    "\trequired = true\n";

}  // namespace

void add_git_configuration(Tree& tree) {
  if (!tree.is_program("usr/bin/git-lfs") || tree.find(file) != nullptr) return;
  if (tree.lies_below_directories(file)) tree.add_file(file, filter);
}

}  // namespace ccci::environment
