// SPDX-License-Identifier: GPL-3.0-or-later
// The near end of a deployment: offers what was built here, and sends what the host lacks of it.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "deploy/frame.hpp"
#include "deploy/manifest.hpp"
#include "deploy/message.hpp"
#include "lock/lock.hpp"

namespace ccci::deploy {

// What goes to every host; made once.
struct Parcel {
  std::string version;              // of cc-ci
  std::string state;                // state directory
  std::filesystem::path directory;  // of the project
  std::string file;                 // the declaration's name in it
  ProjectManifest manifest;
  std::map<std::string, std::string> files;  // digest to path below `directory`
  lock::Lock lock;
  std::filesystem::path archives;
};

// Reads the files, links not followed. Names of submodules and of files that are gone are left
// out. [deploy.project-entry], [deploy.project-large], [base.*]
base::Result<ProjectManifest> gather(const std::filesystem::path& directory,
                                     const std::vector<std::string>& paths);

// What a host is to get.
struct Wanted {
  std::string host;
  std::string system;  // "HASH-HOST"
  std::string digest;
};

// Told how far it is; from the thread that delivers.
struct Watch {
  std::function<void(std::string_view)> step = [](std::string_view) {};
  std::function<void(std::uint64_t, std::uint64_t)> sent = [](std::uint64_t, std::uint64_t) {};
};

struct Delivered {
  Ready ready;
  Done done;                  // of a dry run: empty
  std::uint64_t bytes = 0;    // sent in all, as they went into the connection
  std::uint64_t content = 0;  // of archives and files; of a dry run: that would be sent
  std::size_t archives = 0;
  std::size_t files = 0;
  std::size_t absent = 0;  // archives that the host fetches itself
};

// [deploy.remote] with what the other side says, where that fails; [deploy.mute] where it never
// answered, [deploy.ended] where it went away, [deploy.quiet] with what was waited for; [deploy.*]
base::Result<Delivered> deliver(Stream& stream, const Parcel& parcel, const Wanted& wanted,
                                const Watch& watch, bool dry);

}  // namespace ccci::deploy
