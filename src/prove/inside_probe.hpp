// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at a built environment from inside, through the real launcher. Follows every command on
// PATH to its file, and tries to run undeclared programs. Each attempt has a time limit.
#pragma once

#include "host/build.hpp"
#include "prove/observation.hpp"

namespace ccci::prove {

Inside look_inside(const host::Build& build);

}  // namespace ccci::prove
