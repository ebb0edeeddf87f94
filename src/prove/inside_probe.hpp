// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at a built environment from inside, through the real launcher. Follows every command on
// PATH to its file, tries to run undeclared programs, and looks for files of the host's packages.
// Each attempt has a time limit.
#pragma once

#include "host/build.hpp"
#include "prove/observation.hpp"

namespace ccci::prove {

// `host_files`: those of the declaration.
Inside look_inside(const host::Build& build, const std::vector<std::string>& host_files);

}  // namespace ccci::prove
