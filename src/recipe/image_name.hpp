// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace ccci::recipe {

// Whether the text is a name of an image: [HOST[:PORT]/]PATH[:TAG][@DIGEST], by the grammar of the
// distribution project (reference/regexp.go). A tag that a variable left empty is let through: it
// is told when the image is missing.
bool is_image_name(std::string_view name);

}  // namespace ccci::recipe
