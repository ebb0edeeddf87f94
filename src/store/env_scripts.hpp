// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a package that /usr/bin/env starts: their first line is "#!/usr/bin/env PROGRAM".
// Composing gives some of them another first line. The list is made when a package is unpacked, so
// that no build must open every file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace ccci::store {

struct EnvScript {
  std::string path;  // in root/
  std::string line;  // the first line, without the newline

  bool operator==(const EnvScript&) const = default;
};

inline constexpr std::size_t longest_first_line = 256;  // Linux reads no more

// The first line in `head` (the first bytes of a file) if env starts the file; otherwise nothing.
std::string env_line(std::string_view head);

// Writes the list into the object, as `env-scripts`, unless it is empty. Leaves out paths with a
// tab or newline, which the form cannot express: these files keep their first line. [base.write]
base::Result<void> write_env_scripts(int object, const std::vector<EnvScript>& scripts);
// Of a published package. [base.open], [base.read]
base::Result<std::vector<EnvScript>> env_scripts(const Store& store, const Address& address);

}  // namespace ccci::store
