// SPDX-License-Identifier: GPL-3.0-or-later
// Helpers of the proofs about consumers: the list of expected consumers, and how to name one to a
// person.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "prove/proofs.hpp"

namespace ccci::prove {

// "HOST\0NAME" for each consumer that was looked at.
using Seen = std::unordered_set<std::string>;

template <typename Consumers>
Seen seen(const Consumers& consumers) {
  Seen out;
  for (const auto& consumer : consumers) out.insert(consumer.host + '\0' + consumer.name);
  return out;
}

// The declared consumers that were not seen, in the form of where().
std::vector<std::string> unseen(const declare::Declaration& declaration, const Seen& seen);

// "host 'cc-ci': timer nightly-sweep"
std::string where(const std::string& host, const std::string& consumer);

}  // namespace ccci::prove
