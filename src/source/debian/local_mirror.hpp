// SPDX-License-Identifier: GPL-3.0-or-later
// Files of a mirror that is a directory of this host. libapt opens them in this process: it would
// wait for the writer of a FIFO, and read a device without an end.
#pragma once

#include <apt-pkg/metaindex.h>

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace ccci::source::debian {

// Checks the file behind a file: or copy: address. Other addresses and absent files are good.
// [source.not-a-file], [source.endless] if it has more than `most` bytes; 0: no limit
base::Result<void> check_local_file(const std::string& uri, std::uint64_t most = 0);
// Checks the release files of the suite and the indexes that libapt may read.
base::Result<void> check_local_mirror(const metaIndex& meta, const std::string& dists);

}  // namespace ccci::source::debian
