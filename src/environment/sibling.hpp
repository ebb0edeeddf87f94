// SPDX-License-Identifier: GPL-3.0-or-later
// A published environment that has many packages in common with the one that is composed. Most of
// what cc-ci itself writes is the same in both: dpkg's lists of files, the CA bundle, the start
// files of commands. The new root gets another name (hard link) of the sibling's file, so it needs
// little more disk than its directories.
//
// Neither environment needs the other: each inode lives as long as one of them, and repair() puts a
// new inode into every object that has the damaged one.
#pragma once

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/parent_directory.hpp"
#include "store/manifest.hpp"
#include "store/store.hpp"

namespace ccci::environment {

class Sibling {
 public:
  // The environment that needs the most of these objects. Without one, share() shares nothing. The
  // caller has a Hold.
  Sibling(const store::Store& store, std::vector<store::Address> needs);

  // Makes `at` a name of the sibling's file or link at the same path, if its type, mode, time,
  // target and bytes are these. Otherwise returns false and leaves nothing at `at`.
  bool share(const store::Entry& entry, const std::string& content, const base::Place& at);

 private:
  base::Fd root_;  // its root/
  base::ParentDirectory places_;
};

}  // namespace ccci::environment
