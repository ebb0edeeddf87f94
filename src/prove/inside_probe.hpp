// SPDX-License-Identifier: GPL-3.0-or-later
// What is seen from inside the built environment: every command on PATH, followed to its end, and
// attempts to run what nobody declared. Through the real launcher, each attempt with a time limit.
#pragma once

#include "host/build.hpp"
#include "prove/observation.hpp"

namespace ccci::prove {

prove::Inside look_inside(const host::Build& build);

}  // namespace ccci::prove
