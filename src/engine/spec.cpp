// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/spec.hpp"

#include "base/base64.hpp"

#include <algorithm>
#include <array>

#include "engine/container_spec.hpp"

namespace ccci::engine {

namespace {

using base::Json;

const char* restart_words(recipe::RestartPolicy::When when) {
  switch (when) {
    case recipe::RestartPolicy::When::never:
      return "none";
    case recipe::RestartPolicy::When::on_failure:
      return "on-failure";
    case recipe::RestartPolicy::When::always:
      return "any";
  }
  return "any";
}

const char* failure_words(recipe::Rollout::OnFailure action) {
  switch (action) {
    case recipe::Rollout::OnFailure::pause:
      return "pause";
    case recipe::Rollout::OnFailure::go_on:
      return "continue";
    case recipe::Rollout::OnFailure::roll_back:
      return "rollback";
  }
  return "pause";
}

Json rollout(const recipe::Rollout& rollout) {
  Json json = Json::object();
  // An absent member would mean 0 here: all at once. The CLI's default is one at a time.
  json["Parallelism"] = rollout.parallelism.value_or(1);
  set_duration(json, "Delay", rollout.delay);
  if (rollout.failure_action) json["FailureAction"] = failure_words(*rollout.failure_action);
  set_duration(json, "Monitor", rollout.monitor);
  if (rollout.max_failure_ratio) json["MaxFailureRatio"] = *rollout.max_failure_ratio;
  if (rollout.order) {
    const bool start_first = *rollout.order == recipe::Rollout::Order::start_first;
    json["Order"] = start_first ? "start-first" : "stop-first";
  }
  return json;
}

Json restart_policy(const recipe::RestartPolicy& policy) {
  Json json = Json::object();
  if (policy.condition) json["Condition"] = restart_words(*policy.condition);
  set_duration(json, "Delay", policy.delay);
  if (policy.max_attempts) json["MaxAttempts"] = *policy.max_attempts;
  set_duration(json, "Window", policy.window);
  return json;
}

Json amounts(const recipe::Resources& resources) {
  Json json = Json::object();
  if (resources.nano_cpus) json["NanoCPUs"] = *resources.nano_cpus;
  if (resources.memory) json["MemoryBytes"] = *resources.memory;
  if (resources.pids) json["Pids"] = *resources.pids;
  return json;
}

Json placement(const recipe::Deploy& deploy) {
  Json json = Json::object();
  if (!deploy.constraints.empty()) json["Constraints"] = Json(deploy.constraints);
  Json preferences = Json::array();
  for (const std::string& spread : deploy.spread_by) {
    Json descriptor = Json::object();
    descriptor["SpreadDescriptor"] = spread;
    Json preference = Json::object();
    preference["Spread"] = std::move(descriptor);
    preferences.push_back(std::move(preference));
  }
  if (!preferences.empty()) json["Preferences"] = std::move(preferences);
  if (deploy.max_replicas_per_node) json["MaxReplicas"] = *deploy.max_replicas_per_node;
  return json;
}

Json mode(const recipe::Deploy& deploy) {
  const std::uint64_t replicas = deploy.replicas.value_or(1);
  Json json = Json::object();
  Json amount = Json::object();
  switch (deploy.mode) {
    case recipe::Deploy::Mode::replicated:
      amount["Replicas"] = replicas;
      json["Replicated"] = std::move(amount);
      break;
    case recipe::Deploy::Mode::global:
      json["Global"] = std::move(amount);
      break;
    case recipe::Deploy::Mode::replicated_job:
      amount["MaxConcurrent"] = replicas;
      amount["TotalCompletions"] = replicas;
      json["ReplicatedJob"] = std::move(amount);
      break;
    case recipe::Deploy::Mode::global_job:
      json["GlobalJob"] = std::move(amount);
      break;
  }
  return json;
}

Json endpoint(const recipe::Service& service) {
  Json json = Json::object();
  json["Mode"] = service.deploy.endpoint_mode == recipe::Deploy::Endpoint::vip ? "vip" : "dnsrr";
  Json ports = Json::array();
  for (const recipe::Port& port : service.ports) {
    Json item{{"Protocol", port.protocol}, {"TargetPort", port.target}};
    if (port.published != 0) item["PublishedPort"] = port.published;
    item["PublishMode"] = port.mode == recipe::Port::Mode::ingress ? "ingress" : "host";
    ports.push_back(std::move(item));
  }
  if (!ports.empty()) json["Ports"] = std::move(ports);
  return json;
}

Json attachments(const recipe::Service& service, const Ids& ids) {
  Json list = Json::array();
  for (const recipe::Attachment& attachment : service.networks) {
    const auto id = ids.networks.find(attachment.network);
    Json item = Json::object();
    item["Target"] = id == ids.networks.end() ? attachment.network : id->second;
    item["Aliases"] = Json(attachment.aliases);
    if (!attachment.driver_options.empty()) item["DriverOpts"] = Json(attachment.driver_options);
    list.push_back(std::move(item));
  }
  return list;
}

Json content_spec(const recipe::Stack& stack, const recipe::Content& content) {
  Json json{{"Name", content.name}};
  json["Labels"] = stack_labels(stack, content.labels);
  json["Data"] = base::base64(content.content);
  if (!content.template_driver.empty()) {
    Json driver = Json::object();
    driver["Name"] = content.template_driver;
    json["Templating"] = std::move(driver);
  }
  return json;
}

bool is_empty(const Json& json) {
  if (json.is_null()) return true;
  if (json.is_object() || json.is_array()) return json.empty();
  if (json.is_string()) return json.text()->empty();
  if (const auto yes = json.boolean()) return !*yes;
  return json.number() == 0U;
}

// What the engine fills in where a spec says nothing.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> defaults{
    {{"Isolation", "default"}, {"Runtime", "container"}, {"Mode", "vip"}}};

Json sorted(const Json& json) {
  std::map<std::string, Json> members;
  for (const Json::Member& member : json.items()) members.emplace(member.name, member.value);
  return Json(members);
}

Json normal(const Json& json) {
  if (json.is_array()) {
    Json list = Json::array();
    for (const Json& item : json.elements()) list.push_back(normal(item));
    return list;
  }
  if (!json.is_object()) return json;
  std::map<std::string, Json> members;
  for (const Json::Member& member : json.items()) {
    const auto preset = std::find_if(defaults.begin(), defaults.end(),
                                     [&](const auto& pair) { return pair.first == member.name; });
    if (preset != defaults.end() && member.value.is_string() &&
        *member.value.text() == preset->second) {
      continue;
    }
    // An empty label is a label.
    if (member.name == "Labels") {
      members.emplace(member.name, sorted(member.value));
      continue;
    }
    Json value = normal(member.value);
    // {"Global": {}} says something by its name alone, and no parallelism means all at once.
    const bool telling =
        member.name == "Global" || member.name == "GlobalJob" || member.name == "Parallelism";
    if (telling || !is_empty(value)) members.emplace(member.name, std::move(value));
  }
  return Json(members);
}

}  // namespace

