// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <thread>

#include "base/url.hpp"
#include "engine/deployment.hpp"
#include "engine/spec.hpp"

namespace ccci::engine {

namespace {

using base::Json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_pause{50};
constexpr std::chrono::milliseconds longest_call{10'000};

enum class Object { service, container, network, secret, config, volume };

// One kind of object that a stack consists of.
struct Kind {
  Object object;
  const char* word;  // for people
  const char* list;  // its collection in the API
  const char* path;  // of one of it, without the id
  const char* id;    // the member with its id
};

// In the order of removal: each is in use by those before it.
constexpr std::array<Kind, 6> kinds{
    Kind{Object::service, "service", "/services", "/services/", "ID"},
    Kind{Object::container, "container", "/containers/json", "/containers/", "Id"},
    Kind{Object::network, "network", "/networks", "/networks/", "Id"},
    Kind{Object::secret, "secret", "/secrets", "/secrets/", "ID"},
    Kind{Object::config, "config", "/configs", "/configs/", "ID"},
    Kind{Object::volume, "volume", "/volumes", "/volumes/", "Name"}};

bool is_of_swarm(Object object) {
  return object == Object::service || object == Object::secret || object == Object::config;
}

base::Result<std::vector<Json>> find(const Api& api, const Kind& kind, const std::string& wanted) {
  Query query{{"filters", wanted}};
  if (kind.object == Object::container) query.emplace("all", "1");
  CCCI_TRY(const Json json, api.get(kind.list, query));
  return (json.is_object() ? json["Volumes"] : json).elements();
}

class LabelRemoval {
 public:
  LabelRemoval(const Api& api, const recipe::Labels& labels, const Removal& removal)
      : api_(api),
        wanted_(by_labels(labels)),
        removal_(removal),
        deadline_(Clock::now() + removal.deadline) {}

  base::Result<Leftovers> run() {
    for (const Kind& kind : kinds) {
      if (kind.object == Object::volume && !removal_.volumes) continue;
      if (is_of_swarm(kind.object) && !removal_.swarm) continue;
      CCCI_CHECK(until_gone(kind));
    }
    return std::move(left_);
  }

 private:
  static std::string name_of(const Json& object) {
    for (const Json* name : {&object["Spec"]["Name"], &object["Name"], &object["Names"][0]}) {
      if (name->is_string()) return *name->text();
    }
    return object["Id"].text_or_empty();
  }

  // An object is in use for a moment after what used it is gone, so each is asked for until the
  // engine gives it up.
  base::Result<void> until_gone(const Kind& kind) {
    std::string refusal;
    for (;;) {
      CCCI_TRY(const std::vector<Json> objects, find(api_, kind, wanted_));
      if (objects.empty()) return {};
      for (const Json& object : objects) {
        // The engine removes containers with their tasks. One that has ended may stay for ever.
        Query query;
        if (kind.object == Object::container) {
          if (!removal_.at_once && object["State"].text_or_empty() == "running") continue;
          query = {{"force", "1"}, {"v", "1"}};
        }
        // A slow removal goes on in the engine, and the next look sees whether it is done. A
        // stopped containerd would hold the call up.
        const auto removed =
            api_.remove(kind.path + base::percent_encoded(object[kind.id].text_or_empty()), query,
                        longest_call);
        if (!removed && !removed.error().is(base::Condition::not_found))
          refusal = removed.error().field("problem");
      }
      if (Clock::now() >= deadline_ || removal_.interrupted()) {
        for (const Json& object : objects) {
          left_.push_back(std::string(kind.word) + " " + name_of(object) +
                          (refusal.empty() ? "" : ": " + refusal));
        }
        return {};
      }
      std::this_thread::sleep_for(look_pause);
    }
  }

  const Api& api_;
  std::string wanted_;
  const Removal& removal_;
  Clock::time_point deadline_;
  Leftovers left_;
};

}  // namespace

std::string by_labels(const recipe::Labels& labels) {
  std::vector<std::string> wanted;
  for (const auto& [name, value] : labels) wanted.push_back(name + "=" + value);
  return filters({{"label", std::move(wanted)}});
}

base::Result<std::set<std::string>> label_values(const Api& api, const recipe::Labels& labels,
                                                 const std::string& label) {
  std::set<std::string> values;
  for (const Kind& kind : kinds) {
    CCCI_TRY(const std::vector<Json> objects, find(api, kind, by_labels(labels)));
    for (const Json& object : objects) {
      const Json& all = object.contains("Spec") ? object["Spec"]["Labels"] : object["Labels"];
      values.insert(all[label].text_or_empty());
    }
  }
  return values;
}

base::Result<Leftovers> remove_labelled(const Api& api, const recipe::Labels& labels,
                                        const Removal& removal) {
  return LabelRemoval(api, labels, removal).run();
}

base::Result<Leftovers> remove_stack(const Api& api, const std::string& stack,
                                     const Removal& removal) {
  recipe::Labels labels = removal.marks;
  labels[stack_label] = stack;
  return remove_labelled(api, labels, removal);
}

}  // namespace ccci::engine
