// SPDX-License-Identifier: GPL-3.0-or-later
// What this host must have before a generation is activated on it. Without it, a job would fail
// later, and the state of the units would not show this now.
#pragma once

#include <map>
#include <string>

#include "activate/generation.hpp"
#include "activate/layout.hpp"
#include "activate/observe.hpp"
#include "base/result.hpp"

namespace ccci::activate {

// Every runner's unit must load: systemd ignores a drop-in for a unit that does not exist.
// [activate.no-runner], [activate.masked-runner], [activate.broken-runner], [activate.one-unit]
base::Result<void> require_runners(const Layout& layout, const Generation& generation,
                                   const Observed& observed);

// The directory of the host's path on a file system that is mounted read-only, which is there; the
// path itself may not exist yet. Empty if it can be written.
std::string read_only_at(const Layout& layout, std::string_view path);

// The places where a switch between generations writes: their links and cc-ci's own files.
std::vector<std::string> written_places(const std::vector<Generation>& generations);

// [activate.read-only]
base::Result<void> require_writable(const Layout& layout,
                                    const std::vector<Generation>& generations);

// The users in the texts of the units, by path. [activate.user]
base::Result<void> require_users(const std::map<std::string, std::string>& texts);

// The working directories of the timers' jobs. [activate.directory]
base::Result<void> require_directories(const Layout& layout, const Generation& generation,
                                       const std::map<std::string, std::string>& texts);

// The files of variables and credentials of the timers. [activate.secret-file]
base::Result<void> require_secret_files(const Layout& layout,
                                        const std::map<std::string, std::string>& texts);

}  // namespace ccci::activate
