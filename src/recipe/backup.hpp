// SPDX-License-Identifier: GPL-3.0-or-later
// What the backupbot labels of a stack say: which volumes are kept, and which commands run in which
// service's container before and after.
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
  // Labels with a path that is not below its volume: "LABEL: '../etc'". Another backupbot may take
  // files of the host by it.
  std::vector<std::string> leading_out;

  bool operator==(const Backup&) const = default;
};

// By the specification of Co-op Cloud one label backupbot.backup=true turns backups on for the
// whole stack: all its volumes are kept, the labels of any service may leave a volume out or name
// paths of it, and any service may have hooks. A volume is with the first service that mounts it.
// Services with nothing to do are left out, and those that say backupbot.backup=false.
std::vector<Backup> backups_of(const Stack& stack);

}  // namespace ccci::recipe
