// SPDX-License-Identifier: GPL-3.0-or-later
// The indexes of the archive: updates them, and verifies them on disk.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/entries.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// Writes the entries as the sources that libapt reads.
base::Result<void> ask(const std::filesystem::path& root, const std::vector<Entry>& entries);

// Downloads newer indexes. Reports all failures in one Error; the previous indexes then stay.
// [source.silent] if nothing arrives for `patience`, [source.endless], …
base::Result<void> refresh(base::Progress& progress, std::chrono::milliseconds patience);

// Verifies every release file on disk against its keys, and every index against its release file.
// This is done offline too, and also for files that were just fetched: a bit may have flipped since
// libapt checked them, and libapt does not report which key made the signature.
// [source.no-index], [source.tampered], [source.wrong-key], …
base::Result<std::vector<Release>> verify_indexes();

}  // namespace ccci::source::debian
