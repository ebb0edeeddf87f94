// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the files that `certificates` of [runtime] names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "declare/declaration.hpp"

namespace ccci::project {

// Where the file with this path, relative to the declaration, is.
using FindFile = std::function<base::Result<std::filesystem::path>(const std::string& path)>;

// Fills in the content of each file. Reports all that cannot be read: [cli.certificate], and the
// errors of base::read_of_project().
base::Result<void> read_certificates(declare::Declaration& declaration, const FindFile& find);
base::Result<void> read_certificates(declare::Declaration& declaration,
                                     const std::filesystem::path& directory);

// The same, from texts that are no files here: those of a commit.
using ReadText =
    std::function<base::Result<std::string>(const std::string& path, std::uint64_t limit)>;
base::Result<void> read_certificate_texts(declare::Declaration& declaration, const ReadText& read);

// The sha256 of each file that was read, by its path.
std::map<std::string, std::string> certificate_digests(const declare::Declaration& declaration);

}  // namespace ccci::project
