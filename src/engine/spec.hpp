// SPDX-License-Identifier: GPL-3.0-or-later
// The objects of a stack in the words of the Engine API, as `docker stack deploy` makes them. Pure
// functions: the same stack always gives the same specs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "recipe/stack.hpp"

namespace ccci::engine {

inline constexpr const char* stack_label = "com.docker.stack.namespace";
inline constexpr const char* image_label = "com.docker.stack.image";

// The engine's ids of what services refer to, by key in the stack.
struct Ids {
  std::map<std::string, std::string> networks;
  std::map<std::string, std::string> secrets;
  std::map<std::string, std::string> configs;
};

base::Json network_spec(const recipe::Stack& stack, const recipe::Network& network);
base::Json secret_spec(const recipe::Stack& stack, const recipe::Content& secret);
base::Json config_spec(const recipe::Stack& stack, const recipe::Content& config);
base::Json service_spec(const recipe::Stack& stack, const recipe::Service& service, const Ids& ids);

// Whether two specs of a service mean the same. The engine adds members with its defaults and sorts
// nothing, so both are compared without what is empty or a default.
bool same_spec(const base::Json& one, const base::Json& other);

}  // namespace ccci::engine
