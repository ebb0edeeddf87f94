// SPDX-License-Identifier: GPL-3.0-or-later
// The CA store that Java reads: a "JKS" file. The package ca-certificates-java makes it by running
// Java. cc-ci writes the file itself, so that no program of the root has to run and the bytes are
// always the same.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace ccci::environment {

inline constexpr const char* java_store_directory = "etc/ssl/certs/java";
inline constexpr const char* java_store_file = "etc/ssl/certs/java/cacerts";

// `files`: path below the root and PEM, in any order. [environment.certificate]
base::Result<std::string> java_store(std::vector<std::pair<std::string, std::string>> files);

}  // namespace ccci::environment
