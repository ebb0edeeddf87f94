// SPDX-License-Identifier: GPL-3.0-or-later
// As root the namespace of an environment is set up once and joined afterwards.
//
// A made namespace is held by a bind mount of its nsfs file on /run/cc-ci/ns/NAME. The kernel never
// copies such a mount into another mount namespace, so where a caller sees one, it was made from
// the very namespace that the caller stands in; a unit with PrivateTmp= or a container sees the
// bare file and gets a namespace of its own. It also goes away with the namespace it was made from.
// NAME says what it was made for: HASH-PARENT-DIGEST, where PARENT is the inode of the caller's
// namespace and DIGEST covers the caller's root directory, ROOT/usr, the entrypoint's `etc` lines,
// the host's /etc and every mount of the caller's that is not shared. Shared mounts come and go in
// the made namespace by themselves (it is their slave); for the others a change makes another
// NAME, and whoever makes that one drops the stale. Where a private mount of a real file system
// stands, nothing is kept at all: the made namespace would keep it busy after the host unmounted
// it.
//
// The bind mount is the commit: killed before it, nothing is ever joined, and a bare file stays.
// The host's mount table gets one private bind of /run/cc-ci/ns and one line for each environment.
// Commands of one environment that run as root share this namespace, and so what they mount; where
// that is on or below /usr or takes our mounts away, the next caller makes the namespace anew.
#pragma once

#include "entrypoint.hpp"
#include "place.hpp"
#include "workdir.hpp"

namespace ccci::enter {

enum class Kept : unsigned char { joined, alone, no };

// Joins the namespace kept for this environment, makes it first where there is none. `alone`: made,
// but the kernel would not have it kept; the process stands in it. `no`: nothing
// can be kept here (no permission, no /run, somebody else is just making it); the process stands
// where it stood and makes a place of its own.
Kept enter_kept(const EntrypointView& view, const Workdir& workdir);

// Drops what is kept for the environment of that hash, or with nullptr for all. The commands that
// run there go on; the namespace goes with the last of them.
void release_kept(const char* hash);

}  // namespace ccci::enter
