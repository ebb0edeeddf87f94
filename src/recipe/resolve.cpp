// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/resolve.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"

namespace ccci::recipe {

namespace {

constexpr std::string_view default_network = "default";
constexpr std::size_t longest_service_name = 63;  // the engine's limits
constexpr std::size_t longest_name = 64;
constexpr std::uint64_t largest_content = 500'000;  // the engine's limit for a secret

template <typename Value>
using Index = std::map<std::string, const Value*>;

template <typename Value>
Index<Value> index_of(const Keyed<Value>& values) {
  Index<Value> out;
  for (const auto& [key, value] : values) out.emplace(key, &value);
  return out;
}

template <typename Value>
const Value* in(const Index<Value>& values, const std::string& key) {
  const auto found = values.find(key);
  return found == values.end() ? nullptr : found->second;
}

// Whether an element of `networks`, `volumes`, `secrets` or `configs` names it.
bool refers_to(const Node& item, const std::string& name) {
  const Node* source = item.find("source");
  const std::string& text = source == nullptr ? item.text : source->text;
  return text == name || text.starts_with(name + ":");
}

// The place where the service refers to it; the service's own place if there is none.
Place place_of(const std::vector<ComposeFile>& files, const ServiceDraft& draft,
               const std::string& section, const std::string& name) {
  for (const ComposeFile& file : files) {
    const Node* node = file.filled.find("services");
    if (node != nullptr) node = node->find(draft.service.key);
    if (node != nullptr) node = node->find(section);
    if (node == nullptr) continue;
    for (const Node& item : node->items)
      if (refers_to(item, name)) return item.at;
    for (const Member& member : node->members)
      if (member.key == name) return member.at;
  }
  return draft.at;
}

class Resolver {
 public:
  Resolver(Reading& reading, Draft draft, const std::vector<ComposeFile>& files,
           const Folder& folder, const ComposeRequest& request)
      : reading_(reading),
        draft_(std::move(draft)),
        networks_(index_of(draft_.networks)),
        volumes_(index_of(draft_.volumes)),
        secrets_(index_of(draft_.secrets)),
        configs_(index_of(draft_.configs)),
        files_(files),
        folder_(folder),
        request_(request) {}

  Stack run() {
    stack_.name = request_.stack;
    const std::set<std::string> profiles = active_profiles();
    for (auto& [key, service] : draft_.services) {
      if (is_active(service, profiles))
        take(key, service);
      else
        reading_.deviates(key, "profiles", "none of them is in COMPOSE_PROFILES; not deployed");
    }
    if (stack_.services.empty() && reading_.errors().empty())
      reading_.report(base::fail("recipe.no-service"), {});
    take_contents("secret", draft_.secrets, used_secrets_, stack_.secrets);
    take_contents("config", draft_.configs, used_configs_, stack_.configs);
    return std::move(stack_);
  }

 private:
  std::set<std::string> active_profiles() const {
    std::set<std::string> out;
    const auto found = request_.variables.find("COMPOSE_PROFILES");
    if (found == request_.variables.end()) return out;
    for (const std::string_view name : base::split(found->second, ','))
      out.emplace(base::trim(name));
    return out;
  }

  static bool is_active(const ServiceDraft& service, const std::set<std::string>& profiles) {
    if (service.profiles.empty() || profiles.contains("*")) return true;
    return std::any_of(service.profiles.begin(), service.profiles.end(),
                       [&](const std::string& profile) { return profiles.contains(profile); });
  }

  void check_name(const std::string& name, std::size_t longest, const Place& at) {
    if (name.size() <= longest) return;
    reading_.report(base::fail("recipe.long-name")
                        .with("name", name)
                        .with("length", static_cast<long long>(name.size()))
                        .with("limit", static_cast<long long>(longest)),
                    at);
  }

  std::string scoped(const std::string& key) const { return request_.stack + "_" + key; }

  void take(const std::string& key, ServiceDraft& draft) {
    Service& service = draft.service;
    service.key = key;
    service.name = scoped(key);
    if (service.image.empty() && request_.to_deploy)
      reading_.report(base::fail("recipe.no-image").with("service", key), draft.at);
    settle_deploy(draft);
    for (const auto& [name, value] : request_.given_to_services)
      service.environment.try_emplace(name, value);
    attach_networks(draft);
    check_mounts(draft);
    settle_references(draft, service.secrets, "secret", secrets_, used_secrets_);
    settle_references(draft, service.configs, "config", configs_, used_configs_);
    check_name(service.name, longest_service_name, draft.at);
    stack_.services.push_back(std::move(service));
  }

  void settle_deploy(ServiceDraft& draft) {
    Deploy& deploy = draft.service.deploy;
    deploy.mode = draft.mode.value_or(Deploy::Mode::replicated);
    deploy.endpoint_mode = draft.endpoint_mode.value_or(Deploy::Endpoint::vip);
    const bool global =
        deploy.mode == Deploy::Mode::global || deploy.mode == Deploy::Mode::global_job;
    if (global && deploy.replicas)
      reading_.report(base::fail("recipe.conflict")
                          .with("key", "services." + draft.service.key + ".deploy")
                          .with("one", "mode: global")
                          .with("other", "replicas"),
                      draft.at);
    if (deploy.restart_policy || !draft.restart) return;
    deploy.restart_policy = draft.restart;
  }

