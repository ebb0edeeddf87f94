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

class StackRemoval {
 public:
  StackRemoval(const Api& api, const std::string& stack, const Removal& removal)
      : api_(api), stack_(stack), removal_(removal), deadline_(Clock::now() + removal.deadline) {}

  base::Result<Leftovers> run() {
    for (const Kind& kind : kinds) {
      if (kind.object == Object::volume && !removal_.volumes) continue;
      CCCI_CHECK(until_gone(kind));
    }
    return std::move(left_);
  }

 private:
  base::Result<std::vector<Json>> find(const Kind& kind) {
    Query query{{"filters", filters({{"label", {std::string(stack_label) + "=" + stack_}}})}};
    if (kind.object == Object::container) query.emplace("all", "1");
    CCCI_TRY(const Json json, api_.get(kind.list, query));
    return (json.is_object() ? json["Volumes"] : json).elements();
  }

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
      CCCI_TRY(const std::vector<Json> objects, find(kind));
      if (objects.empty()) return {};
      for (const Json& object : objects) {
        // The engine removes containers with their tasks. One that has ended may stay for ever.
        Query query;
        if (kind.object == Object::container) {
          if (!removal_.at_once && object["State"].text_or_empty() == "running") continue;
          query = {{"force", "1"}, {"v", "1"}};
        }
        const auto removed =
            api_.remove(kind.path + base::percent_encoded(object[kind.id].text_or_empty()), query);
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
  const std::string& stack_;
  const Removal& removal_;
  Clock::time_point deadline_;
  Leftovers left_;
};

}  // namespace

base::Result<Leftovers> remove_stack(const Api& api, const std::string& stack,
                                     const Removal& removal) {
  return StackRemoval(api, stack, removal).run();
}

}  // namespace ccci::engine
