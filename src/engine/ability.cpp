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

void drop_newer_settings(recipe::Service& service, ApiVersion version,
                         std::vector<recipe::Deviation>& deviations) {
  const auto drop = [&](auto& setting, const char* key, ApiVersion needed) {
    if (!setting || version >= needed) return;
    setting.reset();
    deviations.push_back({service.key, key,
                          "this engine does not have it (API " + version.text() + ", needed " +
                              needed.text() + "); it is ignored"});
  };
  if (service.healthcheck)
    drop(service.healthcheck->start_interval, "healthcheck.start_interval", with_start_interval);
  drop(service.oom_score_adj, "oom_score_adj", with_oom_score);
}

}  // namespace

Abilities probe_abilities() { return {has_ipvs()}; }

recipe::Stack adapt(const recipe::Stack& stack, const Abilities& abilities, ApiVersion version) {
  recipe::Stack adapted = stack;
  for (recipe::Service& service : adapted.services)
    drop_newer_settings(service, version, adapted.deviations);
  if (abilities.ipvs) return adapted;
  for (recipe::Service& service : adapted.services) adapt_service(service, adapted.deviations);
  return adapted;
}

}  // namespace ccci::engine