  void undefined(const ServiceDraft& draft, std::string_view kind, const std::string& name,
                 const std::vector<std::string>& known) {
    reading_.report(base::fail("recipe.undefined")
                        .with("service", draft.service.key)
                        .with("kind", kind)
                        .with("name", name)
                        .with("likely", base::likely(name, known)),
                    place_of(files_, draft, std::string(kind) + "s", name));
  }

  void attach_networks(ServiceDraft& draft) {
    std::vector<Attachment>& networks = draft.service.networks;
    if (networks.empty()) networks.push_back({std::string(default_network), {}, {}});
    for (Attachment& attachment : networks) {
      const NetworkDraft* network = in(networks_, attachment.network);
      if (network == nullptr && attachment.network != default_network) {
        undefined(draft, "network", attachment.network, base::keys_of(networks_));
        continue;
      }
      Network& made = stack_.networks[attachment.network];
      if (network != nullptr) made = network->network;
      if (made.name.empty())
        made.name = made.external ? attachment.network : scoped(attachment.network);
      if (made.driver.empty()) made.driver = "overlay";
      // The engine's own networks know no aliases.
      const bool engines_own =
          made.external && (made.name == "host" || made.name == "none" || made.name == "bridge");
      auto& aliases = attachment.aliases;
      std::erase(aliases, draft.service.key);
      if (!engines_own) aliases.insert(aliases.begin(), draft.service.key);
    }
  }

  void check_mounts(ServiceDraft& draft) {
    std::unordered_set<std::string> targets;
    for (Mount& mount : draft.service.mounts) {
      if (!targets.insert(mount.target).second)
        reading_.report(base::fail("recipe.mounted-twice")
                            .with("service", draft.service.key)
                            .with("target", mount.target),
                        draft.at);
      if (mount.type == Mount::Type::bind && mount.source.starts_with('.'))
        mount.source = (folder_.path() / mount.source).lexically_normal().native();
      if (mount.type != Mount::Type::volume || mount.source.empty()) continue;
      const VolumeDraft* volume = in(volumes_, mount.source);
      if (volume == nullptr) {
        undefined(draft, "volume", mount.source, base::keys_of(volumes_));
        continue;
      }
      Volume& made = stack_.volumes[mount.source];
      made = volume->volume;
      if (made.name.empty()) made.name = made.external ? mount.source : scoped(mount.source);
    }
  }

  void settle_references(ServiceDraft& draft, std::vector<FileReference>& references,
                         std::string_view kind, const Index<ContentDraft>& known,
                         std::unordered_set<std::string>& used) {
    for (FileReference& reference : references) {
      if (reference.target.empty()) reference.target = reference.source;
      used.insert(reference.source);
      if (in(known, reference.source) == nullptr)
        undefined(draft, kind, reference.source, base::keys_of(known));
    }
  }

  // External ones that no service uses are not needed. The others are made, as Docker does.
  void take_contents(std::string_view kind, Keyed<ContentDraft>& drafts,
                     const std::unordered_set<std::string>& used,
                     std::map<std::string, Content>& out) {
    for (auto& [key, draft] : drafts) {
      Content& content = draft.content;
      if (content.external && !used.contains(key)) continue;
      if (content.name.empty()) content.name = content.external ? key : scoped(key);
      if (!content.external) read_file(kind, key, draft);
      check_name(content.name, longest_name, draft.at);
      out.emplace(key, std::move(content));
    }
  }

  void read_file(std::string_view kind, const std::string& key, ContentDraft& draft) {
    if (draft.file.empty()) {
      if (draft.content.content.empty())
        reading_.report(base::fail("recipe.missing")
                            .with("key", std::string(kind) + "s." + key)
                            .with("missing", "file"),
                        draft.at);
      return;
    }
    auto text = folder_.read(draft.file, largest_content);
    if (text)
      draft.content.content = std::move(*text);
    else
      reading_.report(std::move(text).error(), draft.at);
  }

  Reading& reading_;
  Draft draft_;
  const Index<NetworkDraft> networks_;
  const Index<VolumeDraft> volumes_;
  const Index<ContentDraft> secrets_;
  const Index<ContentDraft> configs_;
  const std::vector<ComposeFile>& files_;
  const Folder& folder_;
  const ComposeRequest& request_;
  Stack stack_;
  std::unordered_set<std::string> used_secrets_;
  std::unordered_set<std::string> used_configs_;
};

}  // namespace

Stack resolve(Reading& reading, Draft draft, const std::vector<ComposeFile>& files,
              const Folder& folder, const ComposeRequest& request) {
  return Resolver(reading, std::move(draft), files, folder, request).run();
}

}  // namespace ccci::recipe
