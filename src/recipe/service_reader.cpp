// SPDX-License-Identifier: GPL-3.0-or-later
// The table of the keys of a service. Each key of Docker's schema has a row that reads it, or one
// that says why it is not done.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "recipe/draft.hpp"
#include "recipe/forms.hpp"
#include "recipe/image_name.hpp"

namespace ccci::recipe {

namespace {

struct KeyOfService {
  std::string_view key;
  void (*read)(Reading&, const Node&, const Trail&, ServiceDraft&);
};

void append(std::vector<std::string>& to, std::vector<std::string> from) {
  for (std::string& text : from) to.push_back(std::move(text));
}

void read_extra_hosts(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  std::vector<std::string>& hosts = draft.service.extra_hosts;
  const auto add = [&](std::string_view name, std::string_view address) {
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
      address = address.substr(1, address.size() - 2);
    hosts.push_back(std::string(name) + ":" + std::string(address));
  };
  if (node.kind == Node::Kind::map) {
    for (const Member& member : node.members)
      for (const std::string& address : reading.text_or_texts(member.value, trail / member.key))
        add(member.key, address);
    return;
  }
  for (const std::string& entry : reading.texts(node, trail)) {
    const std::size_t at = std::min(entry.find('='), entry.find(':'));
    if (at == std::string::npos)
      reading.deviates(draft.service.key, "extra_hosts",
                       "'" + entry + "' has no address; it is ignored, as Docker does");
    else
      add(entry.substr(0, at), entry.substr(at + 1));
  }
}

void read_networks(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  static constexpr std::array<std::string_view, 2> known{"aliases", "driver_opts"};
  if (node.kind == Node::Kind::list) {
    for (std::string& name : reading.texts(node, trail))
      draft.service.networks.push_back({std::move(name), {}, {}});
    return;
  }
  if (!reading.is_map(node, trail)) return;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    Attachment attachment{member.key, {}, {}};
    if (reading.is_map(member.value, at)) {
      for (const Member& option : member.value.members) {
        const Trail below = at / option.key;
        if (option.key == "aliases")
          attachment.aliases = reading.texts(option.value, below);
        else if (option.key == "driver_opts")
          attachment.driver_options = reading.labels(option.value, below);
        else if (option.key == "ipv4_address" || option.key == "ipv6_address" ||
                 option.key == "priority" || option.key == "gw_priority" ||
                 option.key == "link_local_ips" || option.key == "mac_address" ||
                 option.key == "interface_name")
          reading.deviates(draft.service.key, below.text(),
                           "a swarm has no fixed addresses; it is ignored");
        else if (!option.key.starts_with("x-"))
          reading.unknown_key(option, at, known);
      }
    }
    draft.service.networks.push_back(std::move(attachment));
  }
}

FileReference read_reference(Reading& reading, const Node& node, const Trail& trail) {
  static constexpr std::array<std::string_view, 5> known{"source", "target", "uid", "gid", "mode"};
  FileReference out;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    const Node& value = member.value;
    if (member.key == "source")
      out.source = reading.text(value, at).value_or("");
    else if (member.key == "target")
      out.target = reading.text(value, at).value_or("");
    else if (member.key == "uid")
      out.uid = reading.word(value, at).value_or("0");
    else if (member.key == "gid")
      out.gid = reading.word(value, at).value_or("0");
    else if (member.key == "mode") {
      if (const auto mode = reading.count(value, at)) {
        if (*mode <= 07777)
          out.mode = static_cast<unsigned>(*mode);
        else
          reading.wrong_value(value, at, "permission bits such as 0440");
      }
    } else if (!member.key.starts_with("x-")) {
      reading.unknown_key(member, trail, known);
    }
  }
  if (out.source.empty())
    reading.report(base::fail("recipe.missing").with("key", trail.text()).with("missing", "source"),
                   node.at);
  return out;
}

