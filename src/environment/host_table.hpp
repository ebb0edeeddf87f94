// SPDX-License-Identifier: GPL-3.0-or-later
// What of the host is seen inside an environment, as one table. `cc-ci show --host` prints it, and
// docs/inside.md explains it. Everything else below /usr, /etc, /var/lib, /var/cache and /opt that
// a package has is the environment's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "environment/tree.hpp"

namespace ccci::environment {

struct HostEntry {
  std::string_view path;  // "etc/passwd"; relative to the root
  std::string_view what;  // "accounts"
};

std::span<const HostEntry> host_entries();

// Replaces the host's entries of /etc by links to the place where the host's /etc is mounted
// (enter::host_etc), and adds that place. `host_files`: absolute paths of [runtime] host_files.
void add_host_links(Tree& tree, const std::vector<std::string>& host_files);

// The directories and files below /var/lib, /var/cache and /opt that come from the environment:
// "var/lib/dpkg". An entry of the table or of host_files stays the host's. Sorted.
std::vector<std::string> places(const Tree& tree, const std::vector<std::string>& host_files);

}  // namespace ccci::environment
