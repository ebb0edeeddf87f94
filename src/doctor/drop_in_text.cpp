// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/drop_in_text.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace {

bool belongs_to_name(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

std::set<std::string> names_set(const std::string& text) {
  std::set<std::string> names;
  for (const std::string& value : host::settings({text}, "Service", "Environment")) {
    for (std::size_t at = 0; at < value.size();) {
      std::size_t end = at;
      while (end < value.size() && belongs_to_name(value[end])) ++end;
      if (end > at && end < value.size() && value[end] == '=') {
        names.insert(value.substr(at, end - at));
      }
      at = std::min(value.find_first_of(" \t\"'", end), value.size() - 1) + 1;
    }
  }
  return names;
}

std::string value_set(const std::string& text, std::string_view name) {
  std::string value;
  for (const std::string& setting : host::settings({text}, "Service", "Environment")) {
    const auto words = host::unit_words(setting);
    if (!words) continue;
    for (const std::string& word : *words) {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos && std::string_view(word).substr(0, equals) == name)
        value = word.substr(equals + 1);
    }
  }
  return value;
}

bool clears(const std::string& text, std::string_view key) {
  const std::string before = "[Service]\n" + std::string(key) + "=before\n";
  const auto values = host::settings({before, text}, "Service", key);
  return values.empty() || values.front() != "before";
}

bool mounts_on_usr(const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(), [](const std::string& value) {
    const auto words = host::unit_words(value);
    if (!words) return false;
    return std::any_of(words->begin(), words->end(), [](const std::string& word) {
      const auto parts = base::split(word, ':');
      std::string_view target = parts.size() > 1 ? parts[1] : parts[0];
      if (target.starts_with('"')) target.remove_prefix(1);
      return target == "/usr" || target.starts_with("/usr/") || target == "/";
    });
  });
}

}  // namespace ccci::doctor
