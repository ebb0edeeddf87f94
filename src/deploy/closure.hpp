// SPDX-License-Identifier: GPL-3.0-or-later
// The files that this program needs to run: itself, the launcher, and the shared libraries that the
// dynamic loader found for it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ccci::deploy {

struct Library {
  std::string name;            // as programs ask for it: "libz.so.1"
  std::filesystem::path path;  // where it is on this machine
  // A part of the C library. It only works with the dynamic loader of the same build.
  bool libc = false;
  bool loader = false;  // the dynamic loader itself

  bool operator==(const Library&) const = default;
};

// The libraries that this process needs, and those that they need, sorted by name. A library that
// was loaded later for another purpose (a name service) is left out. [deploy.own-library]
base::Result<std::vector<Library>> needed_libraries();

// The program with another dynamic loader. The kernel reads the loader's path from the place in the
// file that the header names, so the path is appended. [deploy.own-form] if it is no program of
// this machine that has a dynamic loader.
base::Result<std::string> with_loader(std::string program, const std::filesystem::path& loader);

// The program as it was linked: undoes with_loader(). A host that got the program with a loader may
// deploy to others. [deploy.own-form]
base::Result<std::string> with_usual_loader(std::string program);

}  // namespace ccci::deploy
