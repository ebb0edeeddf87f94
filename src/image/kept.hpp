// SPDX-License-Identifier: GPL-3.0-or-later
// Images that are kept in the state directory, so that each of them is made only once:
//
//   STATE/image-archives/NAME-KEY.tar    KEY names what the image is made of
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/result.hpp"
#include "declare/declaration.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"
#include "store/store.hpp"

namespace ccci::image {

// Names the content of an image. `files`: the sha256 of the project's files in it, by their source.
std::string key_of(const declare::Image& image, const lock::Lock& lock,
                   const std::map<std::string, std::string>& files);

// Where the archive of the image is, or would be. [base.*] if a file of the project cannot be read
base::Result<std::filesystem::path> kept_place(const project::Project& project,
                                               const std::filesystem::path& state,
                                               const lock::Lock& lock, const std::string& name);

// The archive of the image; makes it if it is missing, and removes those of earlier locks that no
// process has used for a day. Errors as of make()
base::Result<std::filesystem::path> keep(const project::Project& project,
                                         const project::Context& context, store::Store& store,
                                         const lock::Lock& lock, const std::string& name);

}  // namespace ccci::image
