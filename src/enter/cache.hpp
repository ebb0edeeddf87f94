// SPDX-License-Identifier: GPL-3.0-or-later
// As root, the launcher sets up an environment's mount namespace once. Later commands join it.
//
// A bind mount of the namespace's nsfs file on /run/cc-ci/ns/NAME keeps the namespace alive. The
// kernel never copies such a mount into another mount namespace. So a caller that sees one is in
// the same namespace from which it was made. A unit with PrivateTmp= or a container sees only the
// bare file and gets a namespace of its own. The bind mount also disappears together with the
// namespace from which it was made. NAME is HASH-PARENT-DIGEST. PARENT is the inode of the caller's
// namespace. DIGEST covers the caller's root directory, ROOT/usr, the host's /etc, the entrypoint's
// `place` lines with the directories that contain them, and every mount of the caller that is not
// shared. Shared mounts and unmounts reach
// the kept namespace by themselves (it is a slave of the caller's). A change of any other mount
// gives another NAME, and the command that makes the new namespace removes the stale one. If there
// is a private mount of a real file system, nothing is kept: the kept namespace would keep that
// file system busy after the host unmounted it.
//
// The bind mount is the commit: if the launcher is killed before it, a bare file remains, and no
// process joins anything. The host's mount table gets one private bind of /run/cc-ci/ns and one
// line for each environment. Commands of one environment that run as root share this namespace and
// its mounts. If such a command mounts, unmounts or remounts anything, the next caller makes the
// namespace again: the link .NAME holds the sum of the namespace's own mounts (mounts.hpp).
#pragma once

#include "entrypoint.hpp"
#include "place.hpp"
#include "workdir.hpp"

namespace ccci::enter {

enum class Kept : unsigned char { joined, alone, no };

// Joins the namespace that is kept for this environment, or makes it if there is none. `alone`: the
// namespace was made and the process is in it, but the kernel did not allow keeping it. `no`:
// nothing can be kept here (no permission, no /run, another process is making it); the process is
// still in its old namespace and makes one of its own.
Kept enter_kept(const EntrypointView& view, const Workdir& workdir);

// Releases the namespaces kept for the environment with this hash, or all of them if it is nullptr.
// Running commands continue; the kernel frees a namespace when its last command ends.
void release_kept(const char* hash);

}  // namespace ccci::enter
