// SPDX-License-Identifier: GPL-3.0-or-later
// What the proofs over consumers share: which there must be, and how one is named to a person.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "prove/proofs.hpp"

namespace ccci::prove {

// "HOST\0NAME" of each consumer that was looked at.
using Seen = std::unordered_set<std::string>;

template <typename Consumers>
Seen seen(const Consumers& consumers) {
  Seen out;
  for (const auto& consumer : consumers) out.insert(consumer.host + '\0' + consumer.name);
  return out;
}

// The declared consumers that were not, as where() says them.
std::vector<std::string> unseen(const declare::Declaration& declaration, const Seen& seen);

// "host 'cc-ci': timer nightly-sweep"
std::string where(const std::string& host, const std::string& consumer);

}  // namespace ccci::prove
