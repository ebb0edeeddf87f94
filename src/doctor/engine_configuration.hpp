// SPDX-License-Identifier: GPL-3.0-or-later
// The engines' own configuration files: which file a runner reads, and which variables its jobs get
// from there.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "declare/runner_kind.hpp"

namespace ccci::doctor {

// The file that the words of ExecStart= name, for kinds that read one. Empty: none.
std::string configuration_file(const declare::RunnerKind& kind,
                               const std::vector<std::string>& words);

// What an engine's file says about the variables of jobs.
struct EngineVariables {
  std::map<std::string, std::string> variables = {};  // that jobs get from it
  std::set<std::string> losing = {};                  // settings that cc-ci's drop-in replaces
  std::vector<std::string> files = {};                // further files of variables that it names
  // Runners of the same daemon whose jobs do not run in its service: name, executor.
  std::map<std::string, std::string> elsewhere = {};
  bool readable = true;

  bool operator==(const EngineVariables&) const = default;
};
EngineVariables engine_variables(const declare::RunnerKind& kind, const std::string& text);

}  // namespace ccci::doctor
