// SPDX-License-Identifier: GPL-3.0-or-later
// The host's side of a deployment. It receives what this machine lacks, builds the host's system
// and compares the result with the sender's. It does not switch.
//
// All input is treated as hostile. Every frame and every count is bounded. An archive or a file is
// kept only if it has the requested digest. Nothing is written outside the state directory.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "activate/generations.hpp"
#include "deploy/frame.hpp"
#include "deploy/message.hpp"
#include "deploy/project_cache.hpp"
#include "host/build.hpp"
#include "lock/lock.hpp"
#include "project/declared_files.hpp"
#include "store/store.hpp"

namespace ccci::deploy {

// Fetches packages that the sender does not have either. The path is the project's directory.
using FetchFor =
    std::function<base::Result<void>(const declare::Declaration&, const std::filesystem::path&,
                                     const std::vector<source::Package>&)>;

// Whether the host differs from its active generation, as `cc-ci status` finds out.
using Drifted = std::function<base::Result<bool>()>;

// What is active on the host. [activate.*]
base::Result<Active> read_active(const activate::Generations& generations);

class Receiver {
 public:
  Receiver(store::Store& store, const activate::Generations& generations, FetchFor fetch,
           Drifted drifted, std::string version,
           std::chrono::milliseconds pulse = std::chrono::seconds(5))
      : store_(store),
        generations_(generations),
        fetch_(std::move(fetch)),
        drifted_(std::move(drifted)),
        version_(std::move(version)),
        pulse_(pulse),
        projects_(store) {}

  // Serves one deployment to its end. An error is also sent to the other side.
  base::Result<void> serve(Stream& stream);

 private:
  // The declaration and lock of a project, and their directory.
  struct Opened {
    declare::Declaration declaration;
    lock::Lock lock;
    std::filesystem::path directory;
  };

  base::Result<void> converse(Frames& frames);
  base::Result<Opened> take_project(Frames& frames, const Hello& hello, bool there);
  base::Result<Opened> open(const Hello& hello, const project::FindFile& find) const;
  base::Result<void> take_archives(Frames& frames, const std::vector<source::Package>& wanted);
  base::Result<host::System> build(Frames& frames, const Hello& hello, const Opened& opened);
  bool is_current(const Active& active, const Done& done) const;
  base::Result<void> prune(const std::string& project) const;

  store::Store& store_;
  const activate::Generations& generations_;
  FetchFor fetch_;
  Drifted drifted_;
  std::string version_;
  std::chrono::milliseconds pulse_;  // time between two signs of life
  ProjectCache projects_;
};

// A blob that was requested from the sender.
struct AskedFor {
  std::string name;  // for messages
  std::string sha256;
  std::uint64_t size = 0;   // 0: not known
  std::uint64_t limit = 0;  // maximum size if `size` is 0
};

// Receives the next blob, which must be `asked`, into the file that `create` makes. Never writes
// more than the expected size. Returns false if the sender does not have the blob.
// [deploy.corrupt], [deploy.message], [deploy.frame]
base::Result<bool> take_blob(Frames& frames, const AskedFor& asked,
                             const std::function<base::Result<base::Fd>()>& create,
                             base::Disk& disk);

}  // namespace ccci::deploy
