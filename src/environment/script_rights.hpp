// SPDX-License-Identifier: GPL-3.0-or-later
// The rights that a package's postinst gives to its programs on a Debian host. Files of the store
// have none of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/manifest.hpp"

namespace ccci::environment {

// "capability usr/bin/ping", "setuid usr/bin/x": of executable files in `manifest` that `postinst`
// names to setcap, chmod or dpkg-statoverride, by their path or by a variable that it sets from
// one. Sorted. Empty for a script that asks the administrator, because by default Debian's give
// none.
std::vector<std::string> rights_of_script(std::string_view postinst,
                                          const store::Manifest& manifest);

}  // namespace ccci::environment