std::vector<FileReference> read_references(Reading& reading, const Node& node, const Trail& trail) {
  std::vector<FileReference> out;
  if (node.kind != Node::Kind::list) {
    if (node.kind != Node::Kind::null) reading.wrong_type(node, trail, "a list");
    return out;
  }
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    if (item.kind == Node::Kind::map) {
      out.push_back(read_reference(reading, item, trail / i));
    } else if (item.kind == Node::Kind::text) {
      out.emplace_back().source = item.text;
    } else {
      reading.wrong_type(item, trail / i, "a text or a map");
    }
  }
  return out;
}

void read_ulimits(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  if (!reading.is_map(node, trail)) return;
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.value.kind != Node::Kind::map) {
      const std::int64_t limit = reading.integer(member.value, at).value_or(0);
      draft.service.ulimits[member.key] = {limit, limit};
      continue;
    }
    const Node* soft = member.value.find("soft");
    const Node* hard = member.value.find("hard");
    if (soft == nullptr || hard == nullptr) {
      reading.wrong_type(member.value, at, "an integer, or soft and hard");
      continue;
    }
    draft.service.ulimits[member.key] = {reading.integer(*soft, at / "soft").value_or(0),
                                         reading.integer(*hard, at / "hard").value_or(0)};
  }
}

void read_logging(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  static constexpr std::array<std::string_view, 2> known{"driver", "options"};
  if (!reading.is_map(node, trail)) return;
  Logging& logging = draft.service.logging.emplace();
  for (const Member& member : node.members) {
    const Trail at = trail / member.key;
    if (member.key == "driver")
      logging.driver = reading.text(member.value, at).value_or("");
    else if (member.key == "options")
      logging.options = reading.labels(member.value, at);
    else if (!member.key.starts_with("x-"))
      reading.unknown_key(member, trail, known);
  }
}

// no, always, unless-stopped, on-failure[:N]
void read_restart(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  // `restart: no` is a text for Docker, but YAML editors may write it as false.
  if (node.kind == Node::Kind::boolean && node.integer == 0) return;
  const std::optional<std::string> text = reading.text(node, trail);
  if (!text || text->empty() || *text == "no") return;
  RestartPolicy policy;
  const std::size_t colon = text->find(':');
  const std::string name = text->substr(0, colon);
  if (name == "always" || name == "unless-stopped") {
    policy.condition = RestartPolicy::When::always;
  } else if (name == "on-failure") {
    policy.condition = RestartPolicy::When::on_failure;
  } else {
    reading.wrong_value(node, trail, "no, always, unless-stopped or on-failure");
    return;
  }
  if (colon != std::string::npos) {
    const auto attempts = read_number(text->substr(colon + 1), 1'000'000);
    if (!attempts) reading.wrong_value(node, trail, "on-failure:NUMBER");
    if (attempts.value_or(0) > 0) policy.max_attempts = attempts;
  }
  draft.restart = policy;
}

void read_depends_on(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  if (node.kind == Node::Kind::list) {
    reading.texts(node, trail);
  } else if (!reading.is_map(node, trail)) {
    return;
  }
  reading.deviates(draft.service.key, "depends_on",
                   "a swarm starts all services at once, as with docker stack deploy");
}

void read_image(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft) {
  const std::string image = reading.text(node, trail).value_or("");
  if (!image.empty() && !is_image_name(image)) {
    reading.wrong_value(node, trail, "the name of an image such as 'example.org/app:1.0'");
    return;
  }
  draft.service.image = image;
}

using R = Reading&;
using N = const Node&;
using T = const Trail&;
using D = ServiceDraft&;

