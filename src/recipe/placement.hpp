// SPDX-License-Identifier: GPL-3.0-or-later
// The `deploy` part of a service. An absent optional means that the engine's own default applies.
#pragma once

#include "recipe/service.hpp"

namespace ccci::recipe {

// update_config and rollback_config.
struct Rollout {
  enum class OnFailure { pause, go_on, roll_back };  // "continue" is a keyword
  enum class Order { stop_first, start_first };

  std::optional<std::uint64_t> parallelism;  // 0: all at once
  std::optional<Duration> delay;
  std::optional<OnFailure> failure_action;
  std::optional<Duration> monitor;
  std::optional<double> max_failure_ratio;
  std::optional<Order> order;

  bool operator==(const Rollout&) const = default;
};

struct RestartPolicy {
  enum class When { never, on_failure, always };

  std::optional<When> condition;
  std::optional<Duration> delay;
  std::optional<std::uint64_t> max_attempts;
  std::optional<Duration> window;

  bool operator==(const RestartPolicy&) const = default;
};

struct Resources {
  std::optional<std::int64_t> nano_cpus;
  std::optional<std::int64_t> memory;  // bytes
  std::optional<std::int64_t> pids;

  bool operator==(const Resources&) const = default;
};

struct Deploy {
  enum class Mode { replicated, global, replicated_job, global_job };
  enum class Endpoint { vip, dnsrr };

  Mode mode = Mode::replicated;
  std::optional<std::uint64_t> replicas;  // absent: 1
  Endpoint endpoint_mode = Endpoint::vip;
  Labels labels;  // of the service; Traefik and backupbot read these
  std::optional<Rollout> update_config;
  std::optional<Rollout> rollback_config;
  std::optional<RestartPolicy> restart_policy;
  Resources limits;
  Resources reservations;
  std::vector<std::string> constraints;
  std::vector<std::string> spread_by;  // placement preferences
  std::optional<std::uint64_t> max_replicas_per_node;

  bool operator==(const Deploy&) const = default;
};

}  // namespace ccci::recipe
