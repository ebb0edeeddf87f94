// SPDX-License-Identifier: GPL-3.0-or-later
// Does, in a deterministic way, what maintainer scripts would have done and what programs need.
// One table lists the script calls that are replaced in this way. Every other script is listed as
// not replaced.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "environment/alternatives.hpp"
#include "environment/environment.hpp"
#include "environment/part.hpp"

namespace ccci::environment {

// Increase it whenever the finishing of a root changes: the environment's address depends on it.
inline constexpr int finishing_version = 21;

inline constexpr const char* linker_cache = "etc/ld.so.cache";
inline constexpr const char* certificate_bundle = "etc/ssl/certs/ca-certificates.crt";
inline constexpr const char* certificate_source = "usr/share/ca-certificates/";

// Every maintainer script and trigger file of the parts, with what replaces it. `configured`:
// paths below /etc that were added, by package.
std::vector<Script> list_scripts(
    const std::vector<Part>& parts, const std::vector<Alternative>& alternatives,
    const std::map<std::string, std::vector<std::string>>& configured = {});

}  // namespace ccci::environment
