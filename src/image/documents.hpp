// SPDX-License-Identifier: GPL-3.0-or-later
// The JSON documents of an image, as the OCI specification and `docker load` want them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "declare/image.hpp"

namespace ccci::image {

// A piece of an archive: blobs/sha256/DIGEST.
struct Blob {
  std::string digest;  // 64 hex digits
  std::uint64_t size = 0;

  std::string path() const { return "blobs/sha256/" + digest; }
};

// `architecture` is dpkg's name. `time` is the newest time of a file in the image.
base::Json config_document(const declare::Image& image, const std::string& architecture,
                           const Blob& layer, std::int64_t time);
base::Json manifest_document(const Blob& config, const Blob& layer);
base::Json index_document(const declare::Image& image, const Blob& manifest);
// manifest.json: what `docker load` reads. Docker before 25 reads nothing else.
base::Json docker_document(const declare::Image& image, const Blob& config, const Blob& layer);

}  // namespace ccci::image
