// SPDX-License-Identifier: GPL-3.0-or-later
// The entrypoint file: the one format that the launcher and the rest of cc-ci share. People can
// read it. A link to it under another name runs the command of that name.
//
//   #!/var/lib/cc-ci/store/launcher/HASH-cc-ci-enter/root/cc-ci-enter
//   # cc-ci-run runs a command in a closed environment; see cc-ci-run(1). Written by cc-ci build.
//   entrypoint 2
//   name cc-ci-run
//   environment 0123456789abcdef0123456789abcdef
//   root /var/lib/cc-ci/store/environment/0123…-shared/root
//   path /usr/lib/cc-ci/path/bash
//   path /usr/lib/cc-ci/essential
//   place var/lib/dpkg
//   variable PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
//   exec python3
//   end
//
// Each line has one directive, a space, and its value up to the end of the line. In values, '\' and
// the bytes below 0x20 and 0x7f are written as \xNN (two lower-case digits), and no other bytes
// are. So each value has exactly one spelling. `path` (at least one), `place`, `variable` and
// `exec` may repeat, and their order counts; the others occur once. `entrypoint` is first and `end`
// is last, so that a file that was cut after a line is detected. Lines that begin with '#' and
// empty lines are skipped. Anything else is an error, so that a damaged file never runs with half
// of its content. Rejected: TOML or JSON (the launcher would need a parser), a shell script
// (starting a shell costs more than the whole entry), settings in the caller's environment
// variables (they can be forged).
//
// The launcher compiles this header and its .cpp without libc and libstdc++: no allocation, no
// exceptions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ccci::enter {

inline constexpr int entrypoint_format = 2;
inline constexpr std::size_t largest_entrypoint = 256UL << 10U;  // bytes
inline constexpr std::size_t most_values = 1024;  // of all repeating directives together

// Path below the environment's root. The file contains the environment's hash and a newline.
inline constexpr const char* marker_file = "usr/lib/cc-ci/environment";
// A variable that is set for every command inside.
inline constexpr const char* marker_variable = "CC_CI_ENVIRONMENT";
// The host's /etc as seen inside; absolute. ROOT/etc is mounted over /etc, and its entries for
// accounts, name resolution and the like are links to this directory. Next to it are links to the
// directories of '/', so that a relative link of the host's /etc (../run/systemd/resolve/…) works.
// It is below /etc, so that who shows /etc elsewhere, or covers /usr, shows the accounts as well.
inline constexpr const char* host_etc = "/etc/.cc-ci/host/etc";
// The directory that the environment's /etc/machine-id leads to. Its file is a link to the host's.
// Where the host has none, the launcher covers the directory by one with a file.
inline constexpr const char* id_directory = "/etc/.cc-ci/id";
// An empty directory in every root. The launcher mounts it over a host directory that the
// environment does not have.
inline constexpr const char* empty_directory = "usr/lib/cc-ci/empty";

// `place PATH`: /PATH comes from the environment (ROOT/PATH), even if the host does not have it.
// PATH is relative and has at least two components: "var/lib/dpkg", "opt/google". Sorted.
//
// Format 1 had `etc NAME` instead: single entries of /etc came from the environment. It is still
// read, so that an older generation can be looked at. The launcher starts the older launcher for
// it.

enum class Directive : std::uint8_t { path, etc, place, variable, exec };

struct Value {
  Directive directive = Directive::path;
  char* text = nullptr;  // unescaped, terminated
};

// All pointers are into the bytes that were parsed.
struct EntrypointView {
  int format = 0;
  const char* name = nullptr;
  const char* environment = nullptr;
  const char* root = nullptr;
  Value values[most_values] = {};
  std::size_t count = 0;
};

struct EntrypointFault {
  const char* what = nullptr;  // what was expected, as a phrase; nullptr if there is no fault
  std::size_t line = 0;        // from 1
  bool newer = false;          // the file has a later format, which another launcher may read
};

// Parses `size` bytes in place and changes them. bytes[size] must be writable: it becomes NUL. The
// result depends only on the bytes. If there is a fault, do not use `view`.
EntrypointFault parse_entrypoint(char* bytes, std::size_t size, EntrypointView& view);

}  // namespace ccci::enter
