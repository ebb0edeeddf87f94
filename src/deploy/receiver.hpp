// SPDX-License-Identifier: GPL-3.0-or-later
// The far end of a deployment: takes what this machine lacks, builds the host's system from it and
// compares it with what the sender has. It switches nothing.
//
// What comes in is treated as hostile: every frame and every count is bounded, archives and files
// are kept only once they have the digest under which they were asked for, and nothing is written
// outside the state directory.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "deploy/frame.hpp"
#include "deploy/kept_projects.hpp"
#include "deploy/message.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "store/store.hpp"

namespace ccci::deploy {

// Fetches what the sender does not have either; the directory is the project's.
using FetchFor =
    std::function<base::Result<void>(const declare::Declaration&, const std::filesystem::path&,
                                     const std::vector<source::Package>&)>;

// What is active on the host. [activate.*]
base::Result<Active> read_active(const activate::Generations& generations);

class Receiver {
 public:
  Receiver(store::Store& store, const activate::Generations& generations, FetchFor fetch,
           std::string version, std::chrono::milliseconds pulse = std::chrono::seconds(5))
      : store_(store),
        generations_(generations),
        fetch_(std::move(fetch)),
        version_(std::move(version)),
        pulse_(pulse),
        projects_(store) {}

  // Speaks until the other side has what it wants; an error is told there as well.
  base::Result<void> serve(Stream& stream);

 private:
  // The declaration and lock of a project, and the directory they lie in.
  struct Opened {
    declare::Declaration declaration;
    lock::Lock lock;
    std::filesystem::path directory;
  };

  base::Result<void> converse(Frames& frames);
  base::Result<Opened> take_project(Frames& frames, const Hello& hello, bool there);
  base::Result<Opened> open(const Hello& hello, const std::filesystem::path& declaration,
                            const std::filesystem::path& lock) const;
  base::Result<void> take_archives(Frames& frames, const std::vector<source::Package>& wanted);
  base::Result<host::System> build(Frames& frames, const Hello& hello, const Opened& opened);
  base::Result<void> prune(const std::string& project) const;

  store::Store& store_;
  const activate::Generations& generations_;
  FetchFor fetch_;
  std::string version_;
  std::chrono::milliseconds pulse_;  // between two words that it is there
  KeptProjects projects_;
};

// The next blob: `sha256` was asked for, `size` is known, or 0 and then bounded by `limit`. False
// where the sender does not have it. Nothing more than that is written into `to`. [deploy.corrupt],
// [deploy.message], [deploy.frame]
struct AskedFor {
  std::string name;  // for messages
  std::string sha256;
  std::uint64_t size = 0;
  std::uint64_t limit = 0;
};
base::Result<bool> take_blob(Frames& frames, const AskedFor& asked,
                             const std::function<base::Result<base::Fd>()>& create,
                             base::Disk& disk);

}  // namespace ccci::deploy
