// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/unit_paths.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>

#include "base/text.hpp"
#include "doctor/view_checkup.hpp"
#include "host/attachment.hpp"
#include "host/unit_mounts.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace {

using Texts = std::vector<std::string>;

// systemd keeps these as one list: the setting, and its old name.
struct Access {
  const char* setting;
  const char* old;
};
constexpr std::array access_settings{Access{"ReadWritePaths", "ReadWriteDirectories"},
                                     Access{"ReadOnlyPaths", "ReadOnlyDirectories"},
                                     Access{"InaccessiblePaths", "InaccessibleDirectories"},
                                     Access{"ExecPaths", "ExecPaths"},
                                     Access{"NoExecPaths", "NoExecPaths"}};

Texts texts_without_ours(const ObservedUnit& unit) {
  Texts texts;
  for (const UnitSource& source : unit.sources) {
    if (std::filesystem::path(source.path).filename() != host::drop_in_name)
      texts.push_back(source.text);
  }
  return texts;
}

bool is_below(std::string_view path, std::string_view directory) {
  if (directory == "/") return path.size() > 1;
  return path.starts_with(directory) && path.substr(directory.size()).starts_with('/');
}

bool is_at_or_below(std::string_view path, std::string_view directory) {
  return path == directory || is_below(path, directory);
}

std::string simple(const std::string& path) {
  std::string plain = std::filesystem::path(path).lexically_normal().native();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  return plain;
}

// A directory that systemd makes for the unit, or, if a specifier hides its name, where it is.
struct UnitMade {
  std::string path;
  bool exact = true;
};

std::vector<UnitMade> made_by(const Texts& texts) {
  struct OwnDirectory {
    const char* setting;
    const char* base;
  };
  constexpr std::array own_directories{
      OwnDirectory{"StateDirectory", "/var/lib"}, OwnDirectory{"CacheDirectory", "/var/cache"},
      OwnDirectory{"LogsDirectory", "/var/log"}, OwnDirectory{"ConfigurationDirectory", "/etc"}};
  std::vector<UnitMade> made;
  for (const OwnDirectory& own : own_directories) {
    const std::string above = own.base;
    for (const std::string& value : host::settings(texts, "Service", own.setting)) {
      const auto words = host::unit_words(value);
      if (!words) {
        made.push_back({above, false});
        continue;
      }
      for (const std::string& word : *words) {
        // "name:link" has a second name. Those of DynamicUser= are in private/.
        for (const std::string_view name : base::split(word, ':')) {
          if (name.empty()) continue;
          made.push_back({simple(above + "/" + std::string(name))});
          made.push_back({simple(above + "/private/" + std::string(name))});
        }
      }
    }
  }
  return made;
}

// systemd makes what is above a directory too.
bool is_among(const std::vector<UnitMade>& made, const std::string& path) {
  return std::any_of(made.begin(), made.end(), [&](const UnitMade& one) {
    return one.exact ? is_at_or_below(one.path, path) : is_below(path, one.path);
  });
}

class Requirements {
 public:
  explicit Requirements(Texts texts) : texts_(std::move(texts)), made_(made_by(texts_)) {
    for (const std::string& target : host::mount_targets(texts_))
      targets_.push_back(simple(target));
    find_covers();
  }

  std::vector<UnitPath> run() {
    for (const std::string& value : values("EnvironmentFile"))
      add("EnvironmentFile", host::plain_line(value), false);
    add_credentials();
    add_streams();
    if (const Texts directories = values("WorkingDirectory"); !directories.empty())
      add("WorkingDirectory", host::plain_line(directories.back()), true);
    for (const host::Setting& one : shared({"BindPaths", "BindReadOnlyPaths"})) add_sources(one);
    for (const Access& access : access_settings) {
      for (const host::Setting& one : shared({access.setting, access.old}))
        add_all(access.setting, one.value);
    }
    return std::move(paths_);
  }

 private:
  Texts values(const char* setting) const { return host::settings(texts_, "Service", setting); }
  std::vector<host::Setting> shared(const std::vector<std::string_view>& settings) const {
    return host::shared_settings(texts_, "Service", settings);
  }
  std::string last(const char* setting) const {
    const Texts all = values(setting);
    return all.empty() ? std::string() : all.back();
  }

  // What is inaccessible, and what has the access anyway: systemd drops a path below.
  void find_covers() {
    for (const Access& access : access_settings) {
      for (const host::Setting& one : shared({access.setting, access.old})) {
        const auto words = host::unit_words(one.value);
        if (!words) continue;
        for (const std::string& word : *words) {
          const std::size_t begin = std::min(word.find_first_not_of("-+"), word.size());
          covers_[access.setting].push_back(simple(word.substr(begin)));
        }
      }
    }
    const bool dynamic = has_dynamic_user(texts_);
    const std::string system = last("ProtectSystem");
    const std::string home = last("ProtectHome");
    Texts& read_only = covers_["ReadOnlyPaths"];
    if (dynamic || system == "strict") read_only.emplace_back("/");
    if (system == "full" || host::is_true(system)) {
      read_only.emplace_back("/boot");
      read_only.emplace_back("/efi");
    }
    for (const char* directory : {"/home", "/root"}) {
      if (host::is_true(home)) covers_["InaccessiblePaths"].emplace_back(directory);
      if (dynamic || home == "read-only") read_only.emplace_back(directory);
    }
  }

