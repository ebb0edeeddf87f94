// SPDX-License-Identifier: GPL-3.0-or-later
// The declaration as a value: what cc-ci.toml says, checked, with the places where it says it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"

namespace ccci::declare {

using base::Position;

// A name where it stands. Two names are equal when their text is.
struct Name {
  std::string text;
  Position at;

  bool operator==(const Name& other) const { return text == other.text; }
};

// [packages.NAME] with `debian`: the Debian package behind a tool or python module of another name.
struct DebianPackage {
  std::string name;

  bool operator==(const DebianPackage&) const = default;
};

// [packages.NAME] with `url` or `file`, and `sha256`: an archive pinned by content. `file` is
// relative to the declaration's directory.
struct PinnedArchive {
  std::string url;  // exactly one of url and file is set
  std::string file;
  std::string sha256;  // 64 lower-case hex digits

  bool operator==(const PinnedArchive&) const = default;
};

// A command that a tool exposes. `path` is the program: within a pinned archive a relative path,
// for a Debian package empty (looked up by name) or absolute.
struct CommandRule {
  std::string name;
  std::string path;

  bool operator==(const CommandRule&) const = default;
};

struct PackageRule {
  Name name;
  std::variant<DebianPackage, PinnedArchive> from;
  std::optional<std::vector<CommandRule>> commands;  // unset: every command of the package

  bool operator==(const PackageRule&) const = default;
};

// [sources.debian]. Empty members: the machine's own configuration decides.
struct DebianSource {
  std::string suite;
  std::string uri;
  std::vector<std::string> components;
  std::string signed_by;  // path of a keyring

  bool operator==(const DebianSource&) const = default;
};

struct Entrypoint {
  Name name;
  std::vector<std::string> exec;  // put before the arguments; empty: the arguments are the command

  bool operator==(const Entrypoint&) const = default;
};

struct Timer {
  Name name;
  std::string schedule;           // systemd calendar expression, checked
  std::vector<std::string> exec;  // exec[0] names an entrypoint

  bool operator==(const Timer&) const = default;
};

struct Runner {
  Name name;
  std::string kind;  // one of runner_kinds()
  std::string unit;  // systemd unit; empty: the kind's own

  bool operator==(const Runner&) const = default;
};

struct Host {
  Name name;
  std::vector<Name> extra_tools;

  bool operator==(const Host&) const = default;
};

// A list that came before: as it stands here, or read from where it stood.
struct Baseline {
  Name name;
  std::vector<Name> tools;
  Name from = {};  // "nix/modules/sweep.nix@v1": a file of the repository at a git revision

  bool operator==(const Baseline&) const = default;
};

struct Declaration {
  std::string file;  // as the person gave it, for messages
  std::vector<Name> tools;
  std::vector<Name> python;
  std::map<std::string, std::string> variables;
  DebianSource debian;
  std::map<std::string, PackageRule> packages;
  std::map<std::string, Entrypoint> entrypoints;
  std::map<std::string, Timer> timers;
  std::map<std::string, Runner> runners;
  std::map<std::string, Host> hosts;
  std::map<std::string, Baseline> baselines;
  std::map<std::string, std::string> waivers;  // a baseline's name, dropped for this reason
  std::map<std::string, std::string> ignored;  // [prove.ignore]: a path, and why it is excused

  bool operator==(const Declaration&) const = default;

  // The rule for the tool or module, or nothing where it is the package of its own name.
  const PackageRule* rule(std::string_view name) const;
  // The Debian package behind a tool (its own name unless a rule says otherwise); nothing where a
  // pinned archive stands behind it.
  std::optional<std::string> debian_package(std::string_view tool) const;
  // The same for an entry of `python`: python3-NAME, lower case, '_' and '.' as '-'.
  std::optional<std::string> python_package(std::string_view module) const;
};

// Kinds of runner that a declaration may name.
const std::vector<std::string>& runner_kinds();

inline constexpr std::size_t largest_declaration = 1U << 20U;  // bytes

// All mistakes at once: the first is the Error, the others are in `also` [declare.*].
// `file` names the text in positions; nothing is opened.
base::Result<Declaration> parse(std::string_view text, const std::string& file);

// A commented starter file that parses.
std::string starter();

// JSON Schema (2020-12) of the format, made from the table of keys that parse() obeys.
std::string json_schema();

}  // namespace ccci::declare
