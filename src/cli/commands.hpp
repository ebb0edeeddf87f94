// SPDX-License-Identifier: GPL-3.0-or-later
// The table of commands. Each command file provides its row through one function.
#pragma once

#include "command/command.hpp"
#include "command/invocation.hpp"

namespace ccci::cli {

// The parts of a command line, by their short names in all of this room.
using command::Command;
using command::Commands;
using command::Completion;
using command::dry_run_option;
using command::Globals;
using command::Invocation;
using command::json_option;
using command::Option;
using command::system_state;

// Every command, in the order in which help lists them.
const Commands& commands();

const Command& build_command();
const Command& image_command();
const Command& complete_command();
const Command& completion_command();
const Command& confirm_command();
const Command& deploy_command();
const Command& diff_command();
const Command& doctor_command();
const Command& gc_command();
const Command& gate_claim_command();
const Command& gate_evidence_command();
const Command& gate_keygen_command();
const Command& gate_log_command();
const Command& gate_repair_command();
const Command& gate_status_command();
const Command& gate_verify_command();
const Command& gate_veto_command();
const Command& generations_command();
const Command& help_command();
const Command& init_command();
const Command& learn_command();
const Command& lint_command();
const Command& lock_command();
const Command& man_command();
const Command& prove_command();
const Command& receive_command();
const Command& rollback_command();
const Command& run_command();
const Command& schema_command();
const Command& shell_command();
const Command& show_command();
const Command& status_command();
const Command& store_repair_command();
const Command& store_roots_command();
const Command& results_compare_command();
const Command& results_export_command();
const Command& results_import_command();
const Command& results_list_command();
const Command& results_show_command();
const Command& store_verify_command();
const Command& switch_command();
const Command& sweep_command();
const Command& test_command();
const Command& kept_command();
const Command& uninstall_command();
const Command& why_command();
const Command& witness_command();

}  // namespace ccci::cli
