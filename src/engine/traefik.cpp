// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/traefik.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "engine/endpoints.hpp"
#include "engine/spec.hpp"
#include "recipe/tree.hpp"

namespace ccci::engine {

namespace {

using base::Json;
using Settings = std::map<std::string, std::string>;

constexpr const char* network_key = "cc-ci-traefik";
constexpr std::array<std::string_view, 2> plain_names{"web", "http"};
constexpr std::array<std::string_view, 3> secure_names{"web-secure", "websecure", "https"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_on(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found != settings.end() && (found->second == "true" || found->second.empty());
}

// "docker.io/library/traefik:v3.1@sha256:…"
bool is_image_of_traefik(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const std::size_t slash = image.rfind('/');
  if (slash != std::string_view::npos) image.remove_prefix(slash + 1);
  return image.substr(0, image.find(':')) == "traefik";
}

// "--entrypoints.web.address=:80"
void take_argument(std::string_view argument, Settings& settings) {
  if (!argument.starts_with("--")) return;
  argument.remove_prefix(2);
  const std::size_t equals = std::min(argument.find('='), argument.size());
  const bool has_value = equals < argument.size();
  settings[lower(argument.substr(0, equals))] =
      has_value ? std::string(argument.substr(equals + 1)) : "true";
}

// "TRAEFIK_ENTRYPOINTS_WEB_ADDRESS=:80"
void take_variable(std::string_view variable, Settings& settings) {
  constexpr std::string_view prefix = "TRAEFIK_";
  if (!variable.starts_with(prefix)) return;
  const std::size_t equals = std::min(variable.find('='), variable.size());
  std::string key = lower(variable.substr(prefix.size(), equals - std::min(equals, prefix.size())));
  std::replace(key.begin(), key.end(), '_', '.');
  settings[key] = variable.substr(std::min(equals + 1, variable.size()));
}

void flatten(const recipe::Node& node, const std::string& key, Settings& settings) {
  if (node.kind != recipe::Node::Kind::map) {
    settings[key] = node.is_scalar() ? node.text : "";
    return;
  }
  if (node.members.empty()) settings[key] = "true";
  for (const recipe::Member& member : node.members)
    flatten(member.value, key.empty() ? lower(member.key) : key + "." + lower(member.key),
            settings);
}

void take_file(const std::string& text, Settings& settings) {
  recipe::Sources sources;
  const auto read = recipe::read_tree(text, sources.add("traefik.yml", text), sources);
  if (read) flatten(read->root, "", settings);
}

bool has_below(const Settings& settings, const std::string& key) {
  const auto found = settings.lower_bound(key);
  return found != settings.end() && (found->first == key || found->first.starts_with(key + "."));
}

std::uint16_t port_in(std::string_view address) {
  address = address.substr(0, address.find('/'));
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return 0;
  address.remove_prefix(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(address.data(), address.data() + address.size(), port);
  return read.ec == std::errc{} ? port : std::uint16_t{0};
}

// Published port by the port in the container.
std::map<std::uint16_t, std::uint16_t> published_ports(const Json& service) {
  std::map<std::uint16_t, std::uint16_t> ports;
  for (const Json* list :
       {&service["Endpoint"]["Ports"], &service["Spec"]["EndpointSpec"]["Ports"]})
    for (const Json& port : list->elements()) {
      const std::string protocol = port["Protocol"].text_or_empty();
      const auto outside = static_cast<std::uint16_t>(port["PublishedPort"].number().value_or(0));
      if ((protocol.empty() || protocol == "tcp") && outside != 0)
        ports[static_cast<std::uint16_t>(port["TargetPort"].number().value_or(0))] = outside;
    }
  return ports;
}

void take_entries(const Settings& settings, const Json& service, Traefik& found) {
  const auto ports = published_ports(service);
  for (const auto& [key, value] : settings) {
    constexpr std::string_view prefix = "entrypoints.";
    constexpr std::string_view suffix = ".address";
    if (!key.starts_with(prefix) || !key.ends_with(suffix) || value.ends_with("/udp")) continue;
    const std::string name =
        key.substr(prefix.size(), key.size() - std::min(key.size(), prefix.size() + suffix.size()));
    const auto at = ports.find(port_in(value));
    if (at == ports.end()) continue;
    found.entries.insert(name);
    const auto is_in = [&](const auto& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (is_in(plain_names) || at->second == 80) found.plain = at->second;
    if (is_in(secure_names) || at->second == 443) found.secure = at->second;
  }
}

// By the provider's setting, else the first one where apps can be.
std::string shared_network(const Settings& settings, const Json& service, const Json& networks) {
  std::string wanted;
  for (const char* key : {"providers.docker.network", "providers.swarm.network"})
    if (const auto found = settings.find(key); found != settings.end()) wanted = found->second;
  const Json& spec = service["Spec"];
  for (const Json* list : {&spec["TaskTemplate"]["Networks"], &spec["Networks"]}) {
    for (const Json& attached : list->elements()) {
      const std::string target = attached["Target"].text_or_empty();
      for (const Json& network : networks.elements()) {
        const std::string name = network["Name"].text_or_empty();
        if (network["Id"].text_or_empty() != target && name != target) continue;
        const bool usable = network["Driver"].text_or_empty() == "overlay" &&
                            !network["Internal"].boolean().value_or(false);
        if (usable && (wanted.empty() || wanted == name)) return name;
      }
    }
  }
  return {};
}

std::string objection(const Settings& settings, const Traefik& found) {
  const bool follows =
      is_on(settings, "providers.docker.swarmmode") || has_below(settings, "providers.swarm");
  if (!follows) return "its settings do not name the provider for a swarm";
  for (const char* provider : {"docker", "swarm"}) {
    const auto set = settings.find(std::string("providers.") + provider + ".constraints");
    if (set != settings.end() && !set->second.empty())
      return "it follows only services that fit its constraints";
  }
  if (found.network.empty()) return "it is in no overlay network where apps can be";
  if (found.plain == 0 || found.secure == 0)
    return "it does not publish entry points for both HTTP and HTTPS";
  return {};
}

// The names between backquotes or quotes in the rules of all services.
std::set<std::string> names_in_rules(const Json& services) {
  std::set<std::string> names;
  for (const Json& service : services.elements()) {
    for (const Json::Member& label : service["Spec"]["Labels"].items()) {
      const std::string key = lower(label.name);
      if (!key.starts_with("traefik.") || !key.ends_with(".rule")) continue;
      std::string word;
      for (const char c : lower(label.value.text_or_empty()) + " ") {
        const bool part = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-';
        if (part) word += c;
        if (!part && word.find('.') != std::string::npos) names.insert(word);
        if (!part) word.clear();
      }
    }
  }
  return names;
}

// The kinds of Traefik's objects that labels define, with a name behind.
constexpr std::array<std::string_view, 3> object_kinds{
    "traefik.http.routers.", "traefik.http.services.", "traefik.http.middlewares."};

// "traefik.http.routers.NAME.REST" in its parts.
struct Label {
  std::string kind, name, rest;
};
std::optional<Label> parts_of(const std::string& label) {
  const std::string key = lower(label);
  for (const std::string_view kind : object_kinds) {
    if (!key.starts_with(kind)) continue;
    const std::size_t dot = key.find('.', kind.size());
    if (dot == std::string::npos) return std::nullopt;
    return Label{std::string(kind), key.substr(kind.size(), dot - kind.size()),
                 key.substr(dot + 1)};
  }
  return std::nullopt;
}

class LabelWriter {
 public:
  LabelWriter(const recipe::Labels& labels, const recipe::Stack& stack)
      : labels_(labels), stack_(lower(stack.name)), defined_(names_defined(stack)) {}

  recipe::Labels run(const Traefik& traefik) {
    for (const auto& [label, value] : labels_) {
      if (!lower(label).starts_with("traefik.")) continue;
      const auto parts = parts_of(label);
      if (!parts) {
        out_[label] = value;
        continue;
      }
      const std::string start = parts->kind + own(parts->name) + ".";
      if (parts->rest == "tls.certresolver" || parts->rest.starts_with("tls.domains")) {
        // Traefik's own certificate: nobody gives one for a name of a test.
        out_[start + "tls"] = "true";
      } else if (parts->rest == "middlewares" || parts->rest == "chain.middlewares" ||
                 parts->rest == "service") {
        out_[start + parts->rest] = references(value);
      } else {
        out_[start + parts->rest] = value;
      }
    }
    // Traefik 3 takes either kind of labels, and skips a service that has both. Traefik 2 knows the
    // older kind only.
    const bool newer = std::any_of(out_.begin(), out_.end(), [](const auto& label) {
      return lower(label.first).starts_with("traefik.swarm.");
    });
    out_[newer ? "traefik.swarm.network" : "traefik.docker.network"] = traefik.network;
    return std::move(out_);
  }

 private:
  // Two stacks may have a router of one name, and Traefik would take neither.
  std::string own(const std::string& name) const {
    if (name.find(stack_) != std::string::npos || !defined_.contains(name)) return name;
    return stack_ + "-" + name;
  }

  // What is of a file or of Traefik itself keeps its name.
  std::string references(const std::string& list) const {
    std::vector<std::string> names;
    for (const std::string_view word : base::split(list, ',')) {
      const std::string name(base::trim(word));
      const std::size_t at = std::min(name.find('@'), name.size());
      const std::string provider = name.substr(at);
      const bool of_label = provider.empty() || provider == "@docker" || provider == "@swarm";
      names.push_back(of_label ? own(lower(name.substr(0, at))) + provider : name);
    }
    return base::join(names, ",");
  }

  const recipe::Labels& labels_;
  std::string stack_;
  std::set<std::string> defined_;
  recipe::Labels out_;
};

bool is_enabled(const recipe::Labels& labels) {
  return std::any_of(labels.begin(), labels.end(), [](const auto& label) {
    return lower(label.first) == "traefik.enable" && lower(label.second) == "true";
  });
}

}  // namespace

std::map<std::string, std::string> traefik_settings(
    const base::Json& service, const std::map<std::string, std::string>& configs) {
  Settings settings;
  const Json& container = service["Spec"]["TaskTemplate"]["ContainerSpec"];
  for (const Json& config : container["Configs"].elements()) {
    const std::string file = config["File"]["Name"].text_or_empty();
    const auto text = configs.find(config["ConfigID"].text_or_empty());
    if (text != configs.end() && (file.ends_with("traefik.yml") || file.ends_with("traefik.yaml")))
      take_file(text->second, settings);
  }
  for (const Json& variable : container["Env"].elements())
    take_variable(variable.text_or_empty(), settings);
  for (const char* list : {"Command", "Args"})
    for (const Json& argument : container[list].elements())
      take_argument(argument.text_or_empty(), settings);
  return settings;
}

std::optional<Traefik> find_traefik(const base::Json& services, const base::Json& networks,
                                    const std::map<std::string, std::string>& configs) {
  std::optional<Traefik> best;
  for (const Json& service : services.elements()) {
    const Json& container = service["Spec"]["TaskTemplate"]["ContainerSpec"];
    const Settings settings = traefik_settings(service, configs);
    const bool is_one = is_image_of_traefik(container["Image"].text_or_empty()) ||
                        (has_below(settings, "entrypoints") && has_below(settings, "providers"));
    if (!is_one || (best && best->why_not.empty())) continue;
    Traefik found;
    found.service = service["Spec"]["Name"].text_or_empty();
    found.network = shared_network(settings, service, networks);
    take_entries(settings, service, found);
    found.taken = names_in_rules(services);
    found.why_not = objection(settings, found);
    if (!best || found.why_not.empty()) best = std::move(found);
  }
  return best;
}

base::Result<std::optional<Traefik>> find_traefik(const Api& api) {
  CCCI_TRY(const Json services, api.get("/services"));
  CCCI_TRY(const Json networks, api.get("/networks"));
  CCCI_TRY(const Json configs, api.get("/configs"));
  std::map<std::string, std::string> texts;
  for (const Json& config : configs.elements())
    texts[config["ID"].text_or_empty()] = base::from_base64(config["Spec"]["Data"].text_or_empty());
  std::optional<Traefik> found = find_traefik(services, networks, texts);
  if (!found || !found->why_not.empty()) return found;
  CCCI_TRY(found->address, engine_address(api));
  if (found->address.empty()) found->why_not = "the engine has no address that containers reach";
  return found;
}

std::set<std::string> names_defined(const recipe::Stack& stack) {
  std::set<std::string> names;
  for (const recipe::Service& service : stack.services)
    for (const auto& [label, value] : service.deploy.labels)
      if (const auto parts = parts_of(label)) names.insert(parts->name);
  return names;
}

recipe::Labels labels_for(const recipe::Labels& labels, const recipe::Stack& stack,
                          const Traefik& traefik) {
  return LabelWriter(labels, stack).run(traefik);
}

void put_behind(const Traefik& traefik, const recipe::Stack& stack, recipe::Stack& fitted) {
  std::size_t behind = 0;
  for (recipe::Service& service : fitted.services) {
    const recipe::Service* original = stack.find(service.key);
    if (original == nullptr || !is_enabled(original->deploy.labels)) continue;
    service.deploy.labels.merge(labels_for(original->deploy.labels, stack, traefik));
    service.networks.push_back({network_key, {}, {}});
    ++behind;
    for (recipe::Deviation& deviation : fitted.deviations)
      if (deviation.service == service.key && deviation.key == "labels")
        deviation.what =
            "those of backups are not in the engine; those of Traefik have names of the test, name "
            "Traefik's network and ask for no certificate: the engine is shared";
  }
  if (behind == 0) return;
  recipe::Network& network = fitted.networks[network_key];
  network.name = traefik.network;
  network.external = true;
}

}  // namespace ccci::engine
