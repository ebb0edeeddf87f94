// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.hpp"

namespace ccci::report {

std::span<const Wording> environment_wording() { return {}; }

}  // namespace ccci::report
