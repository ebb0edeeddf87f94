// SPDX-License-Identifier: GPL-3.0-or-later
// Pushes an image to the registries that its tags name, by skopeo of the environment.
#pragma once

#include <string>
#include <vector>

#include "base/process.hpp"
#include "base/result.hpp"
#include "host/build.hpp"
#include "image/image.hpp"

namespace ccci::image {

// The registry of a tag, as Docker reads it: "127.0.0.1:5000" of "127.0.0.1:5000/web:1.0". Empty if
// the tag names none: Docker would take its own.
std::string registry_of(const std::string& tag);

// Each tag of a declared image must name a registry; there must be one. [image.no-registry]
base::Result<void> check_tags(const std::string& image, const std::vector<std::string>& tags);

// Whether the file that REGISTRY_AUTH_FILE names can be read. skopeo would go on without it, and
// the registry would then refuse somebody whom it knows. Empty: the variable is not set.
// [image.no-credentials]
base::Result<void> check_credentials(const std::string& file);

// The command for one tag. Credentials are those of `docker login` or REGISTRY_AUTH_FILE, which
// skopeo reads itself. A registry of this machine may be without TLS, as for Docker. Prints the
// digest of the manifest.
std::vector<std::string> push_command(const std::string& entry, const Made& made,
                                      const std::string& tag);

struct Pushed {
  std::string tag;
  std::string digest;  // of the manifest in the registry; that of `made`
};

// Pushes under each tag. The registry must have the image byte for byte. [image.no-skopeo],
// [image.colon], [image.push], [image.other-digest], [base.*]
base::Result<std::vector<Pushed>> push(const Made& made, const host::Build& built,
                                       base::ProcessRunner& processes);

}  // namespace ccci::image
