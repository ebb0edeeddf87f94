// SPDX-License-Identifier: GPL-3.0-or-later
// What the backupbot labels of a stack say: which volumes of which service are kept, and which
// commands run in the service's container before and after.
#pragma once

#include <string>
#include <vector>

#include "recipe/stack.hpp"

namespace ccci::recipe {

struct VolumeBackup {
  std::string volume;              // key in the stack
  std::string target;              // where the service mounts it
  std::vector<std::string> paths;  // relative to the volume; empty: all of it

  bool operator==(const VolumeBackup&) const = default;
};

struct Backup {
  std::string service;
  std::vector<VolumeBackup> volumes;
  std::string pre_hook;  // of the backup: a command line for sh -c
  std::string post_hook;
  std::string restore_pre_hook;
  std::string restore_post_hook;
  std::vector<std::string> unread;  // labels that mean nothing to this version of backupbot

  bool operator==(const Backup&) const = default;
};

// Each service with backupbot.backup=true, in the order of the stack.
std::vector<Backup> backups_of(const Stack& stack);

}  // namespace ccci::recipe
