// SPDX-License-Identifier: GPL-3.0-or-later
// What a run has on this machine, whatever engine it uses: a record with a lock, control groups, a
// directory, and namespaces in which programs run beside the engine.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/cgroups.hpp"
#include "engine/companion.hpp"
#include "engine/engine.hpp"
#include "engine/keeper.hpp"
#include "engine/record.hpp"

namespace ccci::engine {

class RunPlace {
 public:
  // `entry` is a command prefix that executes its arguments in the environment's root, in place.
  RunPlace(const std::filesystem::path& directory, std::string name,
           std::vector<std::string> entry);

  const std::string& name() const { return record_.name; }
  std::filesystem::path path() const { return records_.place(record_.name); }
  Records& records() { return records_; }
  const Cgroups& groups() const { return groups_; }
  Keeper& keeper() { return *keeper_; }
  const Keeper& keeper() const { return *keeper_; }

  // Makes the record durable, then the namespaces. `program` is what the keeper starts in the root
  // of `entry`; its argv[0] is found on the standard PATH. `socket` is that of a shared engine.
  // [engine.name], [engine.exists], [engine.denied], [base.*]
  base::Result<void> open(Keeping keeping, const std::vector<std::string>& program,
                          const std::string& socket = {});
  base::Result<Companion> start_beside(CompanionCommand command) const;
  std::string log_tail(std::size_t bytes) const;

  // Ends everything. `rescue` is called when nothing runs here any more, before data are removed.
  Teardown end(const std::function<void(const std::filesystem::path&)>& rescue = {});
  base::Result<void> keep();
  bool kept() const { return kept_; }

 private:
  Records records_;
  Record record_;
  std::vector<std::string> entry_;
  Cgroups groups_;
  base::Fd lock_;
  std::optional<Keeper> keeper_;
  bool kept_ = false;
};

// The words before and after `program` with which the keeper starts it; see Keeping::argv.
std::vector<std::string> keeper_command(const std::vector<std::string>& entry,
                                        const std::vector<std::string>& program);

}  // namespace ccci::engine
