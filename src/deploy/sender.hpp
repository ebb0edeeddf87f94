// SPDX-License-Identifier: GPL-3.0-or-later
// The sender's side of a deployment. It offers what was built here and sends what the host lacks.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "deploy/frame.hpp"
#include "deploy/manifest.hpp"
#include "deploy/message.hpp"
#include "deploy/program.hpp"
#include "lock/lock.hpp"

namespace ccci::deploy {

// The content for all hosts. It is made once.
struct Parcel {
  std::shared_ptr<const Program> program;  // this one, for hosts that lack it
  std::string version;                     // of cc-ci
  std::string state;                       // state directory
  std::filesystem::path directory;         // of the project
  std::string file;                        // the declaration's file name in it
  ProjectManifest manifest;
  std::map<std::string, std::string> files;  // digest to path below `directory`
  std::set<std::string> planned_from;        // the files that decide what is built, by their paths
  lock::Lock lock;
  std::filesystem::path archives;
};

// Reads the files and does not follow links. Leaves out submodules and files that no longer exist.
// [deploy.project-entry], [deploy.project-large], [base.*]
base::Result<ProjectManifest> gather(const std::filesystem::path& directory,
                                     const std::vector<std::string>& paths);

// The system for one host.
struct Wanted {
  std::string host;
  std::string system;  // "HASH-HOST"
  std::string digest;
};

// Receives the progress. Called by the delivering thread.
struct Watch {
  std::function<void(std::string_view)> step = [](std::string_view) {};
  std::function<void(std::uint64_t, std::uint64_t)> sent = [](std::uint64_t, std::uint64_t) {};
};

struct Delivered {
  Ready ready;
  Done done;                  // empty after a dry run
  std::uint64_t bytes = 0;    // all bytes written to the connection
  std::uint64_t content = 0;  // of program, archives, files; a dry run counts what it would send
  std::uint64_t program = 0;  // size of the program, if the host lacked it
  std::size_t archives = 0;
  std::size_t files = 0;
  std::size_t absent = 0;  // archives that the host fetches itself
};

// What a host gets that has nothing: the most that a delivery can send, without the program.
Delivered everything(const Parcel& parcel);

// Delivers to one host. Errors: [deploy.remote] with the other side's error, if it reports one;
// [deploy.mute] if it never answered; [deploy.ended] if the connection ended; [deploy.quiet] after
// too long a silence, with what was awaited; [deploy.*]
base::Result<Delivered> deliver(Stream& stream, const Parcel& parcel, const Wanted& wanted,
                                const Watch& watch, bool dry);

}  // namespace ccci::deploy
