// SPDX-License-Identifier: GPL-3.0-or-later
// The two kinds of env files. `.env.sample` and an app's env file are read as abra does: quotes,
// variables, and comments that direct how a secret is generated. The `env_file` of a service is
// read as Docker does: what follows the `=` is the value, quotes and comments included.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/interpolate.hpp"
#include "recipe/reading.hpp"

namespace ccci::recipe {

inline constexpr std::size_t most_env_lines = 10'000;

struct EnvEntry {
  std::string key;
  std::string value;
  std::map<std::string, std::string> directives;  // of `# length=128 charset=hex`
  Place at;
  bool commented = false;  // `#KEY=value`: offered, but not set

  bool operator==(const EnvEntry&) const = default;
};

struct EnvFile {
  std::vector<EnvEntry> entries;  // in order; a key may be there several times

  // The last entry that is set, or null.
  const EnvEntry* find(std::string_view key) const;
  const EnvEntry* find_commented(std::string_view key) const;
  Variables values() const;
};

// A value may refer to earlier lines. COMPOSE_FILE that refers to itself before it is set means
// compose.yml. Keys in `pinned` have the value there, whatever their line says; other values may
// refer to them. abra's `{{ .Domain }}` is the pinned DOMAIN. [recipe.env-line], [recipe.too-large]
base::Result<EnvFile> read_env_file(std::string_view text, int file, const Sources& sources,
                                    const Variables& pinned = {});

// A key without `=` has the value of the variable, and is left out if there is none.
// [recipe.env-line], [recipe.too-large]
base::Result<OptionalValues> read_docker_env(std::string_view text, int file,
                                             const Sources& sources, const Variables& variables);

struct Exports {
  Variables values;
  std::vector<std::string> unread;  // names whose value only a shell can tell
};

// The `export NAME=VALUE` lines of abra.sh that begin at the first column. Nothing is run, and
// functions are not looked into.
Exports read_exports(std::string_view text);

}  // namespace ccci::recipe
