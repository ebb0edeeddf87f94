// SPDX-License-Identifier: GPL-3.0-or-later
// The indexes of the archive: brought up to date, and checked where they lie.
#pragma once

#include <filesystem>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/debian/entries.hpp"
#include "source/package.hpp"

namespace ccci::source::debian {

// Makes the entries the ones that libapt reads.
base::Result<void> ask(const std::filesystem::path& root, const std::vector<Entry>& entries);

// Downloads what is newer. All failures in one Error; the indexes of before stay.
base::Result<void> refresh(base::Progress& progress);

// Verifies every release file on disk to its keys and every index to its release file, also offline
// and also those just fetched: a bit may have flipped since libapt looked at them, and libapt does
// not tell whose key it was. [source.no-index], [source.tampered], [source.wrong-key], …
base::Result<std::vector<Release>> verify_indexes();

}  // namespace ccci::source::debian
