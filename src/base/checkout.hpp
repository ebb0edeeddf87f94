// SPDX-License-Identifier: GPL-3.0-or-later
// Opens files that belong to a project. Everybody who may commit to the project chooses what they
// are: links too, for example. A command must not read other files of the host instead, and not
// wait for a FIFO.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace ccci::base {

// Opens the regular file `name` of the project in `directory` for reading, without blocking. Links
// may lead to other files of the checkout that contains `directory` (the nearest directory with an
// entry `.git`; without one, `directory` itself), but not out of it. `name` is relative.
// [base.open], [base.outside], [base.not-a-file]
Result<Fd> open_of_project(const std::filesystem::path& directory, const std::string& name);
// The content. Also [base.too-large], [base.read]
Result<std::string> read_of_project(const std::filesystem::path& directory, const std::string& name,
                                    std::uint64_t limit);
// The same for a file whose directory a person named, e.g. with --file.
Result<std::string> read_of_project(const std::filesystem::path& file, std::uint64_t limit);

}  // namespace ccci::base