constexpr std::array service_keys{
    KeyOfService{"cap_add", [](R r, N n, T t, D d) { append(d.service.cap_add, r.texts(n, t)); }},
    KeyOfService{"cap_drop", [](R r, N n, T t, D d) { append(d.service.cap_drop, r.texts(n, t)); }},
    KeyOfService{"command", [](R r, N n, T t, D d) { d.service.command = r.command(n, t); }},
    KeyOfService{"configs",
                 [](R r, N n, T t, D d) { d.service.configs = read_references(r, n, t); }},
    KeyOfService{"depends_on", read_depends_on},
    KeyOfService{"deploy", read_deploy},
    KeyOfService{"dns", [](R r, N n, T t, D d) { d.service.dns = r.text_or_texts(n, t); }},
    KeyOfService{"dns_search",
                 [](R r, N n, T t, D d) { d.service.dns_search = r.text_or_texts(n, t); }},
    KeyOfService{"entrypoint", [](R r, N n, T t, D d) { d.service.entrypoint = r.command(n, t); }},
    KeyOfService{"env_file", [](R, N, T, D) {}},  // read by the caller, who may open files
    KeyOfService{"environment", [](R r, N n, T t, D d) { d.service.environment = r.values(n, t); }},
    KeyOfService{"extra_hosts", read_extra_hosts},
    KeyOfService{"healthcheck",
                 [](R r, N n, T t, D d) { d.service.healthcheck = read_healthcheck(r, n, t); }},
    KeyOfService{"hostname",
                 [](R r, N n, T t, D d) { d.service.hostname = r.text(n, t).value_or(""); }},
    KeyOfService{"image", read_image},
    KeyOfService{"init", [](R r, N n, T t, D d) { d.service.init = r.boolean(n, t); }},
    KeyOfService{"isolation",
                 [](R r, N n, T t, D d) { d.service.isolation = r.text(n, t).value_or(""); }},
    KeyOfService{"labels", [](R r, N n, T t, D d) { d.service.labels = r.labels(n, t); }},
    KeyOfService{"logging", read_logging},
    KeyOfService{"networks", read_networks},
    KeyOfService{"oom_score_adj",
                 [](R r, N n, T t, D d) { d.service.oom_score_adj = r.integer(n, t); }},
    KeyOfService{"ports",
                 [](R r, N n, T t, D d) { d.service.ports = read_ports(r, n, t, d.service.key); }},
    KeyOfService{"profiles", [](R r, N n, T t, D d) { d.profiles = r.texts(n, t); }},
    KeyOfService{"read_only",
                 [](R r, N n, T t, D d) { d.service.read_only = r.boolean(n, t).value_or(false); }},
    KeyOfService{"restart", read_restart},
    KeyOfService{"secrets",
                 [](R r, N n, T t, D d) { d.service.secrets = read_references(r, n, t); }},
    KeyOfService{"stdin_open", [](R r, N n, T t,
                                  D d) { d.service.stdin_open = r.boolean(n, t).value_or(false); }},
    KeyOfService{"stop_grace_period",
                 [](R r, N n, T t, D d) { d.service.stop_grace_period = r.duration(n, t); }},
    KeyOfService{"stop_signal",
                 [](R r, N n, T t, D d) { d.service.stop_signal = r.text(n, t).value_or(""); }},
    KeyOfService{"sysctls", [](R r, N n, T t, D d) { d.service.sysctls = r.labels(n, t); }},
    KeyOfService{"tmpfs",
                 [](R r, N n, T t, D d) {
                   for (Mount& mount : read_tmpfs(r, n, t, d.service.key))
                     d.service.mounts.push_back(std::move(mount));
                 }},
    KeyOfService{"tty",
                 [](R r, N n, T t, D d) { d.service.tty = r.boolean(n, t).value_or(false); }},
    KeyOfService{"ulimits", read_ulimits},
    KeyOfService{"user", [](R r, N n, T t, D d) { d.service.user = r.word(n, t).value_or(""); }},
    KeyOfService{"volumes",
                 [](R r, N n, T t, D d) {
                   for (Mount& mount : read_mounts(r, n, t, d.service.key))
                     d.service.mounts.push_back(std::move(mount));
                 }},
    KeyOfService{"working_dir",
                 [](R r, N n, T t, D d) { d.service.working_dir = r.text(n, t).value_or(""); }},
};

struct NotDone {
  std::string_view key;
  std::string_view what;
};

constexpr std::string_view no_setting = "a swarm has no such setting; it is ignored";
constexpr std::string_view no_privilege =
    "a swarm gives no service such rights; the container runs without them";

