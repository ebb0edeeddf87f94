// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/deployment.hpp"

#include <algorithm>
#include <set>

#include "base/url.hpp"
#include "engine/spec.hpp"

namespace ccci::engine {

namespace {

using base::Json;

constexpr int update_attempts = 5;

std::string by_stack(const recipe::Stack& stack) {
  recipe::Labels labels = stack.marks;
  labels[stack_label] = stack.name;
  return by_labels(labels);
}

// In a shared engine another's object may have the name.
base::Result<void> require_ours(const recipe::Stack& stack, const std::string& kind,
                                const std::string& name, const Json& labels) {
  for (const auto& [mark, value] : stack.marks) {
    if (labels[mark].text_or_empty() != value)
      return base::unexpected(base::fail("engine.foreign").with("kind", kind).with("name", name));
  }
  return {};
}

base::Error missing(const std::string& kind, const std::string& name) {
  return base::fail("engine.missing", base::Condition::not_found)
      .with("kind", kind)
      .with("name", name);
}

// The engine's words do not say which object they mean.
base::Error named(base::Error error, const std::string& kind, const std::string& name) {
  return std::move(error).with("kind", kind).with("name", name);
}

class Deployment {
 public:
  Deployment(const Api& api, const recipe::Stack& stack) : api_(api), stack_(stack) {}

  base::Result<void> networks() {
    for (const auto& [key, network] : stack_.networks) {
      CCCI_TRY(const std::optional<Json> found,
               api_.find("/networks/" + base::percent_encoded(network.name)));
      if (found) {
        if (!network.external)
          CCCI_CHECK(require_ours(stack_, "network", network.name, (*found)["Labels"]));
        ids_.networks[key] = (*found)["Id"].text_or_empty();
        continue;
      }
      if (network.external) return base::unexpected(missing("network", network.name));
      const auto made = api_.post("/networks/create", network_spec(stack_, network));
      if (!made) return base::unexpected(named(made.error(), "network", network.name));
      ids_.networks[key] = (*made)["Id"].text_or_empty();
    }
    return {};
  }

  // The engine makes a volume with its first task, or takes the one that has the name.
  base::Result<void> volumes() {
    for (const auto& [key, volume] : stack_.volumes) {
      if (stack_.marks.empty()) break;
      CCCI_TRY(const std::optional<Json> found,
               api_.find("/volumes/" + base::percent_encoded(volume.name)));
      if (found) CCCI_CHECK(require_ours(stack_, "volume", volume.name, (*found)["Labels"]));
    }
    return {};
  }

  base::Result<void> secrets() {
    return contents("secret", stack_.secrets, ids_.secrets, secret_spec);
  }
  base::Result<void> configs() {
    return contents("config", stack_.configs, ids_.configs, config_spec);
  }

  base::Result<void> services(const Guard& guard) {
    CCCI_TRY(const Json existing, api_.get("/services", {{"filters", by_stack(stack_)}}));
    for (const recipe::Service& service : stack_.services) {
      if (guard) CCCI_CHECK(guard());
      const Json spec = service_spec(stack_, service, ids_);
      const Json* found = nullptr;
      for (const Json& other : existing.elements()) {
        if (other["Spec"]["Name"].text_or_empty() == service.name) found = &other;
      }
      if (found == nullptr) {
        if (const auto made = api_.post("/services/create", spec); !made)
          return base::unexpected(named(made.error(), "service", service.name));
        result_.created.push_back(service.name);
      } else {
        CCCI_CHECK(update(*found, service.name, spec));
      }
    }
    return prune(existing);
  }

  Deployed result() && {
    result_.deviations = stack_.deviations;
    return std::move(result_);
  }

 private:
  template <typename Spec>
  base::Result<void> contents(const std::string& kind,
                              const std::map<std::string, recipe::Content>& all,
                              std::map<std::string, std::string>& ids, const Spec& make) {
    for (const auto& [key, content] : all) {
      CCCI_TRY(const std::optional<Json> found,
               api_.find("/" + kind + "s/" + base::percent_encoded(content.name)));
      if (!found && content.external) return base::unexpected(missing(kind, content.name));
      if (!found) {
        const auto made = api_.post("/" + kind + "s/create", make(stack_, content));
        if (!made) return base::unexpected(named(made.error(), kind, content.name));
        ids[key] = (*made)["ID"].text_or_empty();
        continue;
      }
      CCCI_CHECK(require_ours(stack_, kind, content.name, (*found)["Spec"]["Labels"]));
      ids[key] = (*found)["ID"].text_or_empty();
      if (!content.external) CCCI_CHECK(update_content(kind, *found, make(stack_, content)));
    }
    return {};
  }