base::Json network_spec(const recipe::Stack& stack, const recipe::Network& network) {
  Json json{{"Name", network.name}, {"CheckDuplicate", true}, {"Driver", network.driver}};
  json["Labels"] = stack_labels(stack, network.labels);
  if (!network.driver_options.empty()) json["Options"] = Json(network.driver_options);
  json["Attachable"] = network.attachable;
  json["Internal"] = network.internal;
  json["EnableIPv6"] = network.enable_ipv6;
  if (!network.ipam_driver.empty() || !network.subnets.empty()) {
    Json ipam = Json::object();
    if (!network.ipam_driver.empty()) ipam["Driver"] = network.ipam_driver;
    Json subnets = Json::array();
    for (const std::string& subnet : network.subnets) {
      Json item = Json::object();
      item["Subnet"] = subnet;
      subnets.push_back(std::move(item));
    }
    ipam["Config"] = std::move(subnets);
    json["IPAM"] = std::move(ipam);
  }
  return json;
}

base::Json secret_spec(const recipe::Stack& stack, const recipe::Content& secret) {
  return content_spec(stack, secret);
}

base::Json config_spec(const recipe::Stack& stack, const recipe::Content& config) {
  return content_spec(stack, config);
}

base::Json service_spec(const recipe::Stack& stack, const recipe::Service& service,
                        const Ids& ids) {
  const recipe::Deploy& deploy = service.deploy;
  Json task = Json::object();
  task["ContainerSpec"] = container_spec(stack, service, ids);
  if (service.logging) {
    Json driver{{"Name", service.logging->driver}};
    driver["Options"] = Json(service.logging->options);
    task["LogDriver"] = std::move(driver);
  }
  task["Resources"] = Json::object();
  task["Resources"]["Limits"] = amounts(deploy.limits);
  task["Resources"]["Reservations"] = amounts(deploy.reservations);
  if (deploy.restart_policy) task["RestartPolicy"] = restart_policy(*deploy.restart_policy);
  task["Placement"] = placement(deploy);
  task["Networks"] = attachments(service, ids);
  Json json{{"Name", service.name}};
  json["Labels"] = stack_labels(stack, deploy.labels);
  json["Labels"][image_label] = service.image;
  json["TaskTemplate"] = std::move(task);
  json["Mode"] = mode(deploy);
  if (deploy.update_config) json["UpdateConfig"] = rollout(*deploy.update_config);
  if (deploy.rollback_config) json["RollbackConfig"] = rollout(*deploy.rollback_config);
  json["EndpointSpec"] = endpoint(service);
  return json;
}

bool same_spec(const base::Json& one, const base::Json& other) {
  return normal(one) == normal(other);
}

}  // namespace ccci::engine
