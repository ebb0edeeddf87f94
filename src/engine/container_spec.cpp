// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/container_spec.hpp"

#include "base/text.hpp"

namespace ccci::engine {

namespace {

using base::Json;

// The engine calls them NAME (remove the image's variable) and NAME=value.
Json environment(const recipe::Service& service) {
  Json list = Json::array();
  for (const auto& [name, value] : service.environment) {
    list.push_back(value ? name + "=" + *value : name);
  }
  return list;
}

Json volume_mount(const recipe::Stack& stack, const recipe::Mount& mount) {
  Json json{{"Type", "volume"}, {"Target", mount.target}};
  Json options = Json::object();
  if (mount.no_copy) options["NoCopy"] = true;
  const auto volume = stack.volumes.find(mount.source);
  if (volume != stack.volumes.end()) {
    json["Source"] = volume->second.name;
    if (!volume->second.external) {
      // The engine makes the volume when the first task starts, with this.
      options["Labels"] = stack_labels(stack, volume->second.labels);
      if (!volume->second.driver.empty() || !volume->second.driver_options.empty()) {
        Json driver = Json::object();
        if (!volume->second.driver.empty()) driver["Name"] = volume->second.driver;
        driver["Options"] = Json(volume->second.driver_options);
        options["DriverConfig"] = std::move(driver);
      }
    } else {
      options["NoCopy"] = mount.no_copy;
    }
  }
  json["VolumeOptions"] = std::move(options);
  return json;
}

Json bind_mount(const recipe::Mount& mount) {
  Json json{{"Type", "bind"}, {"Source", mount.source}, {"Target", mount.target}};
  if (!mount.propagation.empty()) {
    Json options = Json::object();
    options["Propagation"] = mount.propagation;
    json["BindOptions"] = std::move(options);
  }
  return json;
}

Json tmpfs_mount(const recipe::Mount& mount) {
  Json json{{"Type", "tmpfs"}, {"Target", mount.target}};
  Json options = Json::object();
  if (mount.tmpfs_size != 0) options["SizeBytes"] = mount.tmpfs_size;
  if (mount.tmpfs_mode) options["Mode"] = *mount.tmpfs_mode;
  if (!options.empty()) json["TmpfsOptions"] = std::move(options);
  return json;
}

Json mounts(const recipe::Stack& stack, const recipe::Service& service) {
  Json list = Json::array();
  for (const recipe::Mount& mount : service.mounts) {
    Json item;
    switch (mount.type) {
      case recipe::Mount::Type::volume:
        item = volume_mount(stack, mount);
        break;
      case recipe::Mount::Type::bind:
        item = bind_mount(mount);
        break;
      case recipe::Mount::Type::tmpfs:
        item = tmpfs_mount(mount);
        break;
    }
    if (mount.read_only) item["ReadOnly"] = true;
    list.push_back(std::move(item));
  }
  return list;
}

// `kind` is "Secret" or "Config".
Json references(const std::vector<recipe::FileReference>& files,
                const std::map<std::string, recipe::Content>& contents,
                const std::map<std::string, std::string>& ids, const std::string& kind) {
  Json list = Json::array();
  for (const recipe::FileReference& file : files) {
    const auto content = contents.find(file.source);
    const auto id = ids.find(file.source);
    Json place{{"Name", file.target}, {"UID", file.uid}, {"GID", file.gid}, {"Mode", file.mode}};
    Json item = Json::object();
    item["File"] = std::move(place);
    item[kind + "ID"] = id == ids.end() ? std::string() : id->second;
    item[kind + "Name"] = content == contents.end() ? file.source : content->second.name;
    list.push_back(std::move(item));
  }
  return list;
}

Json healthcheck(const recipe::Healthcheck& check) {
  Json json = Json::object();
  if (!check.test.empty()) json["Test"] = Json(check.test);
  set_duration(json, "Interval", check.interval);
  set_duration(json, "Timeout", check.timeout);
  set_duration(json, "StartPeriod", check.start_period);
  set_duration(json, "StartInterval", check.start_interval);
  if (check.retries) json["Retries"] = *check.retries;
  return json;
}

// "NAME:ADDRESS" of the file is "ADDRESS NAME" in /etc/hosts. An IPv6 address has more colons.
Json hosts(const std::vector<std::string>& extra) {
  Json list = Json::array();
  for (const std::string& entry : extra) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string::npos) continue;
    list.push_back(entry.substr(colon + 1) + " " + entry.substr(0, colon));
  }
  return list;
}

Json ulimits(const std::map<std::string, recipe::Ulimit>& limits) {
  Json list = Json::array();
  for (const auto& [name, limit] : limits) {
    list.push_back(Json{{"Name", name}, {"Soft", limit.soft}, {"Hard", limit.hard}});
  }
  return list;
}

void set_texts(Json& json, const char* name, const std::vector<std::string>& texts) {
  if (!texts.empty()) json[name] = Json(texts);
}

void set_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

void set_rights(Json& json, const recipe::Service& service) {
  set_texts(json, "CapabilityAdd", service.cap_add);
  set_texts(json, "CapabilityDrop", service.cap_drop);
  if (!service.sysctls.empty()) json["Sysctls"] = Json(service.sysctls);
  if (!service.ulimits.empty()) json["Ulimits"] = ulimits(service.ulimits);
  if (service.oom_score_adj) json["OomScoreAdj"] = *service.oom_score_adj;
  if (service.read_only) json["ReadOnly"] = true;
}

}  // namespace

void set_duration(base::Json& json, std::string_view name,
                  const std::optional<recipe::Duration>& duration) {
  if (duration) json[name] = std::int64_t{duration->count()};
}

base::Json stack_labels(const recipe::Stack& stack, const recipe::Labels& labels) {
  recipe::Labels all = labels;
  all[stack_label] = stack.name;
  for (const auto& [name, value] : stack.marks) all[name] = value;
  return Json(all);
}

base::Json container_spec(const recipe::Stack& stack, const recipe::Service& service,
                          const Ids& ids) {
  Json json{{"Image", service.image}};
  json["Labels"] = stack_labels(stack, service.labels);
  set_texts(json, "Command", service.entrypoint);
  set_texts(json, "Args", service.command);
  set_text(json, "Hostname", service.hostname);
  json["Env"] = environment(service);
  set_text(json, "Dir", service.working_dir);
  set_text(json, "User", service.user);
  set_text(json, "StopSignal", service.stop_signal);
  set_duration(json, "StopGracePeriod", service.stop_grace_period);
  set_text(json, "Isolation", service.isolation);
  if (service.tty) json["TTY"] = true;
  if (service.stdin_open) json["OpenStdin"] = true;
  if (service.init) json["Init"] = *service.init;
  set_rights(json, service);
  json["Mounts"] = mounts(stack, service);
  json["Hosts"] = hosts(service.extra_hosts);
  if (!service.dns.empty() || !service.dns_search.empty()) {
    Json dns = Json::object();
    set_texts(dns, "Nameservers", service.dns);
    set_texts(dns, "Search", service.dns_search);
    json["DNSConfig"] = std::move(dns);
  }
  json["Secrets"] = references(service.secrets, stack.secrets, ids.secrets, "Secret");
  json["Configs"] = references(service.configs, stack.configs, ids.configs, "Config");
  if (service.healthcheck) json["Healthcheck"] = healthcheck(*service.healthcheck);
  return json;
}

}  // namespace ccci::engine
