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
//   path /usr/lib/cc-ci/essential
//   etc ssl
//   variable PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
//   exec python3
//   end
//
// One directive a line, a space, its value to the end of the line. In values '\' and bytes below
// 0x20 and 0x7f stand as \xNN (two lower-case digits), and nothing else does: a value has one
// spelling. `path` (at least one), `etc`, `variable` and `exec` repeat, in order; the others stand
// once. `entrypoint` comes first and `end` last, so that a file cut short at a line is noticed.
// Lines that begin with '#' and empty lines are skipped; anything else is an error, so that a
// damaged file never runs half of what it says.
// Rejected: TOML or JSON (the launcher would carry a parser), a shell script (a shell start costs
// more than the whole entry), settings in the environment of the caller (they can be forged).
//
// The launcher compiles this pair without libc and libstdc++: no allocation, no exception.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ccci::enter {

inline constexpr int entrypoint_format = 1;
inline constexpr std::size_t largest_entrypoint = 256UL << 10U;  // bytes
inline constexpr std::size_t most_values = 1024;  // of repeating directives, together

// Below the environment's root: holds the environment's hash and a newline.
inline constexpr const char* marker_file = "usr/lib/cc-ci/environment";
// In the environment of every command that runs inside.
inline constexpr const char* marker_variable = "CC_CI_ENVIRONMENT";
// An empty directory in every root: where the launcher keeps the host's /etc reachable when it has
// to compose one (see `etc`), and what it puts over a host directory that the environment lacks.
inline constexpr const char* host_etc = "usr/lib/cc-ci/host-etc";

// `etc NAME`: /etc/NAME comes from the environment (ROOT/etc/NAME), whether the host has it or not.
// NAME is one component. Where the host has an entry of the same type, the environment's is bound
// over it and the rest of /etc stays the host's own directory. Where it has none (a minimal host
// without /etc/ssl), /etc becomes a small read-only tmpfs: links to the host's entries, which are
// then reached below /usr/lib/cc-ci/host-etc, and the environment's entries.

enum class Directive : std::uint8_t { path, etc, variable, exec };

struct Value {
  Directive directive = Directive::path;
  char* text = nullptr;  // unescaped, terminated
};

// Points into the bytes that were parsed.
struct EntrypointView {
  const char* name = nullptr;
  const char* environment = nullptr;
  const char* root = nullptr;
  Value values[most_values] = {};
  std::size_t count = 0;
};

struct EntrypointFault {
  const char* what = nullptr;  // what was expected, a phrase; nullptr where there is no fault
  std::size_t line = 0;        // from 1
  bool newer = false;          // a later format: another launcher may read it
};

// Parses `size` bytes in place (they are altered). bytes[size] must be writable: it becomes NUL.
// A pure function of the bytes; with a fault, `view` is not to be used.
EntrypointFault parse_entrypoint(char* bytes, std::size_t size, EntrypointView& view);

}  // namespace ccci::enter
