// SPDX-License-Identifier: GPL-3.0-or-later
// What maintainer scripts would have done and programs cannot do without, done deterministically.
// One table says which script calls are thereby stood in for; every other script is listed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "environment/alternatives.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"

namespace ccci::environment {

// Raised whenever the finishing of a root changes, since the environment's address depends on it.
inline constexpr int finishing_version = 4;

inline constexpr const char* linker_cache = "etc/ld.so.cache";
inline constexpr const char* certificate_bundle = "etc/ssl/certs/ca-certificates.crt";
inline constexpr const char* certificate_source = "usr/share/ca-certificates/";

// Every maintainer script and trigger file of the parts, with what stands in for it. `configured`:
// paths below /etc that were added for a package.
std::vector<Script> list_scripts(
    const std::vector<Part>& parts, const std::vector<Alternative>& alternatives,
    const std::map<std::string, std::vector<std::string>>& configured = {});

// Names below /etc that come from the environment, of those that the root has. What a person or the
// machine decides (passwd, hosts, resolv.conf, gitconfig, …) stays the host's.
std::vector<std::string> environment_etc(const std::vector<std::string>& names_in_root);

}  // namespace ccci::environment
