// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/unit_mounts.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::host {

namespace {

constexpr std::array mount_settings{"BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem"};

}  // namespace

bool knows_mount_targets(const std::string& text) {
  return std::all_of(mount_settings.begin(), mount_settings.end(), [&](const char* setting) {
    const std::vector<std::string> values = settings({text}, "Service", setting);
    return std::all_of(values.begin(), values.end(),
                       [](const std::string& value) { return unit_words(value).has_value(); });
  });
}

std::vector<std::string> mount_targets(const std::vector<std::string>& texts) {
  std::vector<std::string> targets;
  for (const bool bound : {true, false}) {
    const std::vector<std::string_view> keys =
        bound ? std::vector<std::string_view>{"BindPaths", "BindReadOnlyPaths"}
              : std::vector<std::string_view>{"TemporaryFileSystem"};
    for (const Setting& one : shared_settings(texts, "Service", keys)) {
      const auto words = unit_words(one.value);
      if (!words) continue;
      for (const std::string& word : *words) {
        const auto parts = base::split(word, ':');
        std::string_view target = bound && parts.size() > 1 ? parts[1] : parts[0];
        // systemd reads quotes in each part of SOURCE:TARGET.
        if (target.size() > 1 && target.starts_with('"') && target.ends_with('"'))
          target = target.substr(1, target.size() - 2);
        if (target.starts_with('-')) target.remove_prefix(1);
        if (target.starts_with('/')) targets.emplace_back(target);
      }
    }
  }
  // With ProtectSystem= and the like, systemd mounts these where they are.
  for (const std::string& value : settings(texts, "Service", "ConfigurationDirectory")) {
    for (const std::string_view word : base::split(value, ' ')) {
      if (!word.empty()) targets.push_back("/etc/" + std::string(word.substr(0, word.find(':'))));
    }
  }
  return targets;
}

}  // namespace ccci::host
