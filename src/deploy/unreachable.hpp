// SPDX-License-Identifier: GPL-3.0-or-later
// Why cc-ci did not answer on a host. Turns the messages of ssh, sudo and shells into errors that
// name the remedy.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/process.hpp"

namespace ccci::deploy {

// The error for a connection that ended before the other side sent anything of the protocol.
// [deploy.host-key], [deploy.host-key-changed], [deploy.login], [deploy.unreachable],
// [deploy.sudo], [deploy.absent], [deploy.old]; otherwise [deploy.cut]
base::Error unreachable_error(const std::string& host, const std::string& destination,
                              const base::Outcome& outcome);

// A delivery that failed, as an error with the host's name. It has the output of ssh if that is the
// better explanation. [deploy.silent], [deploy.cut], [deploy.undelivered], and those above
base::Error undelivered(const std::string& host, const std::string& destination, base::Error error,
                        const base::Outcome& outcome);

// sudo on the host did not let the user run the command.
bool forbidden_by_sudo(const base::Outcome& outcome);

// What a program printed on stderr. If it printed nothing, its exit status.
std::string said(const base::Outcome& outcome);

}  // namespace ccci::deploy
