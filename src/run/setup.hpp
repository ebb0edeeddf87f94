// SPDX-License-Identifier: GPL-3.0-or-later
// What a run needs of its caller.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace ccci::run {

struct Setup {
  std::filesystem::path state;     // of cc-ci: engines and images are below it
  std::vector<std::string> entry;  // a command prefix that executes in the environment's root
  std::filesystem::path root;      // of the environment, to see what it has
  std::string environment;         // its digest
  std::vector<std::filesystem::path> images;  // archives
  std::string engine = {};  // socket of the engine to deploy on; empty: one of the run's own
  bool keep = false;        // a red deployment stays
  bool pause = false;       // a red deployment stays until the caller says so

  // The words for an error that is a recipe's fault. The caller has them; this room does not.
  std::function<std::string(const base::Error&)> explain = [](const base::Error& error) {
    return error.code;
  };

  std::filesystem::path engines() const { return state / "engines"; }
  std::filesystem::path seeds() const { return state / "images"; }
  std::filesystem::path work() const { return state / "runs"; }
  // Whether the environment has the program: "/usr/sbin/dockerd".
  bool has(const std::string& program) const {
    std::error_code error;
    return std::filesystem::exists(root / program.substr(1), error);
  }
};

}  // namespace ccci::run
