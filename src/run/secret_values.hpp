// SPDX-License-Identifier: GPL-3.0-or-later
// Values for the secrets of an app, as abra generates them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "recipe/secrets.hpp"
#include "recipe/stack.hpp"

namespace ccci::run {

// Random bytes of the kernel. A test gives its own.
class Random {
 public:
  virtual ~Random() = default;
  // A number from 0 to below `limit`, each as likely as the others.
  virtual unsigned below(unsigned limit);
};
Random& real_random();

// `length` characters of the set; without a length a passphrase of six words.
std::string generate(const recipe::SecretSpec& secret, Random& random = real_random());

struct SecretValues {
  std::map<std::string, std::string> values;  // by key
  std::vector<std::string> missing;           // keys whose value only a person knows
};
SecretValues values_of(const std::vector<recipe::SecretSpec>& secrets,
                       Random& random = real_random());

// External secrets of which the recipe does not say how they are made: in production somebody has
// put them into the engine.
std::vector<recipe::Deviation> made_up(const std::vector<recipe::SecretSpec>& secrets);

}  // namespace ccci::run