  bool is_covered(const char* setting, const std::string& path) const {
    const auto is_under = [&](const char* cover) {
      const auto found = covers_.find(cover);
      return found != covers_.end() &&
             std::any_of(found->second.begin(), found->second.end(),
                         [&](const std::string& one) { return is_below(path, one); });
    };
    if (is_under("InaccessiblePaths")) return true;
    // With the drop-in, a mount of its own is between the path and these.
    const bool attached = is_below(path, "/usr") || is_below(path, "/etc");
    const std::string_view name = setting;
    return !attached && (name == "ReadWritePaths" || name == "ReadOnlyPaths") && is_under(setting);
  }

  bool is_mounted(const std::string& path) const {
    return std::any_of(targets_.begin(), targets_.end(), [&](const std::string& target) {
      return is_at_or_below(path, target) || is_at_or_below(target, path);
    });
  }

  void add(const char* setting, const std::string& named, bool inside) {
    if (!named.starts_with('/')) return;
    std::string path = simple(named);
    // systemd opens these before it makes the directories.
    const std::string_view name = setting;
    const bool early = name == "EnvironmentFile" || name.starts_with("Standard");
    if (!early && is_among(made_, path)) return;
    if (inside && is_mounted(path)) return;
    // What is there when the service starts is known only then.
    for (const char* short_lived :
         {"/proc", "/sys", "/dev", "/run", "/var/run", "/tmp", "/var/tmp"}) {
      if (is_at_or_below(path, short_lived)) return;
    }
    paths_.push_back({setting, std::move(path), inside});
  }

  void add_credentials() {
    std::set<std::string> defaults;
    for (const host::Setting& one : shared({"SetCredential", "SetCredentialEncrypted"}))
      defaults.insert(one.value.substr(0, one.value.find(':')));
    // Only an absolute path must exist; another one is looked for in the places of systemd.
    for (const host::Setting& one : shared({"LoadCredential", "LoadCredentialEncrypted"})) {
      const std::size_t colon = one.value.find(':');
      if (colon == std::string::npos || defaults.contains(one.value.substr(0, colon))) continue;
      add(one.key == "LoadCredential" ? "LoadCredential" : "LoadCredentialEncrypted",
          host::plain_line(one.value.substr(colon + 1)), false);
    }
  }
  // systemd makes the file of an output, but not its directory.
  void add_streams() {
    const std::string input = last("StandardInput");
    if (input.starts_with("file:")) add("StandardInput", host::plain_line(input.substr(5)), false);
    for (const char* setting : {"StandardOutput", "StandardError"}) {
      const std::string output = last(setting);
      for (const std::string_view kind : {"file:", "append:", "truncate:"}) {
        if (!output.starts_with(kind)) continue;
        const std::filesystem::path file = host::plain_line(output.substr(kind.size()));
        add(setting, file.parent_path().native(), false);
      }
    }
  }
  void add_sources(const host::Setting& setting) {
    const auto words = host::unit_words(setting.value);
    if (!words) return;
    for (const std::string& word : *words) {
      std::string_view source = base::split(word, ':').front();
      if (source.size() > 1 && source.starts_with('"') && source.ends_with('"'))
        source = source.substr(1, source.size() - 2);
      add(setting.key == "BindPaths" ? "BindPaths" : "BindReadOnlyPaths", std::string(source),
          false);
    }
  }
  void add_all(const char* setting, const std::string& value) {
    const auto words = host::unit_words(value);
    if (!words) return;
    for (const std::string& word : *words) {
      const std::size_t begin = std::min(word.find_first_not_of("-+"), word.size());
      if (word.substr(0, begin).find('-') != std::string::npos) continue;
      const std::string path = word.substr(begin);
      if (!is_covered(setting, simple(path))) add(setting, path, true);
    }
  }

  Texts texts_;
  std::vector<UnitMade> made_;
  Texts targets_;
  std::map<std::string, Texts, std::less<>> covers_;
  std::vector<UnitPath> paths_;
};

}  // namespace

std::vector<UnitPath> required_paths(const ObservedUnit& unit) {
  return Requirements(texts_without_ours(unit)).run();
}

bool makes_directory(const std::vector<std::string>& texts, const std::string& path) {
  return is_among(made_by(texts), path);
}

}  // namespace ccci::doctor
