// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/open_results.hpp"

#include <filesystem>

#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::cli {

base::Result<history::History> open_results(const Invocation& invocation, history::Access access) {
  std::string address;
  std::error_code error;
  if (std::filesystem::exists(invocation.globals().file, error)) {
    CCCI_TRY(const project::Project project, project::open(invocation.globals().file));
    address = project.declaration.sweep.results;
  }
  CCCI_CHECK(store::Store::look(invocation.globals().state));  // nobody else may have made it
  return history::History::open(address, std::filesystem::absolute(invocation.globals().state),
                                access);
}

base::Error unknown_results(const history::History& history, const std::string& name) {
  const auto last = history.last_night();
  return base::fail("history.unknown", base::Condition::not_found)
      .with("name", name)
      .with("latest", last && *last ? (*last)->name : std::string());
}

}  // namespace ccci::cli
