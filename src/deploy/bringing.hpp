// SPDX-License-Identifier: GPL-3.0-or-later
// Brings this program to a host over ssh, and starts it there. The host runs a constant script
// (bring.sh), which becomes the program:
//
//   sender                                 host
//   the script, and what it needs     →
//                                     ←    cc-ci-bring 1
//                                     ←    run FORM       it has the program: nothing is sent
//                                     ←    machine NAME   another processor
//                                     ←    lacks FORM     shared or own (program.hpp)
//   digest and size of the archive    →
//                                     ←    from N DIGEST  what an earlier connection left there
//   N or 0, the rest of the archive   →
//                                     ←    got N          after each part; wait: another one brings
//                                     ←    run FORM | corrupt | busy
//
// The archive is unpacked only after its digest is right, and each file is checked again. Nothing
// of it runs before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deploy/program.hpp"
#include "deploy/remote.hpp"
#include "deploy/sender.hpp"

namespace ccci::deploy {

struct Start {
  const Program* program;          // not used for this machine
  std::string host;                // its name, for errors
  std::vector<std::string> words;  // the program's arguments
  bool dry = false;                // if the host lacks the program, only tell its size
};

struct Started {
  // With the program, from its first byte. Empty if `dry` and the host lacks the program.
  std::unique_ptr<Conversation> conversation;
  std::string command;        // how the program is called there; "cc-ci": the host's own
  std::uint64_t lacked = 0;   // the archive's size; 0: the host had the program
  std::uint64_t bytes = 0;    // all bytes that were sent
  std::uint64_t content = 0;  // those of the archive
};

// Starts this program on the host. If sudo lets the user run only an installed cc-ci, that one is
// started. This machine needs nothing. [deploy.bring] and the errors of undelivered(), which may be
// about [deploy.machine], [deploy.busy] or [deploy.corrupt]
base::Result<Started> start_there(Remote& remote, const Start& start, const Watch& watch);

// Runs cc-ci with these arguments and this input on the host, as start_there() does. An empty
// destination is this machine. [deploy.destination], [base.exec], and the errors of start_there()
base::Result<base::Outcome> ask_host(const std::string& destination, const Start& start,
                                     const std::string& input);

// The words that run the script, and the script itself.
std::vector<std::string> bring_words();
std::string_view bring_script();

}  // namespace ccci::deploy
