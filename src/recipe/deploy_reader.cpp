// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "recipe/draft.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::uint64_t most_replicas = 1000;

template <typename Value>
struct Choice {
  std::string_view text;
  Value value;
};

// Sets `out` to the value of the text; reports a text that is no choice.
template <typename Value, std::size_t size>
void choose(Reading& reading, const Node& node, const Trail& trail, std::optional<Value>& out,
            const std::array<Choice<Value>, size>& choices) {
  const std::optional<std::string> text = reading.text(node, trail);
  if (!text || text->empty()) return;
  std::string expected;
  for (const Choice<Value>& choice : choices) {
    if (*text == choice.text) {
      out = choice.value;
      return;
    }
    if (!expected.empty()) expected += &choice == &choices.back() ? " or " : ", ";
    expected += choice.text;
  }
  reading.wrong_value(node, trail, expected);
}

Rollout read_rollout(Reading& reading, const Node& node, const Trail& trail) {
  using Failure = Rollout::OnFailure;
  using Order = Rollout::Order;
  static constexpr std::array<std::string_view, 6> known{
      "parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order"};
  static constexpr std::array failures{Choice<Failure>{"pause", Failure::pause},
                                       Choice<Failure>{"continue", Failure::go_on},
                                       Choice<Failure>{"rollback", Failure::roll_back}};
  static constexpr std::array orders{Choice<Order>{"stop-first", Order::stop_first},
                                     Choice<Order>{"start-first", Order::start_first}};
  Rollout out;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "parallelism")
      out.parallelism = reading.count(value, at);
    else if (member.key == "delay")
      out.delay = reading.duration(value, at);
    else if (member.key == "failure_action")
      choose(reading, value, at, out.failure_action, failures);
    else if (member.key == "monitor")
      out.monitor = reading.duration(value, at);
    else if (member.key == "max_failure_ratio")
      out.max_failure_ratio = reading.real(value, at);
    else if (member.key == "order")
      choose(reading, value, at, out.order, orders);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  return out;
}

RestartPolicy read_restart_policy(Reading& reading, const Node& node, const Trail& trail) {
  using When = RestartPolicy::When;
  static constexpr std::array<std::string_view, 4> known{"condition", "delay", "max_attempts",
                                                         "window"};
  static constexpr std::array conditions{Choice<When>{"none", When::never},
                                         Choice<When>{"on-failure", When::on_failure},
                                         Choice<When>{"any", When::always}};
  RestartPolicy out;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "condition")
      choose(reading, value, at, out.condition, conditions);
    else if (member.key == "delay")
      out.delay = reading.duration(value, at);
    else if (member.key == "max_attempts")
      out.max_attempts = reading.count(value, at);
    else if (member.key == "window")
      out.window = reading.duration(value, at);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
  return out;
}

Resources read_amounts(Reading& reading, const Node& node, const Trail& trail,
                       const std::string& service) {
  static constexpr std::array<std::string_view, 3> known{"cpus", "memory", "pids"};
  Resources out;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "cpus") {
      if (const auto text = reading.word(member.value, at)) {
        out.nano_cpus = read_cpus(*text);
        if (!out.nano_cpus) reading.wrong_value(member.value, at, "a number such as 0.5");
      }
    } else if (member.key == "memory") {
      out.memory = reading.bytes(member.value, at);
    } else if (member.key == "pids") {
      out.pids = reading.integer(member.value, at);
    } else if (member.key == "generic_resources" || member.key == "devices") {
      reading.deviates(service, at.text(), "devices of the host are not reserved");
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
  return out;
}

void read_resources(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  static constexpr std::array<std::string_view, 2> known{"limits", "reservations"};
  Service& service = draft.service;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const bool limits = member.key == "limits";
    if (limits || member.key == "reservations") {
      if (!reading.is_map(member.value, at)) continue;
      (limits ? service.deploy.limits : service.deploy.reservations) =
          read_amounts(reading, member.value, at, service.key);
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
}

void read_preferences(Reading& reading, const Node& node, const Trail& trail, Deploy& deploy) {
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::null) reading.wrong_type(node, trail, "a list");
    return;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Trail at = trail / i;
    const Node* spread = node.items[i].find("spread");
    const auto text = spread == nullptr ? std::nullopt : reading.text(*spread, at / "spread");
    if (text)
      deploy.spread_by.push_back(*text);
    else if (spread == nullptr)
      reading.wrong_type(node.items[i], at, "a map with the key 'spread'");
  }
}

