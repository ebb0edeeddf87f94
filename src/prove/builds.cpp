// SPDX-License-Identifier: GPL-3.0-or-later
#include <unordered_map>

#include "base/text.hpp"
#include "prove/proofs.hpp"

namespace ccci::prove {

Proof builds(const declare::Declaration& declaration, const std::vector<BuiltHost>& hosts) {
  Draft draft("builds");
  std::unordered_map<std::string, const BuiltHost*> seen;
  for (const BuiltHost& host : hosts) seen.emplace(host.host, &host);
  base::Json digests = base::Json::object();
  base::Json collisions = base::Json::array();
  for (const auto& [name, declared] : declaration.hosts) {
    const auto found = seen.find(name);
    if (found == seen.end()) {
      draft.lacks("host '" + name + "': nothing says whether it builds");
      continue;
    }
    const BuiltHost& host = *found->second;
    for (const Collision& collision : host.collisions) {
      draft.fails("host '" + name + "': " + collision.path + ": both '" + collision.first +
                  "' and '" + collision.second + "' own it" +
                  (collision.remedy.empty() ? "" : "; " + collision.remedy));
      collisions.push_back({{"host", name},
                            {"path", collision.path},
                            {"packages", {collision.first, collision.second}}});
    }
    if (!host.error.empty()) {
      draft.fails("host '" + name + "': " + host.error);
    } else if (!host.unavailable.empty()) {
      draft.lacks("host '" + name + "': " + host.unavailable);
    } else if (host.built) {
      digests[name] = host.digest;
      draft.notes("host '" + name + "': system " + host.digest.substr(0, 12));
    } else if (host.collisions.empty()) {
      draft.lacks("host '" + name + "': not built");
    }
  }
  draft.fact("systems", std::move(digests));
  draft.fact("collisions", std::move(collisions));
  const std::size_t count = declaration.hosts.size();
  return std::move(draft).done(count == 0 ? "no host is declared"
                                          : base::counted(count, "host") + " built, no collision");
}

}  // namespace ccci::prove
