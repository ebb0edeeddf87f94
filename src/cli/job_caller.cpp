// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/job_caller.hpp"

#include "cli/activation.hpp"
#include "cli/open_store.hpp"
#include "command/interruption.hpp"

namespace ccci::cli {

job::Caller job_caller(Invocation& invocation) {
  return {.context = invocation.context(),
          .warn =
              [&](std::string_view text) {
                invocation.end_progress();
                invocation.warn(text);
              },
          .asked_to_stop = &command::Interruption::happened,
          .look_at_store = [&] { return look_at_store(invocation); }};
}

}  // namespace ccci::cli
