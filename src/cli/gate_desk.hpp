// SPDX-License-Identifier: GPL-3.0-or-later
// What the gate commands share: the desk of the repository at hand, the caller's key and the time.
#pragma once

#include <filesystem>
#include <string>

#include "cli/invocation.hpp"
#include "gate/desk.hpp"

namespace ccci::cli {

Option key_option();
Option remote_option();

// $XDG_CONFIG_HOME/cc-ci/keys, or below ~/.config. [gate.no-key-home]
base::Result<std::filesystem::path> key_directory();

// Of the repository around the current directory; checkpoints in $XDG_STATE_HOME/cc-ci/checkpoints.
base::Result<gate::Desk> open_desk();

// --key NAME or --key FILE; without it the only key there is. [gate.which-key]
base::Result<gate::PrivateKey> chosen_key(const Invocation& invocation);

gate::Time wall_clock();

}  // namespace ccci::cli
