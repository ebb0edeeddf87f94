// SPDX-License-Identifier: GPL-3.0-or-later
// What the last build of a declaration came to, kept in STATE/builds. A build with nothing to do is
// recognised by it without parsing anything: same bytes of declaration and lock, same programs, and
// every object and root still there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "cli/invocation.hpp"
#include "host/build.hpp"
#include "store/store.hpp"

namespace ccci::cli {

class BuildRecord {
 public:
  // Takes the identity of what is asked now; nothing where a file cannot be read, since the build
  // itself says so better.
  static std::optional<BuildRecord> open(const Invocation& invocation);
  // Of a build of these hosts, whatever the operands of the command at hand are.
  static std::optional<BuildRecord> open(const Invocation& invocation,
                                         const std::vector<std::string>& hosts);

  // The result of the build that has this very identity, if it still stands.
  std::optional<base::Json> find(const store::Store& store) const;

  // Keeps `result` in the place of what was there. [base.write]
  base::Result<void> keep(const std::map<std::string, store::Address>& roots,
                          const base::Json& result) const;

 private:
  std::filesystem::path file_;
  std::string identity_;
};

// What `cc-ci build --json` prints.
base::Json build_result(const host::Build& build);

}  // namespace ccci::cli
