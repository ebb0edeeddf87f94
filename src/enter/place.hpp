// SPDX-License-Identifier: GPL-3.0-or-later
// The private mount namespace in which the environment's /usr is the /usr.
#pragma once

#include "entrypoint.hpp"

namespace ccci::enter {

enum class Privilege : unsigned char { root, user };

struct Place {
  Privilege privilege = Privilege::root;
  bool composed_etc = false;
};

// Whether /usr already is this environment's: by identity, not by a variable that anyone can set.
// Ends the process where the environment is not in the store.
bool is_inside(const EntrypointView& view);

// Makes a mount namespace and puts the environment in place. Mounts that the host makes later are
// seen where they are shared; none of ours leaves. Ends the process where anything is denied.
Place make_place(const EntrypointView& view);

// Makes a mount namespace and binds the host's own /usr on itself there: what make_place needs of
// this host, without an environment. Ends the process where anything is denied.
Privilege probe_host();

// Binds ROOT/etc/NAME for each `etc` line and masks /etc/ld.so.preload; true where /etc had to be
// composed. `root` is open on the environment's root, in this namespace.
bool place_etc(const EntrypointView& view, int root);

// Clones what `source` is open on (not what is mounted below it) and mounts that read-only on what
// `target` is open on. `name` is for the message.
void bind_readonly(const EntrypointView& view, int source, int target, const char* name);

}  // namespace ccci::enter