  // The engine changes labels only. It returns the content of a config but never that of a secret,
  // so a secret is always sent: the engine compares it, and refuses another content.
  base::Result<void> update_content(const std::string& kind, const Json& found, const Json& spec) {
    const Json& old = found["Spec"];
    const auto other_content = [&](std::string_view problem) {
      return base::unexpected(base::fail("engine.content", base::Condition::conflict)
                                  .with("kind", kind)
                                  .with("name", spec["Name"].text_or_empty())
                                  .with("problem", problem));
    };
    if (old.contains("Data")) {
      if (old["Data"] != spec["Data"]) return other_content({});
      if (same_spec(Json{{"Labels", old["Labels"]}}, Json{{"Labels", spec["Labels"]}})) return {};
    }
    const auto updated = api_.post("/" + kind + "s/" + found["ID"].text_or_empty() + "/update",
                                   spec, version_of(found));
    if (updated) return {};
    if (!updated.error().is(base::Condition::refused)) return base::unexpected(updated.error());
    return other_content(updated.error().field("problem"));
  }

  static Query version_of(const Json& object) {
    return {{"version", std::to_string(object["Version"]["Index"].number().value_or(0))}};
  }

  // The engine itself changes the version of a service, for example when an update of it ends. It
  // then refuses ours, so the service is read again.
  base::Result<void> update(Json service, const std::string& name, Json spec) {
    const std::string path = "/services/" + base::percent_encoded(service["ID"].text_or_empty());
    // Only somebody who forces new tasks counts this up.
    spec["TaskTemplate"]["ForceUpdate"] = service["Spec"]["TaskTemplate"]["ForceUpdate"];
    if (same_spec(service["Spec"], spec)) {
      result_.unchanged.push_back(name);
      return {};
    }
    const Json before = service["Spec"];
    for (int attempt = 1;; ++attempt) {
      const auto answer = api_.post(path + "/update", spec, version_of(service));
      if (answer) break;
      CCCI_TRY(Json now, api_.get(path));
      const bool moved = now["Version"]["Index"] != service["Version"]["Index"];
      if (!moved || attempt == update_attempts)
        return base::unexpected(named(answer.error(), "service", name));
      service = std::move(now);
    }
    // An engine may keep less of a spec than it was sent. Then this update, too, changed nothing.
    CCCI_TRY(const Json now, api_.get(path));
    (same_spec(now["Spec"], before) ? result_.unchanged : result_.updated).push_back(name);
    return {};
  }

  base::Result<void> prune(const Json& existing) {
    for (const Json& service : existing.elements()) {
      const std::string name = service["Spec"]["Name"].text_or_empty();
      const bool wanted =
          std::any_of(stack_.services.begin(), stack_.services.end(),
                      [&](const recipe::Service& other) { return other.name == name; });
      if (wanted) continue;
      CCCI_CHECK(api_.remove("/services/" + base::percent_encoded(service["ID"].text_or_empty())));
      result_.removed.push_back(name);
    }
    return {};
  }

  const Api& api_;
  const recipe::Stack& stack_;
  Ids ids_;
  Deployed result_;
};

}  // namespace

base::Result<Deployed> deploy(const Api& api, const recipe::Stack& stack,
                              const Abilities& abilities, const Guard& guard) {
  const recipe::Stack adapted = adapt(stack, abilities, api.version());
  Deployment deployment(api, adapted);
  CCCI_CHECK(deployment.networks());
  CCCI_CHECK(deployment.volumes());
  CCCI_CHECK(deployment.secrets());
  CCCI_CHECK(deployment.configs());
  CCCI_CHECK(deployment.services(guard));
  return std::move(deployment).result();
}

}  // namespace ccci::engine
