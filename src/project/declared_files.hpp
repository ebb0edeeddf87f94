// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the files of the project that the declaration names and that decide what is built:
// certificates, requirements and locks of npm. parse() opens no files.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "project/certificates.hpp"

namespace ccci::project {

// Fills in the content of each file. Reports all that cannot be read. [cli.certificate],
// [python.missing-file], [python.*], [node.missing-lock]
base::Result<void> read_declared_files(declare::Declaration& declaration, const FindFile& find);
base::Result<void> read_declared_files(declare::Declaration& declaration,
                                       const std::filesystem::path& directory);
// The same, from texts that are no files here: those of a commit.
base::Result<void> read_declared_texts(declare::Declaration& declaration, const ReadText& read);

// The sha256 of each file that was read, by its path.
std::map<std::string, std::string> file_digests(const declare::Declaration& declaration);

}  // namespace ccci::project
