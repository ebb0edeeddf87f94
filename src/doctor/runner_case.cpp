// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_case.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/job_view.hpp"

namespace ccci::doctor {

RunnerCase::RunnerCase(const declare::Runner& runner, const ObservedRunner& observed,
                       const environment::Environment* environment, bool here)
    : runner_(runner),
      observed_(observed),
      environment_(environment),
      here_(here),
      kind_(declare::runner_kind(runner.kind)),
      unset_(host::unset_variables(environment != nullptr ? *environment
                                                          : environment::Environment{})) {
  if (environment != nullptr) variables_ = host::view_variables(*environment);
}

void RunnerCase::add(Symptom::State state, std::string_view found, std::string_view remedy) {
  symptoms_.push_back(
      {"runner " + runner_.name.text, state, base::printable(found), base::printable(remedy)});
}

void RunnerCase::bad(std::string_view found, std::string_view remedy) {
  add(Symptom::State::bad, found, remedy);
  symptoms_.back().prevents = true;
}

void RunnerCase::cannot_start(std::string_view found, std::string_view remedy) {
  bad(found, remedy);
  symptoms_.back().start_of = observed_.unit.name;
}

void RunnerCase::lacks(std::string_view found, std::string_view remedy) {
  add(Symptom::State::bad, found, remedy);
}

void RunnerCase::wins(const std::string& file, const std::string& name, const char* why) {
  bad(file + " sets " + name + ", and " + why, "remove " + name + " from " + file);
}

void RunnerCase::without_effect(const std::string& file, const std::string& name) {
  add(Symptom::State::good, file + " sets " + name + ", which jobs do not get",
      "if jobs need it, declare it under [runtime.variables]");
}

std::string RunnerCase::key(const char* name) const {
  return "[runners." + runner_.name.text + "] " + name;
}

bool RunnerCase::decides(const std::string& name) const {
  if (name == "PATH" || name == "BASH_ENV" || name == "PYTHONPATH" || name == "PYTHONHOME" ||
      name.starts_with("LD_") || name == "CC_CI_ENVIRONMENT") {
    return true;
  }
  if (name == kind_.path_variable || name == kind_.file_variable) return !name.empty();
  return variables_.contains(name);
}

bool RunnerCase::is_declared(const std::string& name, const std::string& value) const {
  const auto declared = variables_.find(name);
  return declared != variables_.end() && declared->second == value;
}

bool RunnerCase::is_unset(const std::string& name) const {
  return std::binary_search(unset_.begin(), unset_.end(), name);
}

}  // namespace ccci::doctor
