// SPDX-License-Identifier: GPL-3.0-or-later
#include "wording/table.hpp"

#include <map>

namespace ccci::wording {

std::span<const std::span<const Row>> tables() {
  static const std::array all{
      base_wording(),    declare_wording(),     source_wording(),    lock_wording(),
      store_wording(),   environment_wording(), configure_wording(), seal_wording(),
      python_wording(),  node_wording(),        host_wording(),      activate_wording(),
      doctor_wording(),  witness_wording(),     deploy_wording(),    prove_wording(),
      gate_wording(),    learn_wording(),       recipe_wording(),    engine_wording(),
      ingress_wording(), image_wording(),       run_wording(),       git_wording(),
      history_wording(), sweep_wording(),       cli_wording()};
  return all;
}

const Row* row_of(std::string_view code) {
  static const std::map<std::string_view, const Row*> rows = [] {
    std::map<std::string_view, const Row*> all;
    for (const auto table : tables()) {
      for (const Row& row : table) all.emplace(row.code, &row);
    }
    return all;
  }();
  const auto found = rows.find(code);
  return found == rows.end() ? nullptr : found->second;
}

}  // namespace ccci::wording
