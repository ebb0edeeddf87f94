// SPDX-License-Identifier: GPL-3.0-or-later
// What a private engine and its containers can reach outside of their network namespace.
#pragma once

namespace ccci::engine {

// A new kind is one more value here and one case in private_engine.cpp, after the namespaces exist
// and before the engine starts. Planned: slirp4netns, which needs no rule on the host.
enum class Egress {
  none,  // the loopback device only: no pull, no name of the host's network
};

}  // namespace ccci::engine
