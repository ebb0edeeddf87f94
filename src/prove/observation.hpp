// SPDX-License-Identifier: GPL-3.0-or-later
// The observations of the proofs, as data. The proofs only judge them and look at nothing
// themselves. `unavailable` says what could not be observed. If it is empty, the other members are
// true.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "environment/environment.hpp"
#include "prove/finding.hpp"

namespace ccci::prove {

// An old tool list (baseline): written in the declaration, or read from its old place.
struct BaselineList {
  std::string name;
  std::vector<std::string> tools;  // with their names in that list
  std::string from;                // "nix/modules/nightly-sweep.nix@v1"; empty for a list
  std::string host;                // the host whose PATH used it; empty: every consumer's list
  std::string unavailable;         // why it could not be read
};

// Two packages that own one path.
struct Collision {
  std::string path;
  std::string first;
  std::string second;
  std::string remedy;
};

// One host's system, built or not.
struct BuiltHost {
  std::string host;
  bool built = false;
  std::string digest;                 // of the system
  std::vector<Collision> collisions;  // if not empty, it did not build
  std::string error;                  // any other reason for that, as one line
  std::string unavailable;            // why no build was tried
};

// What one consumer on one host really executes. Units, links and drop-ins were followed.
struct Consumer {
  std::string host;
  std::string name;         // "timer nightly-sweep", "runner drone", "PATH", "entrypoint X"
  std::string executes;     // the entrypoint's name: "cc-ci-run"
  std::string digest;       // of the entrypoint's bytes, 64 hex digits
  std::string environment;  // the hash that the entrypoint names
  std::vector<std::string> followed;  // each file that was followed, in order
  std::vector<Finding> own;           // its own lists and PATHs in those files
  std::string unavailable;
};

// The commands on a host's PATH. Hosts with equal environments share one list.
struct HostView {
  std::string host;
  std::shared_ptr<const std::vector<environment::Exposed>> exposed;
  std::string unavailable;
};

// The tools that a consumer would have on its PATH by a plan.
struct PlannedConsumer {
  std::string host;
  std::string name;
  std::shared_ptr<const std::vector<std::string>> tools;
};

// The plan of the declaration as it is, and with one more tool.
struct Trial {
  std::string tool;  // not declared yet
  std::string package;
  std::string version;  // of the package that was resolved; empty: none was
  std::vector<PlannedConsumer> before;
  std::vector<PlannedConsumer> after;
  std::string unavailable;
};

// The kinds of attempts to run a host's tool that is not declared.
enum class ProbeKind { by_name, by_path, preload, inherited_path, cleared_environment };

std::string_view name(ProbeKind kind);

struct Probe {
  ProbeKind kind = ProbeKind::by_name;
  std::string tool;            // what it tries to run: "/usr/bin/gdb"
  bool works_outside = false;  // whether it works outside; if not, it proves nothing
  bool refused = false;        // inside
  std::string saw;             // the result inside: "status 127"
  std::string unavailable;
};

// A command on the environment's PATH, looked up inside.
struct Resolved {
  std::string name;
  std::string directory;
  std::string target;      // after all links; empty: broken
  bool within = false;     // the target is a file of the root
  bool unplanned = false;  // the environment's record does not name it
};

// A file of a package of the host that a job can read.
struct SeenHostFile {
  std::string path;
  std::string package;
  std::string declared = {};  // the entry of [runtime] host_files that shows it; empty: none does
};

struct Inside {
  std::string environment;  // the hash in the marker inside
  std::vector<Resolved> commands;
  std::vector<Probe> probes;
  std::vector<SeenHostFile> host_files = {};
  std::size_t host_files_looked_for = 0;
  std::string unavailable = {};
};

// An earlier environment to compare with.
struct Earlier {
  std::string revision;
  bool none = false;  // no earlier lock exists, so nothing can have changed
  std::vector<environment::Exposed> exposed;
  std::string unavailable;
};

}  // namespace ccci::prove
