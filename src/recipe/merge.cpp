// SPDX-License-Identifier: GPL-3.0-or-later
// Merging of compose files. Rows are as in Docker: maps by key, ports by published port, mounts by
// target, secrets and configs by source, commands as a whole, other lists are joined.
#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "recipe/draft.hpp"

namespace ccci::recipe {

namespace {

void over(std::string& base, std::string& later) {
  if (!later.empty()) base = std::move(later);
}

void over(bool& base, bool later) { base = base || later; }

template <typename Value>
void over(std::optional<Value>& base, std::optional<Value>& later) {
  if (later) base = std::move(later);
}

template <typename Value>
void over(std::map<std::string, Value>& base, std::map<std::string, Value>& later) {
  for (auto& [key, value] : later) base[key] = std::move(value);
}

void replace(std::vector<std::string>& base, std::vector<std::string>& later) {
  if (!later.empty()) base = std::move(later);
}

void join(std::vector<std::string>& base, std::vector<std::string>& later) {
  for (std::string& text : later)
    if (std::find(base.begin(), base.end(), text) == base.end()) base.push_back(std::move(text));
}

// Replaces the elements with an equal key, and adds the others.
template <typename Value, typename Key>
void by_key(std::vector<Value>& base, std::vector<Value>& later, Key key) {
  for (Value& value : later) {
    const auto same = std::find_if(base.begin(), base.end(),
                                   [&](const Value& one) { return key(one) == key(value); });
    if (same == base.end())
      base.push_back(std::move(value));
    else
      *same = std::move(value);
  }
}

void over(Rollout& base, Rollout& later) {
  over(base.parallelism, later.parallelism);
  over(base.delay, later.delay);
  over(base.failure_action, later.failure_action);
  over(base.monitor, later.monitor);
  over(base.max_failure_ratio, later.max_failure_ratio);
  over(base.order, later.order);
}

void over(RestartPolicy& base, RestartPolicy& later) {
  over(base.condition, later.condition);
  over(base.delay, later.delay);
  over(base.max_attempts, later.max_attempts);
  over(base.window, later.window);
}

void over(Resources& base, Resources& later) {
  over(base.nano_cpus, later.nano_cpus);
  over(base.memory, later.memory);
  over(base.pids, later.pids);
}

void over(Healthcheck& base, Healthcheck& later) {
  replace(base.test, later.test);
  over(base.interval, later.interval);
  over(base.timeout, later.timeout);
  over(base.start_period, later.start_period);
  over(base.start_interval, later.start_interval);
  over(base.retries, later.retries);
}

void over(Logging& base, Logging& later) {
  // Options of one driver mean nothing to another.
  if (!base.driver.empty() && !later.driver.empty() && base.driver != later.driver) {
    base = std::move(later);
    return;
  }
  over(base.driver, later.driver);
  over(base.options, later.options);
}

template <typename Part>
void within(std::optional<Part>& base, std::optional<Part>& later) {
  if (base && later)
    over(*base, *later);
  else
    over(base, later);
}

void over(Deploy& base, Deploy& later) {
  over(base.replicas, later.replicas);
  over(base.labels, later.labels);
  within(base.update_config, later.update_config);
  within(base.rollback_config, later.rollback_config);
  within(base.restart_policy, later.restart_policy);
  over(base.limits, later.limits);
  over(base.reservations, later.reservations);
  join(base.constraints, later.constraints);
  join(base.spread_by, later.spread_by);
  over(base.max_replicas_per_node, later.max_replicas_per_node);
}

void attach(std::vector<Attachment>& base, std::vector<Attachment>& later) {
  for (Attachment& attachment : later) {
    const auto same = std::find_if(base.begin(), base.end(), [&](const Attachment& one) {
      return one.network == attachment.network;
    });
    if (same == base.end()) {
      base.push_back(std::move(attachment));
      continue;
    }
    replace(same->aliases, attachment.aliases);
    over(same->driver_options, attachment.driver_options);
  }
}

void over(Service& base, Service& later) {
  over(base.image, later.image);
  replace(base.entrypoint, later.entrypoint);
  replace(base.command, later.command);
  over(base.environment, later.environment);
  over(base.labels, later.labels);
  by_key(base.mounts, later.mounts, [](const Mount& mount) { return mount.target; });
  attach(base.networks, later.networks);
  // Docker's key is the published port alone, so it loses 53/tcp or 53/udp; ours keeps both.
  by_key(base.ports, later.ports, [](const Port& port) {
    return std::tuple(port.published, port.protocol, port.published == 0 ? port.target : 0);
  });
  const auto source = [](const FileReference& reference) { return reference.source; };
  by_key(base.secrets, later.secrets, source);
  by_key(base.configs, later.configs, source);
  within(base.healthcheck, later.healthcheck);
  over(base.deploy, later.deploy);
  over(base.stop_grace_period, later.stop_grace_period);
  over(base.stop_signal, later.stop_signal);
  over(base.init, later.init);
  over(base.user, later.user);
  over(base.working_dir, later.working_dir);
  over(base.hostname, later.hostname);
  join(base.extra_hosts, later.extra_hosts);
  join(base.dns, later.dns);
  join(base.dns_search, later.dns_search);
  join(base.cap_add, later.cap_add);
  join(base.cap_drop, later.cap_drop);
  over(base.sysctls, later.sysctls);
  over(base.ulimits, later.ulimits);
  over(base.read_only, later.read_only);
  over(base.tty, later.tty);
  over(base.stdin_open, later.stdin_open);
  over(base.oom_score_adj, later.oom_score_adj);
  over(base.isolation, later.isolation);
  within(base.logging, later.logging);
}

void over(ServiceDraft& base, ServiceDraft& later) {
  over(base.service, later.service);
  over(base.mode, later.mode);
  over(base.endpoint_mode, later.endpoint_mode);
  over(base.restart, later.restart);
  join(base.profiles, later.profiles);
}

void over(NetworkDraft& base, NetworkDraft& later) {
  Network& to = base.network;
  Network& from = later.network;
  over(to.name, from.name);
  over(to.external, from.external);
  over(to.driver, from.driver);
  over(to.driver_options, from.driver_options);
  over(to.attachable, from.attachable);
  over(to.internal, from.internal);
  over(to.enable_ipv6, from.enable_ipv6);
  over(to.ipam_driver, from.ipam_driver);
  replace(to.subnets, from.subnets);
  over(to.labels, from.labels);
}

void over(VolumeDraft& base, VolumeDraft& later) {
  over(base.volume.name, later.volume.name);
  over(base.volume.external, later.volume.external);
  over(base.volume.driver, later.volume.driver);
  over(base.volume.driver_options, later.volume.driver_options);
  over(base.volume.labels, later.volume.labels);
}

void over(ContentDraft& base, ContentDraft& later) {
  over(base.content.name, later.content.name);
  over(base.content.external, later.content.external);
  over(base.content.content, later.content.content);
  over(base.content.template_driver, later.content.template_driver);
  over(base.content.labels, later.content.labels);
  over(base.file, later.file);
  over(base.raw_name, later.raw_name);
}

template <typename Value>
void over(Keyed<Value>& base, Keyed<Value>& later) {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < base.size(); ++i) places[base[i].first] = i;
  for (auto& [key, value] : later) {
    const auto [place, added] = places.try_emplace(key, base.size());
    if (added)
      base.emplace_back(key, std::move(value));
    else
      over(base[place->second].second, value);
  }
}

}  // namespace

void merge(Draft& base, Draft later) {
  over(base.services, later.services);
  over(base.networks, later.networks);
  over(base.volumes, later.volumes);
  over(base.secrets, later.secrets);
  over(base.configs, later.configs);
}

}  // namespace ccci::recipe
