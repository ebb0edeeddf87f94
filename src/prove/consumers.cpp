// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/consumers.hpp"
#include "base/text.hpp"

namespace ccci::prove {

std::string_view name(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::by_name:
      return "by name";
    case ProbeKind::by_path:
      return "by absolute path";
    case ProbeKind::preload:
      return "through LD_PRELOAD";
    case ProbeKind::inherited_path:
      return "through an inherited PATH";
    case ProbeKind::cleared_environment:
      return "through env -i";
  }
  return "";
}

std::vector<Expected> expected_consumers(const declare::Declaration& declaration) {
  std::vector<Expected> out;
  for (const auto& [host, declared] : declaration.hosts) {
    for (const auto& [name, entrypoint] : declaration.entrypoints)
      out.push_back({host, "entrypoint " + name});
    for (const auto& [name, timer] : declaration.timers)
      if (declare::is_on(timer.hosts, host)) out.push_back({host, "timer " + name});
    for (const auto& [name, runner] : declaration.runners)
      if (declare::is_on(runner.hosts, host)) out.push_back({host, "runner " + name});
    out.push_back({host, "PATH"});
  }
  return out;
}

std::string where(const std::string& host, const std::string& consumer) {
  return host.empty() ? consumer : "host '" + host + "': " + consumer;
}

std::vector<std::string> unseen(const declare::Declaration& declaration, const Seen& seen) {
  std::vector<std::string> out;
  for (const Expected& expected : expected_consumers(declaration))
    if (seen.count(expected.host + '\0' + expected.name) == 0)
      out.push_back(where(expected.host, expected.name));
  return out;
}

}  // namespace ccci::prove
