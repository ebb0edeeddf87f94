// SPDX-License-Identifier: GPL-3.0-or-later
// The planned root: every path with its owner, before anything is on disk.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "environment/part.hpp"

namespace ccci::environment {

// PATH's directories lie in usr/lib/cc-ci, so a package's file there would be a command that
// nothing declares. True for every path below it, except that of the launcher in cc-ci's own
// package.
bool is_reserved(std::string_view path);

struct Node {
  store::Entry entry;        // path as in the root
  int part = -1;             // index of the owner; -1: cc-ci itself
  std::string path_in_part;  // path of the file in the owner's object
  std::string content;       // of a file that cc-ci itself writes
  bool dated = false;        // of such a file: entry.time is set; otherwise it gets Plan::epoch
};

// path -> (the package that diverts it, the new path for the file of other packages)
using Diversions = std::map<std::string, std::pair<std::string, std::string>>;

// What of a package is in a root: in an environment only what is not the host's; in a root in which
// maintainer scripts run everything (postfix' script wants the package's /var/spool/postfix).
enum class Extent { inside, whole };

class Tree {
 public:
  // Merges the parts' paths below usr/, etc/, opt/, var/cache/ and var/lib/, or all of them. A path
  // with two owners is an error, unless one of them replaces the other (Replaces:) or diverts the
  // path (dpkg-divert in preinst). Reports all such collisions at once [environment.collision],
  // with the paths that only cc-ci may use [environment.reserved].
  static base::Result<Tree> merge(const std::vector<Part>& parts, Extent extent = Extent::inside);

  const std::map<std::string, Node, std::less<>>& nodes() const { return nodes_; }
  // Files of packages in other directories. They are not in the root, because there the host's
  // directories stay visible. "nginx: srv/www/index.html"; sorted.
  const std::vector<std::string>& left_out() const { return left_out_; }

  const Diversions& diversions() const { return diversions_; }

  const Node* find(std::string_view path) const;
  // Follows at most 40 links, as a process in the environment would. Returns null if the target
  // does not exist or is outside of the root.
  const Node* resolve(std::string_view path) const;
  bool is_program(std::string_view path) const;  // resolves to an executable file
  // Whether the path can be added without writing through a link that a package has as its parent.
  bool lies_below_directories(std::string_view path) const;

  // The path at which a process in the environment would create `path`: links on the way to it are
  // followed. Empty if that is no place of a package, or the way leads through a file.
  std::string place_of(std::string_view path) const;
  // To be called after the last addition: whatever was added lies below directories only. Reports
  // all that do not at once [environment.below-link].
  base::Result<void> require_directories(const std::vector<Part>& parts) const;

  void add_directory(const std::string& path);
  void add_link(const std::string& path, const std::string& target);  // replaces what is there
  void remove(const std::string& path);                               // with everything below it
  void add_parents(const std::string& path);
  // Adds a file that cc-ci itself writes. Its digest is set when it is written.
  void add_file(const std::string& path, std::string content = {}, bool executable = false);
  // The same for a file that is made from some of the packages only, whose newest time this is. So
  // it keeps its time when others are updated, and two environments can share it.
  void add_dated_file(const std::string& path, std::string content, std::int64_t time);
  // Adds a name for a file of the part's control/. `entry.path` is the file's name there.
  void add_control_file(const std::string& path, const store::Entry& entry, int part);

 private:
  void add_package(const std::vector<Part>& parts, int index, Extent extent,
                   std::vector<base::Error>& errors);
  void apply(const Part& part, int index);

  std::map<std::string, Node, std::less<>> nodes_;
  Diversions diversions_;
  std::vector<std::string> left_out_;
};

}  // namespace ccci::environment
