// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches the wheels that a lock names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.hpp"
#include "base/result.hpp"
#include "source/package.hpp"

namespace ccci::source::pypi {

inline constexpr std::uint64_t largest_wheel = 4ULL << 30U;  // bytes

// The host and the port in an http or https address: "pypi.example.org:443". Empty if it has none.
// No credentials go to another port of the same host.
std::string authority_of(std::string_view url);
// Whether the address leads to this machine itself.
bool is_loopback(std::string_view url);

struct Options {
  std::filesystem::path root;  // libapt's root
  bool offline = false;
  std::string index;  // or the registry; its user and password serve files of the same server only
  std::uint64_t limit = largest_wheel;
  Origin origin = Origin::pypi;  // npm: packages of its registry
  std::string authorities = {};  // as of debian::Machine
};

// Downloads the files that are missing in `kept` and checks their digests. Packages of another
// origin are skipped. Errors are those of find_login() (netrc.hpp), [source.wheel-changed],
// [source.npm-changed], [source.unreachable], [source.too-large], [source.offline],
// [source.offline-files], [store.no-space]
base::Result<void> fetch(const std::vector<Package>& packages, const std::filesystem::path& kept,
                         base::Progress& progress, const Options& options);

}  // namespace ccci::source::pypi
