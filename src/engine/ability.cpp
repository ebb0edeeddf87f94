// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/ability.hpp"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/fd.hpp"

namespace ccci::engine {

namespace {

// A request of generic netlink for a family by its name, which fills its field after alignment.
struct FamilyRequest {
  nlmsghdr header{};
  genlmsghdr generic{};
  nlattr attribute{};
  std::array<char, 8> name{'I', 'P', 'V', 'S'};
};
constexpr std::uint16_t name_size = 5;  // with its NUL

// The kernel tries to load the module that has the family.
bool has_ipvs() {
  const base::Fd fd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC));
  if (!fd) return false;
  FamilyRequest message;
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = GENL_ID_CTRL;
  message.header.nlmsg_flags = NLM_F_REQUEST;
  message.generic.cmd = CTRL_CMD_GETFAMILY;
  message.generic.version = 1;
  message.attribute.nla_type = CTRL_ATTR_FAMILY_NAME;
  message.attribute.nla_len = sizeof message.attribute + name_size;
  const timeval limit{5, 0};  // loading a module takes a moment
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (send(fd.get(), &message, sizeof message, 0) < 0) return false;
  alignas(nlmsghdr) std::array<char, 4096> answer{};
  const ssize_t got = recv(fd.get(), answer.data(), answer.size(), 0);
  if (got < static_cast<ssize_t>(sizeof(nlmsghdr))) return false;
  nlmsghdr header{};
  memcpy(&header, answer.data(), sizeof header);
  return header.nlmsg_type != NLMSG_ERROR;
}

// Host ports and start-first exclude each other on one node: the new task waits for the port of the
// old one. Two tasks cannot have one port either.
void free_port_conflicts(recipe::Service& service, std::vector<recipe::Deviation>& deviations) {
  if (service.deploy.replicas.value_or(1) > 1) {
    for (recipe::Port& port : service.ports) port.published = 0;
    deviations.push_back({service.key, "ports", "each task gets another published port"});
  }
  auto& update = service.deploy.update_config;
  if (update && update->order == recipe::Rollout::Order::start_first) {
    update->order = recipe::Rollout::Order::stop_first;
    deviations.push_back({service.key, "deploy.update_config.order",
                          "the old task stops first, because both publish the same port"});
  }
}

void adapt_service(recipe::Service& service, std::vector<recipe::Deviation>& deviations) {
  if (service.deploy.endpoint_mode == recipe::Deploy::Endpoint::vip) {
    service.deploy.endpoint_mode = recipe::Deploy::Endpoint::dnsrr;
    deviations.push_back({service.key, "deploy.endpoint_mode",
                          "the service's name leads to its tasks and not to a virtual address: "
                          "this kernel has no IPVS"});
  }
  bool rewritten = false;
  for (recipe::Port& port : service.ports) {
    rewritten = rewritten || port.mode == recipe::Port::Mode::ingress;
    port.mode = recipe::Port::Mode::host;
  }
  if (!rewritten) return;
  deviations.push_back({service.key, "ports",
                        "the port is published on the node and not by the swarm's ingress: this "
                        "kernel has no IPVS"});
  free_port_conflicts(service, deviations);
}

// The versions that brought these settings.
constexpr ApiVersion with_start_interval{1, 44};
constexpr ApiVersion with_oom_score{1, 46};

// The engine's values where a check says nothing.
constexpr std::chrono::seconds usual_start_interval{5};
constexpr std::chrono::seconds usual_interval{30};
constexpr std::uint64_t usual_retries = 3;
constexpr std::chrono::milliseconds shortest_interval{1};  // the engine refuses shorter ones
constexpr std::uint64_t most_retries = 1'000'000;

// Newer engines check more often while a service starts, though the recipe does not say so. An
// older one waits for the whole interval before its first check, maybe longer than anybody waits
// for the service. It gets the shorter interval for all checks, and as many more of them until it
// gives up.
void check_often(recipe::Service& service, ApiVersion version,
                 std::vector<recipe::Deviation>& deviations) {
  if (!service.healthcheck || version >= with_start_interval) return;
  recipe::Healthcheck& check = *service.healthcheck;
  const auto deviates = [&](const std::string& what) {
    deviations.push_back({service.key, "healthcheck.start_interval",
                          "this engine does not have it (API " + version.text() + "); " + what});
  };
  const bool written = check.start_interval.has_value();
  const recipe::Duration starting = check.start_interval.value_or(usual_start_interval);
  check.start_interval.reset();
  // Without a test it is the image's check, whose other values nobody knows here.
  if (check.test.empty() || check.test[0] == "NONE" || starting < shortest_interval) {
    if (written) deviates("it is ignored");
    return;
  }
  const recipe::Duration interval = check.interval.value_or(usual_interval);
  const bool starts = check.start_period && check.start_period->count() > 0;
  if (!starts || starting >= interval) return;
  const std::uint64_t retries = check.retries.value_or(usual_retries);
  const auto more = static_cast<std::uint64_t>((interval + starting) / starting);
  check.interval = starting;
  check.retries = retries > most_retries / more ? most_retries : retries * more;
  deviates("all checks come as often as those of the start, and it gives up as late as before");
}

void drop_newer_settings(recipe::Service& service, ApiVersion version,
                         std::vector<recipe::Deviation>& deviations) {
  const auto drop = [&](auto& setting, const char* key, ApiVersion needed) {
    if (!setting || version >= needed) return;
    setting.reset();
    deviations.push_back({service.key, key,
                          "this engine does not have it (API " + version.text() + ", needed " +
                              needed.text() + "); it is ignored"});
  };
  drop(service.oom_score_adj, "oom_score_adj", with_oom_score);
}

}  // namespace

Abilities probe_abilities() { return {has_ipvs()}; }

recipe::Stack adapt(const recipe::Stack& stack, const Abilities& abilities, ApiVersion version) {
  recipe::Stack adapted = stack;
  for (recipe::Service& service : adapted.services) {
    check_often(service, version, adapted.deviations);
    drop_newer_settings(service, version, adapted.deviations);
  }
  if (abilities.ipvs) return adapted;
  for (recipe::Service& service : adapted.services) adapt_service(service, adapted.deviations);
  return adapted;
}

}  // namespace ccci::engine
