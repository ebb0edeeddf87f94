// SPDX-License-Identifier: GPL-3.0-or-later
// The processes of an engine: dockerd, and the containerd that runs its containers. An engine
// starts its containerd again by itself, and a service manager both. So the engine answers again
// later, but what failed meanwhile says nothing of the app.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::engine {

class Daemons {
 public:
  // As they are now. `process` is dockerd, or what started it: a keeper, a service manager. What
  // cannot be told is not watched.
  static Daemons of(pid_t process);

  // [engine.lost] with the `daemon` that has ended since, or that somebody stopped.
  base::Result<void> check() const;

 private:
  struct Watched {
    std::string name;
    pid_t number = 0;
    base::Fd process;  // a pidfd: no later process is taken for this one
  };

  void watch(std::string name, pid_t number);

  std::vector<Watched> watched_;
};

// The process that made a socket: who serves it, or the service manager that opened it. 0: one that
// this process cannot see. [engine.no-engine]
base::Result<pid_t> owner_of(const std::string& socket);

}  // namespace ccci::engine
