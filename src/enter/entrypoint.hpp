// SPDX-License-Identifier: GPL-3.0-or-later
// The entrypoint file: the one format that the launcher and the rest of cc-ci share. A person can
// read it, a link to it under another name runs that command.
//
//   #!/var/lib/cc-ci/store/launcher/HASH-cc-ci-enter/root/cc-ci-enter
//   # cc-ci-run runs a command in a closed environment; see cc-ci-run(1). Written by cc-ci build.
//   entrypoint 1
//   name cc-ci-run
//   environment 0123456789abcdef0123456789abcdef
//   root /var/lib/cc-ci/store/environment/0123…-shared/root
//   path /usr/lib/cc-ci/path/bash
//   path /usr/lib/cc-ci/path/essential
//   etc ssl
//   variable PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
//   exec python3
//
// One directive a line, a space, its value to the end of the line. In values '\' and bytes below
// 0x20 and 0x7f stand as \xNN. `path`, `etc`, `variable` and `exec` repeat, in order; the others
// stand once, `entrypoint` first. Lines that begin with '#' and empty lines are skipped; anything
// else is an error, so that a damaged file never runs half of what it says.
// Rejected: TOML or JSON (the launcher would carry a parser), a shell script (a shell start costs
// more than the whole entry), settings in the environment of the caller (they can be forged).
#pragma once

#include <cstddef>

namespace ccci::enter {

inline constexpr int entrypoint_format = 1;
inline constexpr std::size_t largest_entrypoint = 256UL << 10U;  // bytes

// Below the environment's root: holds the environment's hash and a newline.
inline constexpr const char* marker_file = "usr/lib/cc-ci/environment";
// In the environment of every command that runs inside.
inline constexpr const char* marker_variable = "CC_CI_ENVIRONMENT";
// An empty directory in every root: where the launcher keeps the host's /etc reachable when it has
// to compose one (see `etc`).
inline constexpr const char* host_etc = "usr/lib/cc-ci/host-etc";

// `etc NAME`: /etc/NAME comes from the environment (ROOT/etc/NAME), whether the host has it or not.

}  // namespace ccci::enter
