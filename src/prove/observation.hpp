// SPDX-License-Identifier: GPL-3.0-or-later
// What was seen, as values: the proofs judge these and look at nothing themselves. Whoever gathers
// them says in `obstacle` what could not be looked at; an empty one means that the rest is true.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "environment/environment.hpp"
#include "prove/finding.hpp"

namespace ccci::prove {

// A list that came before: from the declaration, or read from where it stood.
struct BaselineList {
  std::string name;
  std::vector<std::string> tools;  // as they were called there
  std::string from;                // "nix/modules/nightly-sweep.nix@v1"; empty for a list
  std::string host;                // the host whose PATH it fed; empty: every consumer's list
  std::string obstacle;            // why it could not be read
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
  std::vector<Collision> collisions;  // why it did not build
  std::string error;                  // any other reason, as one line
  std::string obstacle;               // why building was not tried
};

// What one consumer on one host really executes, followed through units, links and drop-ins.
struct Consumer {
  std::string host;
  std::string name;         // "timer nightly-sweep", "runner drone", "PATH", "entrypoint X"
  std::string executes;     // the entrypoint's name: "cc-ci-run"
  std::string digest;       // of the entrypoint's bytes, 64 hex digits
  std::string environment;  // the hash that the entrypoint names
  std::vector<std::string> followed;  // each file on the way, in order
  std::vector<Finding> own;           // lists and PATHs of its own that stand in those files
  std::string obstacle;
};

// What a host's PATH shows. Hosts with equal environments share one.
struct HostView {
  std::string host;
  std::shared_ptr<const std::vector<environment::Exposed>> exposed;
  std::string obstacle;
};

// What a consumer would get by a plan: the tools on its PATH.
struct PlannedConsumer {
  std::string host;
  std::string name;
  std::shared_ptr<const std::vector<std::string>> tools;
};

// The declaration planned as it is, and with one tool more.
struct Trial {
  std::string tool;  // not declared yet
  std::string package;
  std::string version;  // of the package that the source resolved; empty: none was
  std::vector<PlannedConsumer> before;
  std::vector<PlannedConsumer> after;
  std::string obstacle;
};

// Attempts to run a tool of the host that is not declared.
enum class ProbeKind { by_name, by_path, preload, inherited_path, cleared_environment };

std::string_view name(ProbeKind kind);

struct Probe {
  ProbeKind kind = ProbeKind::by_name;
  std::string tool;            // what it tries to run: "/usr/bin/gdb"
  bool works_outside = false;  // the same attempt outside: what fails there too proves nothing
  bool refused = false;        // inside
  std::string saw;             // what happened inside: "status 127"
  std::string obstacle;
};

// A command on the environment's PATH, looked up inside.
struct Resolved {
  std::string name;
  std::string directory;
  std::string target;   // after all links; empty where it leads nowhere
  bool within = false;  // the target is a file of the root
};

struct Inside {
  std::string environment;  // the hash that the marker inside names
  std::vector<Resolved> commands;
  std::vector<Probe> probes;
  std::string obstacle;
};

// An earlier environment to compare with.
struct Earlier {
  std::string revision;
  bool none = false;  // there is no earlier lock: nothing can have changed
  std::vector<environment::Exposed> exposed;
  std::string obstacle;
};

}  // namespace ccci::prove
