// SPDX-License-Identifier: GPL-3.0-or-later
// cc-ci-enter: enters the environment that an entrypoint file names and executes a command there.
// The process, terminal, working directory, signals and exit status stay the same.
#pragma once

namespace ccci::enter {

// The main function of a program of this folder: of cc-ci-enter (launch.cpp), and of cc-ci-start
// (needs.cpp). Does not return if it executes a command. Otherwise returns the exit status.
int launch(int count, char** arguments, char** environment, const unsigned long* auxiliary);

}  // namespace ccci::enter
