// SPDX-License-Identifier: GPL-3.0-or-later
// Checks a project on this machine: declaration, lock, environment, and the units of its runners
// and timers. Changes nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "activate/layout.hpp"
#include "activate/systemd.hpp"
#include "base/process.hpp"
#include "doctor/checkup.hpp"
#include "project/project.hpp"

namespace ccci::doctor {

struct Machine {
  activate::Layout layout;
  activate::Systemd& systemd;
  base::ProcessRunner& processes;
};

std::vector<Symptom> check_project(const std::filesystem::path& file,
                                   const project::Context& context, const Machine& machine);

}  // namespace ccci::doctor
