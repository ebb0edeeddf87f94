// SPDX-License-Identifier: GPL-3.0-or-later
// The rows of [images] in the table of keys, and what they mean as a value.
#pragma once

#include <span>

#include "declare/document.hpp"
#include "declare/image.hpp"
#include "declare/keys.hpp"

namespace ccci::declare {

std::span<const Key> image_keys();

// The node has the forms that the rows demand.
Image read_image(const Entry& entry, const Lines& lines);

}  // namespace ccci::declare
