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
      &gate_keygen_command(),
      &gate_claim_command(),
      &gate_verify_command(),
      &gate_veto_command(),
      &gate_log_command(),
      &gate_repair_command(),
      &gate_status_command(),
      &gate_evidence_command(),
      &store_verify_command(),
      &store_repair_command(),
      &store_roots_command(),
      &gc_command(),
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

}  // namespace ccci::cli