void read_placement(Reading& reading, const Node& node, const Trail& trail, Deploy& deploy) {
  static constexpr std::array<std::string_view, 3> known{"constraints", "preferences",
                                                         "max_replicas_per_node"};
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "constraints")
      deploy.constraints = reading.texts(member.value, at);
    else if (member.key == "preferences")
      read_preferences(reading, member.value, at, deploy);
    else if (member.key == "max_replicas_per_node")
      deploy.max_replicas_per_node = reading.count(member.value, at);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
}

void read_modes(Reading& reading, const Member& member, const Trail& at, ServiceDraft& draft) {
  using Mode = Deploy::Mode;
  using Endpoint = Deploy::Endpoint;
  static constexpr std::array modes{Choice<Mode>{"replicated", Mode::replicated},
                                    Choice<Mode>{"global", Mode::global},
                                    Choice<Mode>{"replicated-job", Mode::replicated_job},
                                    Choice<Mode>{"global-job", Mode::global_job}};
  static constexpr std::array endpoints{Choice<Endpoint>{"vip", Endpoint::vip},
                                        Choice<Endpoint>{"dnsrr", Endpoint::dnsrr}};
  if (member.key == "mode")
    choose(reading, member.value, at, draft.mode, modes);
  else
    choose(reading, member.value, at, draft.endpoint_mode, endpoints);
}

std::optional<std::uint64_t> read_replicas(Reading& reading, const Node& node, const Trail& trail) {
  const auto replicas = reading.count(node, trail);
  if (!replicas || *replicas <= most_replicas) return replicas;
  // The swarm keeps each task in memory, also one that no node takes.
  reading.report(base::fail("recipe.too-large")
                     .with("what", "replicas of a service")
                     .with("limit", static_cast<long long>(most_replicas))
                     .with("found", static_cast<long long>(*replicas))
                     .with("variables", node.variables),
                 node.at);
  return most_replicas;
}

}  // namespace

void read_deploy(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  static constexpr std::array<std::string_view, 9> known{
      "mode",          "endpoint_mode", "replicas",  "labels",        "rollback_config",
      "update_config", "resources",     "placement", "restart_policy"};
  if (!reading.is_map(node, trail)) return;
  Deploy& deploy = draft.service.deploy;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    const std::string& key = member.key;
    if (key == "mode" || key == "endpoint_mode")
      read_modes(reading, member, at, draft);
    else if (key == "replicas")
      deploy.replicas = read_replicas(reading, value, at);
    else if (key == "labels")
      deploy.labels = reading.labels(value, at);
    else if (key == "update_config" || key == "rollback_config" || key == "resources" ||
             key == "placement" || key == "restart_policy") {
      if (!reading.is_map(value, at)) continue;
      if (key == "update_config") deploy.update_config = read_rollout(reading, value, at);
      if (key == "rollback_config") deploy.rollback_config = read_rollout(reading, value, at);
      if (key == "resources") read_resources(reading, value, at, draft);
      if (key == "placement") read_placement(reading, value, at, deploy);
      if (key == "restart_policy") deploy.restart_policy = read_restart_policy(reading, value, at);
    } else if (!key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
}

std::optional<Healthcheck> read_healthcheck(Reading& reading, const Node& node,
                                            const Trail& trail) {
  static constexpr std::array<std::string_view, 7> known{
      "test", "disable", "interval", "timeout", "start_period", "start_interval", "retries"};
  if (!reading.is_map(node, trail)) return std::nullopt;
  Healthcheck out;
  bool disabled = false;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "test") {
      out.test = reading.text_or_texts(value, at);
      if (value.kind == Node::Kind::text) out.test.insert(out.test.begin(), "CMD-SHELL");
      const bool form = out.test.empty() || out.test[0] == "CMD" || out.test[0] == "CMD-SHELL" ||
                        out.test[0] == "NONE";
      if (!form) reading.wrong_value(value.items[0], at, "CMD, CMD-SHELL or NONE first");
    } else if (member.key == "disable") {
      disabled = reading.boolean(value, at).value_or(false);
    } else if (member.key == "interval") {
      out.interval = reading.duration(value, at);
    } else if (member.key == "timeout") {
      out.timeout = reading.duration(value, at);
    } else if (member.key == "start_period") {
      out.start_period = reading.duration(value, at);
    } else if (member.key == "start_interval") {
      out.start_interval = reading.duration(value, at);
    } else if (member.key == "retries") {
      out.retries = reading.count(value, at);
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
  if (disabled && !out.test.empty())
    reading.report(base::fail("recipe.conflict")
                       .with("key", trail.text())
                       .with("one", "test")
                       .with("other", "disable"),
                   node.at);
  if (disabled) out.test = {"NONE"};
  return out;
}

}  // namespace ccci::recipe
