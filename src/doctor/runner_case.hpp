// SPDX-License-Identifier: GPL-3.0-or-later
// A runner that is checked: its facts, what has been found, and the rules that all checks share.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "declare/declaration.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/checkup.hpp"
#include "doctor/runner_observation.hpp"
#include "environment/environment.hpp"

namespace ccci::doctor {

class RunnerCase {
 public:
  // The arguments must live longer. `environment` is null if it is not built.
  RunnerCase(const declare::Runner& runner, const ObservedRunner& observed,
             const environment::Environment* environment, bool here);

  const declare::Runner& runner() const { return runner_; }
  const ObservedRunner& observed() const { return observed_; }
  const environment::Environment* environment() const { return environment_; }
  bool here() const { return here_; }
  const declare::RunnerKind& kind() const { return kind_; }
  const std::vector<Symptom>& symptoms() const { return symptoms_; }

  void add(Symptom::State state, std::string_view found, std::string_view remedy = {});
  // The service cannot run, or its jobs would not be as declared: a switch refuses.
  void bad(std::string_view found, std::string_view remedy);
  // systemd does not start the service: a switch that starts it refuses.
  void cannot_start(std::string_view found, std::string_view remedy);
  // Bad, but no job gets another environment than the declared one: a switch does not refuse it.
  void lacks(std::string_view found, std::string_view remedy);
  // `file` sets a variable that only cc-ci may set to another value, and `why` says how it wins.
  void wins(const std::string& file, const std::string& name, const char* why);
  // `file` sets a variable that cc-ci's drop-in removes.
  void without_effect(const std::string& file, const std::string& name);

  std::string key(const char* name) const;  // "[runners.NAME] KEY", for a remedy

  // Whether only cc-ci may set the variable. Otherwise a job does not see the environment.
  bool decides(const std::string& name) const;
  // Whether the drop-in sets it, and whether to this value, which then does no harm.
  bool is_set(const std::string& name) const { return variables_.contains(name); }
  bool is_declared(const std::string& name, const std::string& value) const;
  // Whether UnsetEnvironment= of the drop-in removes it, whatever else of the unit sets it.
  bool is_unset(const std::string& name) const;

 private:
  const declare::Runner& runner_;
  const ObservedRunner& observed_;
  const environment::Environment* environment_;
  bool here_;
  const declare::RunnerKind& kind_;
  std::map<std::string, std::string> variables_;  // what the drop-in sets, but PATH
  std::vector<std::string> unset_;
  std::vector<Symptom> symptoms_;
};

}  // namespace ccci::doctor
