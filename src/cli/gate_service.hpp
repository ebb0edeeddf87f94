// SPDX-License-Identifier: GPL-3.0-or-later
// Code that the gate commands share: the service for the current repository, the caller's key and
// the time.
#pragma once

#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "gate/service.hpp"
#include "project/project.hpp"

namespace ccci::cli {

Option key_option();
Option remote_option();

// $XDG_CONFIG_HOME/cc-ci/keys, or below ~/.config. [gate.no-key-home]
base::Result<std::filesystem::path> key_directory();

// Opens the service for the repository that contains the current directory. Checkpoints are in
// $XDG_STATE_HOME/cc-ci/checkpoints.
base::Result<gate::Service> open_gate(Invocation& invocation);
base::Result<gate::Service> open_gate(Invocation& invocation,
                                      const std::filesystem::path& directory);

// The key of --key NAME or --key FILE. Without the option, the only key that exists.
// [gate.which-key]
base::Result<gate::PrivateKey> chosen_key(const Invocation& invocation);

gate::Time wall_clock();

// --override REASON of the commands that a gate can block.
Option override_option();
// Every gate that [gates] lets block `command` must have passed, for the files that are here now.
// Returns the reason of an override; empty if there is none. [gate.blocks], [gate.blocks-changed],
// and the errors of gate::Service
base::Result<std::string> require_gates(Invocation& invocation, const project::Project& project,
                                        const std::string& command);

}  // namespace ccci::cli
