// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/unit_paths.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "base/text.hpp"
#include "host/attachment.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace {

using Texts = std::vector<std::string>;

struct OwnDirectory {
  const char* setting;
  const char* base;
};
constexpr std::array own_directories{
    OwnDirectory{"RuntimeDirectory", "/run/"}, OwnDirectory{"StateDirectory", "/var/lib/"},
    OwnDirectory{"CacheDirectory", "/var/cache/"}, OwnDirectory{"LogsDirectory", "/var/log/"},
    OwnDirectory{"ConfigurationDirectory", "/etc/"}};

// Settings whose paths must be there once the unit's mounts are made.
constexpr std::array access_settings{"ReadWritePaths", "ReadOnlyPaths", "InaccessiblePaths",
                                     "ExecPaths", "NoExecPaths"};

Texts texts_without_ours(const ObservedUnit& unit) {
  Texts texts;
  for (const UnitSource& source : unit.sources) {
    if (std::filesystem::path(source.path).filename() != host::drop_in_name)
      texts.push_back(source.text);
  }
  return texts;
}

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return path == directory ||
         (path.starts_with(directory) && path.substr(directory.size()).starts_with('/'));
}

bool is_made_for(const Texts& texts, const std::string& path) {
  for (const OwnDirectory& own : own_directories) {
    for (const std::string& value : host::settings(texts, "Service", own.setting)) {
      for (const std::string_view word : base::split(value, ' ')) {
        // "name:link" has a second name.
        for (const std::string_view name : base::split(word, ':')) {
          if (!name.empty() && is_at_or_below(path, own.base + std::string(name))) return true;
        }
      }
    }
  }
  return false;
}

class Requirements {
 public:
  explicit Requirements(Texts texts) : texts_(std::move(texts)) {}

  std::vector<UnitPath> run() {
    for (const std::string& value : values("EnvironmentFile")) add_word("EnvironmentFile", value);
    for (const char* setting : {"LoadCredential", "LoadCredentialEncrypted"}) {
      // Only an absolute path must exist; another one is looked for in the places of systemd.
      for (const std::string& value : values(setting)) {
        if (const std::size_t colon = value.find(':'); colon != std::string::npos)
          add_word(setting, value.substr(colon + 1));
      }
    }
    const Texts directories = values("WorkingDirectory");
    if (!directories.empty() && directories.back().find('%') == std::string::npos)
      add("WorkingDirectory", directories.back(), true);
    for (const char* setting : {"BindPaths", "BindReadOnlyPaths"}) {
      for (const std::string& value : values(setting)) add_sources(setting, value);
    }
    for (const char* setting : access_settings) {
      for (const std::string& value : values(setting)) add_all(setting, value);
    }
    return std::move(paths_);
  }

 private:
  Texts values(const char* setting) const { return host::settings(texts_, "Service", setting); }

  void add(const char* setting, std::string path, bool inside) {
    if (!path.starts_with('/') || is_made_for(texts_, path)) return;
    // What is there when the service starts is known only then.
    for (const char* short_lived : {"/proc", "/sys", "/dev", "/tmp", "/var/tmp"}) {
      if (is_at_or_below(path, short_lived)) return;
    }
    paths_.push_back({setting, std::move(path), inside});
  }
  // The value is one word.
  void add_word(const char* setting, const std::string& value) {
    const auto words = host::unit_words(value);
    if (words && words->size() == 1) add(setting, words->front(), false);
  }
  void add_sources(const char* setting, const std::string& value) {
    const auto words = host::unit_words(value);
    if (!words) return;
    for (const std::string& word : *words) {
      std::string_view source = base::split(word, ':').front();
      if (source.size() > 1 && source.starts_with('"') && source.ends_with('"'))
        source = source.substr(1, source.size() - 2);
      add(setting, std::string(source), false);
    }
  }
  void add_all(const char* setting, const std::string& value) {
    const auto words = host::unit_words(value);
    if (!words) return;
    for (const std::string& word : *words) {
      const std::size_t begin = std::min(word.find_first_not_of("-+"), word.size());
      if (word.substr(0, begin).find('-') != std::string::npos) continue;
      add(setting, word.substr(begin), true);
    }
  }

  Texts texts_;
  std::vector<UnitPath> paths_;
};

}  // namespace

std::vector<UnitPath> required_paths(const ObservedUnit& unit) {
  return Requirements(texts_without_ours(unit)).run();
}

}  // namespace ccci::doctor
