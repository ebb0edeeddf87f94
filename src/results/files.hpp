// SPDX-License-Identifier: GPL-3.0-or-later
// The files of a run's result. docs/results.md has the schema of results.json.
//
//   results.json  summary.html  badge.svg  junit.xml  screenshot.png  log.txt  logs/SERVICE.txt
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/result.hpp"
#include "run/mask.hpp"
#include "run/verdict.hpp"

namespace ccci::results {

base::Json to_json(const run::Result& result);
std::string to_junit(const run::Result& result);
// One page without scripts and without other files than screenshot.png.
std::string to_html(const run::Result& result);
std::string to_badge(const run::Result& result);

// Whether a secret is in a file below the directory. Links are not followed. Files that are too
// large to search count as clean: cc-ci writes none. [base.*] if something cannot be read: nobody
// knows then.
base::Result<bool> leaks(const std::filesystem::path& directory, const run::Mask& mask);

// Writes all of them, except log.txt and screenshot.png, which exist. Sets no_secret_leak from what
// the directory holds then. [base.*]
base::Result<void> write_files(run::Result& result, const std::filesystem::path& directory,
                               const run::Mask& mask);

// A result as results.json has it; nothing if it is none. `error` and `logs` are not in it.
std::optional<run::Result> read_result(const base::Json& json);

// Makes the files of a green run say that its promotion failed. Nothing happens without
// results.json. [base.*]
base::Result<void> fail_promotion(const std::filesystem::path& directory,
                                  const std::string& problem);

// Replaces the characters that mean something in HTML and XML, and those that are not allowed
// there.
std::string escaped(std::string_view text);

}  // namespace ccci::results
