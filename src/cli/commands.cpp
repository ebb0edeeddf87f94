// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commands.hpp"

namespace ccci::cli {

const Commands& commands() {
  static const Commands table{
      &init_command(),
      &learn_command(),
      &doctor_command(),
      &lock_command(),
      &build_command(),
      &image_command(),
      &run_command(),
      &test_command(),
      &kept_command(),
      &sweep_command(),
      &results_list_command(),
      &results_show_command(),
      &results_compare_command(),
      &results_export_command(),
      &results_import_command(),
      &shell_command(),
      &show_command(),
      &why_command(),
      &diff_command(),
      &prove_command(),
      &lint_command(),
      &switch_command(),
      &rollback_command(),
      &generations_command(),
      &status_command(),
      &uninstall_command(),
      &witness_command(),
      &deploy_command(),
      &store_verify_command(),
      &store_repair_command(),
      &store_roots_command(),
      &gc_command(),
      &gate_keygen_command(),
      &gate_claim_command(),
      &gate_verify_command(),
      &gate_veto_command(),
      &gate_log_command(),
      &gate_repair_command(),
      &gate_status_command(),
      &gate_evidence_command(),
      &schema_command(),
      &help_command(),
      &completion_command(),
      &man_command(),
      &complete_command(),
      &receive_command(),
      &confirm_command(),
  };
  return table;
}

const std::vector<std::string_view>& sections() {
  static const std::vector<std::string_view> headings{
      "Start", "Lock and build", "Run", "Look", "Hosts", "Gate", "Upkeep", "Help",
  };
  return headings;
}

const std::vector<ExitStatus>& usual_statuses() {
  static const std::vector<ExitStatus> statuses{
      {"0", "good"},
      {"1", "a negative result, for example damage or a stale lock"},
      {"2", "wrong usage or a bad declaration"},
      {"3", "the operation failed"},
  };
  return statuses;
}

}  // namespace ccci::cli
