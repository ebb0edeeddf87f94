// SPDX-License-Identifier: GPL-3.0-or-later
// Brings a stack into an engine, and takes it out again. Both look at what is there first, so
// running one again finishes what an interrupted one left.
#pragma once

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/ability.hpp"
#include "engine/api.hpp"
#include "engine/remains.hpp"
#include "recipe/stack.hpp"

namespace ccci::engine {

// What deploy() did with each service, by name.
struct Deployed {
  std::vector<std::string> created;
  std::vector<std::string> updated;
  std::vector<std::string> unchanged;  // the spec is the same, so the engine was not asked
  std::vector<std::string> removed;    // it is no longer in the stack
  std::vector<recipe::Deviation> deviations;

  bool operator==(const Deployed&) const = default;
};

// Networks, secrets, configs, then services; volumes come with the first task. Existing networks
// stay as they are, as `docker stack deploy` does it. Does not wait for tasks: see waiter.hpp.
// [engine.missing] if something external does not exist, [engine.content] if a secret or config
// exists with another content, [engine.foreign] if the stack has marks and something of its names
// has not, the errors of Api, and of the guard, which is asked before each service.
base::Result<Deployed> deploy(const Api& api, const recipe::Stack& stack,
                              const Abilities& abilities, const Guard& guard = {});

struct Removal {
  std::chrono::milliseconds deadline{120'000};
  bool volumes = true;   // false: the data stays
  bool at_once = false;  // kill containers instead of stopping them: nobody needs what they write
  std::function<bool()> interrupted = [] { return false; };
  recipe::Labels marks = {};  // that an object must have besides
  bool swarm = true;          // false: the engine has left it, and what was in it is gone
};
// Removes services, waits until their containers are gone, then networks, secrets, configs and
// volumes. The engine itself returns before it is done, and the next deployment would fail. Returns
// what is left at the deadline: "network app_default: …".
base::Result<Leftovers> remove_stack(const Api& api, const std::string& stack,
                                     const Removal& removal);
// The same for everything that has all these labels, of any stack.
base::Result<Leftovers> remove_labelled(const Api& api, const recipe::Labels& labels,
                                        const Removal& removal);
// The values of `label` of all objects that have these labels.
base::Result<std::set<std::string>> label_values(const Api& api, const recipe::Labels& labels,
                                                 const std::string& label);
// Filters of the API for objects with all these labels.
std::string by_labels(const recipe::Labels& labels);

}  // namespace ccci::engine
