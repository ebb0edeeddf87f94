// SPDX-License-Identifier: GPL-3.0-or-later
// For which Python and machine a wheel was built (PEP 425). pip decides what is installed; this
// checks the file that a lock names, and says why an index has nothing that fits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ccci::python {

struct WheelName {
  std::string project;
  std::string version;
  std::string pythons;    // "py2.py3", "cp311"
  std::string abis;       // "none", "abi3", "cp311"
  std::string platforms;  // "any", "manylinux_2_17_x86_64.manylinux2014_x86_64"

  std::string tags() const { return pythons + "-" + abis + "-" + platforms; }
};

// The parts of a wheel's file name. Nothing if it is no such name.
std::optional<WheelName> read_wheel_name(std::string_view file);

// The interpreter and machine of an environment.
struct Target {
  int minor = 0;             // 11 of Python 3.11
  std::string architecture;  // dpkg's name: "amd64"
};

// "3.11" of the version of Debian's package python3.
std::optional<Target> target_of(std::string_view python3_version, std::string_view architecture);

bool fits(const WheelName& wheel, const Target& target);

}  // namespace ccci::python