// Docker ignores the first of them in a swarm; the rest are keys of Compose that it does not know.
constexpr std::array not_done{
    NotDone{"build", "images are not built from a recipe; `image` must be there"},
    NotDone{"container_name", "a swarm names containers itself"},
    NotDone{"expose", "services on one network reach all ports of each other"},
    NotDone{"privileged", no_privilege},
    NotDone{"devices", no_privilege},
    NotDone{"security_opt", no_privilege},
    NotDone{"userns_mode", no_privilege},
    NotDone{"pid", no_privilege},
    NotDone{"ipc", no_privilege},
    NotDone{"cgroupns_mode", no_privilege},
    NotDone{"cgroup", no_privilege},
    NotDone{"cgroup_parent", no_setting},
    NotDone{"uts", no_privilege},
    NotDone{"network_mode", "a swarm has networks only; the default network is used"},
    NotDone{"links", "services on one network know each other by name"},
    NotDone{"external_links", no_setting},
    NotDone{"domainname", no_setting},
    NotDone{"mac_address", no_setting},
    NotDone{"shm_size", "/dev/shm keeps its default size of 64 MB"},
    NotDone{"credential_spec", "it only matters on Windows; it is ignored"},
    NotDone{"annotations", no_setting},
    NotDone{"attach", no_setting},
    NotDone{"blkio_config", no_setting},
    NotDone{"cpus", "the limit is not set; a swarm reads deploy.resources"},
    NotDone{"cpu_count", no_setting},
    NotDone{"cpu_percent", no_setting},
    NotDone{"cpu_period", no_setting},
    NotDone{"cpu_rt_period", no_setting},
    NotDone{"cpu_rt_runtime", no_setting},
    NotDone{"develop", no_setting},
    NotDone{"device_cgroup_rules", no_setting},
    NotDone{"dns_opt", no_setting},
    NotDone{"gpus", no_setting},
    NotDone{"group_add", no_setting},
    NotDone{"label_file", "the labels in the file are not set"},
    NotDone{"mem_reservation", "the limit is not set; a swarm reads deploy.resources"},
    NotDone{"mem_swappiness", no_setting},
    NotDone{"oom_kill_disable", no_setting},
    NotDone{"pids_limit", "the limit is not set; a swarm reads deploy.resources"},
    NotDone{"platform", "the image of this machine's architecture is used"},
    NotDone{"post_start", "the hook does not run"},
    NotDone{"pre_stop", "the hook does not run"},
    NotDone{"pull_policy", no_setting},
    NotDone{"runtime", no_setting},
    NotDone{"scale", "it is ignored; a swarm reads deploy.replicas"},
    NotDone{"storage_opt", no_setting},
};

// Docker refuses a stack with one of these.
constexpr std::array forbidden{
    NotDone{"extends", "use an anchor, or a second compose file"},
    NotDone{"volume_driver", "name the driver in the top-level 'volumes'"},
    NotDone{"volumes_from", "name the volume in both services"},
    NotDone{"cpu_quota", "use deploy.resources"},
    NotDone{"cpu_shares", "use deploy.resources"},
    NotDone{"cpuset", "use deploy.resources"},
    NotDone{"mem_limit", "use deploy.resources"},
    NotDone{"memswap_limit", "use deploy.resources"},
    NotDone{"provider", "a swarm runs images only"},
};

template <typename Rows>
const auto* row_of(const Rows& rows, std::string_view key) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.key == key; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

ServiceDraft read_service(Reading& reading, const Member& service, const Trail& trail) {
  ServiceDraft draft;
  draft.service.key = service.key;
  draft.at = service.at;
  if (!reading.is_map(service.value, trail)) return draft;
  for (const Member& member : service.value.members) {
    const std::string_view key = member.key;
    const Trail at = trail / key;
    if (const KeyOfService* row = row_of(service_keys, key)) {
      row->read(reading, member.value, at, draft);
    } else if (const NotDone* refused = row_of(forbidden, key)) {
      reading.report(
          base::fail("recipe.forbidden").with("key", at.text()).with("remedy", refused->what),
          member.at);
    } else if (const NotDone* ignored = row_of(not_done, key)) {
      reading.deviates(service.key, key, ignored->what);
    } else if (!key.starts_with("x-")) {
      std::vector<std::string_view> known;
      for (const KeyOfService& one : service_keys) known.push_back(one.key);
      reading.unknown_key(member, trail, known);
    }
  }
  return draft;
}

}  // namespace ccci::recipe
