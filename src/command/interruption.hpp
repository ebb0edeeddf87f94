// SPDX-License-Identifier: GPL-3.0-or-later
// A stop that is asked for by a signal, for commands that end their work in order.
#pragma once

namespace ccci::command {

// While an object of this class exists, SIGINT, SIGTERM and SIGHUP (a lost ssh connection) a stop.
// They do not end the process in the middle of its work.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  static bool happened();
  static int signal();  // 0: none
};

}  // namespace ccci::command
