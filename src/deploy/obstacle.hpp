// SPDX-License-Identifier: GPL-3.0-or-later
// Why nothing like cc-ci answered: what ssh, sudo and shells print, as errors that name the remedy.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/process.hpp"

namespace ccci::deploy {

// How a connection ended before the other side said a word of the protocol. [deploy.host-key],
// [deploy.host-key-changed], [deploy.login], [deploy.unreachable], [deploy.sudo], [deploy.absent],
// [deploy.old]; [deploy.cut] where it is none of these
base::Error obstacle(const std::string& host, const std::string& destination,
                     const base::Outcome& outcome);

// What a program printed beside, or at least its exit status.
std::string said(const base::Outcome& outcome);

}  // namespace ccci::deploy
