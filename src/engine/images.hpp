// SPDX-License-Identifier: GPL-3.0-or-later
// Images of an engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/api.hpp"

namespace ccci::engine {

struct Image {
  std::string id;
  std::vector<std::string> names;    // "app:1.0"
  std::vector<std::string> digests;  // "app@sha256:…"
  std::uint64_t bytes = 0;

  bool operator==(const Image&) const = default;
};

// Loads an archive as `docker save` makes it, also compressed, and returns what is in it: names, or
// the ids of images without a name. [engine.load] with the engine's `problem`
base::Result<std::vector<std::string>> load_images(
    const Api& api, BodySource archive, const Guard& guard = {},
    std::chrono::milliseconds deadline = std::chrono::minutes(10));
// The same for an open file, from its offset to its end.
base::Result<std::vector<std::string>> load_images(
    const Api& api, int archive, std::chrono::milliseconds deadline = std::chrono::minutes(10));

base::Result<std::vector<Image>> list_images(const Api& api);
// Nothing if the engine does not have it.
base::Result<std::optional<Image>> find_image(const Api& api, const std::string& name);
base::Result<void> tag_image(const Api& api, const std::string& image, const std::string& name);
// Removes images without a name that nothing uses. Returns the bytes that it freed.
base::Result<std::uint64_t> prune_images(const Api& api);

// "app" -> {"app", "latest"}, "host:5000/app:1.0" -> {"host:5000/app", "1.0"}. A digest belongs to
// the name.
struct ImageName {
  std::string repository;
  std::string tag;
};
ImageName split_image_name(const std::string& name);
// The name as the engine lists it: "docker.io/library/app" -> "app:latest".
std::string familiar_name(const std::string& name);

}  // namespace ccci::engine
