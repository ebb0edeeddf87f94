// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/namespaces.hpp"

#include <unistd.h>

#include "base/process.hpp"
#include "host/entrypoint_object.hpp"

namespace ccci::host {

base::Result<void> release_namespace(const std::string& environment) {
  if (geteuid() != 0) return {};  // namespaces are kept only for entries by root
  CCCI_TRY(const std::filesystem::path launcher, find_launcher());
  base::Command command;
  command.argv = {launcher.native(), "--release", environment};
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0) {
    return base::unexpected(base::fail("host.release")
                                .with("environment", environment)
                                .with("status", outcome.status)
                                .with("output", outcome.err));
  }
  return {};
}

}  // namespace ccci::host
