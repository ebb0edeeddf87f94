// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the private mount namespace in which /usr is the environment's /usr.
#pragma once

#include "entrypoint.hpp"

namespace ccci::enter {

enum class Privilege : unsigned char { root, user };

struct Place {
  Privilege privilege = Privilege::root;
  bool composed = false;  // see place_state
};

// Whether /usr is already that of this environment. Compares the files' identity, not a variable,
// because anyone can set a variable. Ends the process if the environment is not in the store.
bool is_inside(const EntrypointView& view);

// Makes a mount namespace and puts the environment in place. Shared mounts that the host makes
// later appear in it; our mounts do not appear on the host. Ends the process if anything is denied.
Place make_place(const EntrypointView& view);

// Makes a mount namespace and binds the host's own /usr on itself there. This tests all that
// make_place needs from this host, without an environment. Ends the process if anything is denied.
Privilege probe_host();

// Binds ROOT/etc over /etc, and the host's /etc at host_etc; makes a machine id if the host has
// none. `root` is a descriptor of the environment's root, in this namespace.
void place_etc(const EntrypointView& view, int root);

// Whether the host's /etc/machine-id has an id. Outside of an environment.
bool host_has_machine_id();

// Binds ROOT/PLACE over /PLACE for each `place` line. Returns true if the host lacked one of them,
// so that its parent directory was composed.
bool place_state(const EntrypointView& view, int root);

// Clones the mount at the descriptor `source` (without mounts below it) and mounts it read-only on
// the descriptor `target`. `name` is for the message.
void bind_readonly(const EntrypointView& view, int source, int target, const char* name);

}  // namespace ccci::enter
