// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/open_results.hpp"

#include <filesystem>

#include "project/project.hpp"
#include "store/store.hpp"
#include "wording/message.hpp"

namespace ccci::cli {

base::Result<history::History> open_results(Invocation& invocation, history::Access access) {
  const std::filesystem::path state = std::filesystem::absolute(invocation.globals().state);
  std::string address;
  std::error_code error;
  if (std::filesystem::exists(invocation.globals().file, error)) {
    const auto project = project::open(invocation.globals().file);
    // A mistake in the declaration must not hide what the nights before found.
    const bool readable = access == history::Access::read &&
                          std::filesystem::exists(history::history_file(state), error);
    if (!project && !readable) return base::unexpected(project.error());
    if (project) {
      address = project->declaration.sweep.results;
    } else {
      invocation.warn(invocation.globals().file + ": " + wording::one_line(project.error()) +
                      "; the results in the state directory are shown");
    }
  }
  CCCI_CHECK(store::Store::look(invocation.globals().state));  // nobody else may have made it
  return history::History::open(address, state, access);
}

base::Error unknown_results(const history::History& history, const std::string& name) {
  const auto last = history.last_night();
  return base::fail("history.unknown", base::Condition::not_found)
      .with("name", name)
      .with("latest", last && *last ? (*last)->name : std::string());
}

}  // namespace ccci::cli
