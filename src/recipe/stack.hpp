// SPDX-License-Identifier: GPL-3.0-or-later
// A stack as it is to run: the one value that recipe makes and that engine deploys. Plain data that
// compares and copies; nothing in it refers to a file or to an environment variable.
//
// Names: services, networks and others are known by their key in the compose file. `name` is what
// the engine calls them. Who deploys adds the labels com.docker.stack.namespace (NAME of the stack)
// and com.docker.stack.image; they are not part of this value.
#pragma once

#include <string_view>

#include "recipe/placement.hpp"
#include "recipe/service.hpp"

namespace ccci::recipe {

struct Service {
  std::string key;   // "app"
  std::string name;  // "STACK_app"
  std::string image;
  std::vector<std::string> entrypoint;  // empty: the image's
  std::vector<std::string> command;     // the arguments; empty: the image's
  // Without a value: the engine removes the image's variable of this name.
  std::map<std::string, std::optional<std::string>> environment;
  Labels labels;  // of the container; those of the service are in `deploy`
  std::vector<Mount> mounts;
  std::vector<Attachment> networks;  // never empty: without any it is "default"
  std::vector<Port> ports;
  std::vector<FileReference> secrets;
  std::vector<FileReference> configs;
  std::optional<Healthcheck> healthcheck;
  Deploy deploy;

  std::optional<Duration> stop_grace_period;
  std::string stop_signal;
  std::optional<bool> init;
  std::string user;
  std::string working_dir;
  std::string hostname;
  std::vector<std::string> extra_hosts;  // "NAME:ADDRESS"
  std::vector<std::string> dns;
  std::vector<std::string> dns_search;
  std::vector<std::string> cap_add;
  std::vector<std::string> cap_drop;
  Options sysctls;
  std::map<std::string, Ulimit> ulimits;
  bool read_only = false;
  bool tty = false;
  bool stdin_open = false;
  std::optional<std::int64_t> oom_score_adj;
  std::string isolation;
  std::optional<Logging> logging;

  bool operator==(const Service&) const = default;
};

struct Network {
  std::string name;
  bool external = false;
  std::string driver = "overlay";
  Options driver_options;
  bool attachable = false;
  bool internal = false;
  bool enable_ipv6 = false;
  std::string ipam_driver;
  std::vector<std::string> subnets;
  Labels labels;

  bool operator==(const Network&) const = default;
};

struct Volume {
  std::string name;
  bool external = false;
  std::string driver;  // empty: "local"
  Options driver_options;
  Labels labels;

  bool operator==(const Volume&) const = default;
};

// A secret or config of the stack. `content` is the file's; an external one has none.
struct Content {
  std::string name;
  bool external = false;
  std::string content;
  std::string template_driver;  // "golang": the engine fills in the template
  Labels labels;

  bool operator==(const Content&) const = default;
};

// What of the recipe cannot be done as it says. The result of a run lists each.
struct Deviation {
  std::string service;  // key; empty: of the whole stack
  std::string key;      // "restart", "deploy.placement"
  std::string what;     // what happens instead

  bool operator==(const Deviation&) const = default;
};

struct Stack {
  std::string name;
  std::vector<Service> services;  // in the order of the files
  std::map<std::string, Network> networks;
  std::map<std::string, Volume> volumes;
  std::map<std::string, Content> secrets;
  std::map<std::string, Content> configs;
  // Labels that each of its objects gets besides. Who shares an engine knows its own by them.
  Labels marks = {};
  std::vector<Deviation> deviations;

  const Service* find(std::string_view key) const;  // null if there is none

  bool operator==(const Stack&) const = default;
};

}  // namespace ccci::recipe
