// SPDX-License-Identifier: GPL-3.0-or-later
// Image archives: what `docker save` writes (manifest.json), and OCI layouts in a tar (index.json).
// Engines before 25 load only the first kind. For an OCI layout this file makes the manifest.json
// that is missing; the blobs stay where they are.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/images.hpp"

namespace ccci::engine {

struct ImageArchive {
  enum class Format { docker, oci };

  Format format = Format::docker;
  std::vector<std::string> names;  // of all its images
  std::string manifest;            // the text of manifest.json; oci: as it would be

  bool operator==(const ImageArchive&) const = default;
};

// Of any archive so many bytes are read, compressed or not, and more of a larger file.
inline constexpr std::uint64_t usual_images = 4ULL << 30U;

// Reads what a regular file holds; it may be compressed with gzip, bzip2, zstd or lz4. Of an image
// for several architectures it takes this machine's. [engine.archive] with a `problem`, also if the
// archive grows too much when it is unpacked; [engine.archive-nameless] if no image of an OCI
// layout has a name
base::Result<ImageArchive> read_image_archive(int file, std::uint64_t usual = usual_images);

// The ids that an engine gives to the images of the archive, by their familiar names: the digest of
// each configuration. [engine.archive]
base::Result<std::map<std::string, std::string>> image_ids(int file);

// The archive as an engine loads it, from the file's beginning. `file` must stay open.
base::Result<BodySource> loadable(int file, const ImageArchive& archive,
                                  std::uint64_t usual = usual_images);

// The archive with other names for its images: `repository` with tags that begin with `tag`. Images
// without a name are left out. `file` must stay open.
struct RenamedArchive {
  BodySource body;
  std::map<std::string, std::vector<std::string>> names;  // new -> those in the archive
};
base::Result<RenamedArchive> renamed(int file, const ImageArchive& archive,
                                     const std::string& repository, const std::string& tag);

// Reads and loads. Returns the names that are in the engine now.
base::Result<std::vector<std::string>> load_archive(
    const Api& api, int file, const Guard& guard = {},
    std::chrono::milliseconds deadline = std::chrono::minutes(10));

}  // namespace ccci::engine
