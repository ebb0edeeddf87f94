// SPDX-License-Identifier: GPL-3.0-or-later
// What one compose file says, and how a later file changes an earlier one. A draft holds the types
// of the stack, but defaults are not filled in: an empty text, list or map means that the file says
// nothing. Docker's merge has the same meaning, so a later file cannot empty a value again.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recipe/place.hpp"
#include "recipe/reading.hpp"
#include "recipe/stack.hpp"

namespace ccci::recipe {

struct ServiceDraft {
  Service service;  // without a name, default network and own alias
  std::optional<Deploy::Mode> mode;
  std::optional<Deploy::Endpoint> endpoint_mode;
  std::optional<RestartPolicy> restart;  // the older key, used if `deploy` has no policy
  std::vector<std::string> profiles;
  Place at;
};

struct NetworkDraft {
  Network network;  // an empty driver is the default
  Place at;
};

struct VolumeDraft {
  Volume volume;
  Place at;
};

// A secret or config.
struct ContentDraft {
  Content content;
  std::string file;      // as written, relative to the recipe
  std::string raw_name;  // `name` before variables were filled in
  Place at;
};

template <typename Value>
using Keyed = std::vector<std::pair<std::string, Value>>;  // in the order of the files

struct Draft {
  Keyed<ServiceDraft> services;
  Keyed<NetworkDraft> networks;
  Keyed<VolumeDraft> volumes;
  Keyed<ContentDraft> secrets;
  Keyed<ContentDraft> configs;
};

// `over` is the later file.
void merge(Draft& base, Draft over);

// Reads the sections of one file whose variables are filled in. Mistakes are in `reading`.
Draft read_draft(Reading& reading, const Node& root);

// The parts of it.
ServiceDraft read_service(Reading& reading, const Member& service, const Trail& trail);
void read_deploy(Reading& reading, const Node& node, const Trail& trail, ServiceDraft& draft);
std::optional<Healthcheck> read_healthcheck(Reading& reading, const Node& node, const Trail& trail);
std::vector<Mount> read_mounts(Reading& reading, const Node& node, const Trail& trail,
                               const std::string& service);
std::vector<Mount> read_tmpfs(Reading& reading, const Node& node, const Trail& trail,
                              const std::string& service);
std::vector<Port> read_ports(Reading& reading, const Node& node, const Trail& trail,
                             const std::string& service);

}  // namespace ccci::recipe
