// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the test through one path and brings back what its job saw.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "base/progress.hpp"
#include "witness/desk.hpp"
#include "witness/verdict.hpp"

namespace ccci::witness {

// What a path is exercised with. The references live as long as this.
struct Bench {
  Desk& desk;
  activate::Systemd& systemd;
  base::ProcessRunner& processes;
  std::filesystem::path runtime_units = "/run/systemd/system";
  std::chrono::seconds deadline{300};  // for one path
  std::chrono::seconds patience{10};   // with a timer's job that is at work
  std::function<bool()> interrupted = [] { return false; };
};

// `request` is filled but for name, expiry and owner. Always an Exercise: what went wrong is its
// obstacle.
Exercise exercise(Bench& bench, const Path& path, const Request& request);

}  // namespace ccci::witness
