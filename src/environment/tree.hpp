// SPDX-License-Identifier: GPL-3.0-or-later
// The root as planned: every path with the one that puts it there, before anything is on disk.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "environment/part.hpp"

namespace ccci::environment {

struct Node {
  store::Entry entry;        // path as in the root
  int part = -1;             // index of the owner; -1: cc-ci itself
  std::string path_in_part;  // where the owner's object has the file
};

class Tree {
 public:
  // Merges the parts' paths below usr/ and etc/. A path of two owners is an error unless one of
  // them replaces the other (Replaces:) or diverted the path away (dpkg-divert in preinst); all
  // such collisions at once [environment.collision].
  static base::Result<Tree> merge(const std::vector<Part>& parts);

  const std::map<std::string, Node, std::less<>>& nodes() const { return nodes_; }
  // Files of packages that lie outside usr/ and etc/, where the host's directories stay: not in the
  // root. "google-chrome: opt/google/chrome/chrome"; sorted.
  const std::vector<std::string>& left_out() const { return left_out_; }

  const Node* find(std::string_view path) const;
  // Follows links as a process inside would, 40 at most; nothing where it leads nowhere or out.
  const Node* resolve(std::string_view path) const;
  bool is_program(std::string_view path) const;  // resolves to an executable file
  // Whether it can be added without writing through a link that some package has above it.
  bool lies_below_directories(std::string_view path) const;

  void add_directory(const std::string& path);
  void add_link(const std::string& path, const std::string& target);  // replaces what is there
  void add_parents(const std::string& path);
  // A file whose content cc-ci writes; its digest comes when it is written.
  void add_file(const std::string& path, bool executable = false);

 private:
  std::map<std::string, Node, std::less<>> nodes_;
  std::vector<std::string> left_out_;
};

}  // namespace ccci::environment
