// SPDX-License-Identifier: GPL-3.0-or-later
// Explains why something is in the environment.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::project {

struct Chain {
  std::string declared;            // FILE:LINE:COLUMN of the first link; may be empty
  std::vector<std::string> links;  // "tool git", "git", "libcurl3-gnutls"
};

struct Why {
  std::string subject;
  std::vector<std::string> commands;  // "git: /usr/bin/git", if the subject is a command
  source::Package package;
  std::vector<Chain> chains;
  std::string declare = {};  // what puts the command on PATH, if it is not there
};

// `subject` is a tool, a command, a python module, a package, a program that is not on PATH, or the
// absolute path of a file inside. [cli.unknown-name], [cli.undeclared-command], [cli.unowned-path],
// [store.*], [environment.*]
base::Result<Why> why(const Project& project, const store::Store& store, const lock::Lock& lock,
                      const std::string& subject);

}  // namespace ccci::project
