// SPDX-License-Identifier: GPL-3.0-or-later

#include "activate/generations.hpp"
#include "activate/health.hpp"
#include "cli/activation.hpp"
#include "cli/commands.hpp"
#include "command/invocation.hpp"
#include "deploy/confirmation.hpp"
#include "deploy/receiver.hpp"

namespace ccci::cli {

namespace {

using deploy::Phase;

constexpr std::chrono::seconds answer_within{10};

base::Result<deploy::SwitchState> state_of(Invocation& invocation,
                                           const deploy::Confirmation& confirmation) {
  activate::RealSystemd systemd(base::real_processes());
  const activate::Edges edges = activate::real_edges(systemd, base::silent());
  if (invocation.value("look")) {
    CCCI_TRY(const std::uint64_t seconds, invocation.number("look", 0, longest_deadline));
    return confirmation.look_beyond({Phase::none, Phase::switching}, std::chrono::seconds(seconds),
                                    edges.pause);
  }
  CCCI_CHECK(confirmation.confirm());
  return confirmation.look_beyond({Phase::switching, Phase::waiting}, answer_within, edges.pause);
}

base::Result<int> run_confirm(Invocation& invocation) {
  CCCI_TRY(const deploy::Confirmation confirmation,
           deploy::Confirmation::of(host_layout(), invocation.operands().front()));
  CCCI_TRY(const deploy::SwitchState state, state_of(invocation, confirmation));
  // The active generation is read after the state. So if the switch has ended, this is its result.
  const activate::Generations generations(host_layout());
  CCCI_TRY(const deploy::Active active, deploy::read_active(generations));
  base::Json json{{"schema", 1}};
  json.update(deploy::to_json(state));
  json["active"] = deploy::to_json(active);
  invocation.print(json);
  return 0;
}

}  // namespace

const Command& confirm_command() {
  static const Command command{
      .name = "confirm",
      .section = "Hosts",
      .purpose = "confirm that the host of a deployed switch can be reached",
      .operands = {{.name = "TOKEN"}},
      .options = {{.name = "look",
                   .value = "SECONDS",
                   .help =
                       "confirm nothing; wait up to SECONDS until the switch waits or has ended"}},
      .prose =
          "Prints the state of the switch and the active generation. `cc-ci deploy` runs it over "
          "ssh.",
      .example = "cc-ci confirm 0123456789abcdef",
      .run = &run_confirm,
      .hidden = true,
  };
  return command;
}

}  // namespace ccci::cli
