// SPDX-License-Identifier: GPL-3.0-or-later
// The declaration as a value: the checked content of cc-ci.toml, with positions in that file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "declare/image.hpp"
#include "declare/name.hpp"
#include "declare/package_rule.hpp"
#include "declare/recipe.hpp"
#include "declare/service.hpp"
#include "declare/source.hpp"
#include "declare/sweep.hpp"

namespace ccci::declare {

// An old tool list: written here, or read from the file that contained it.
struct Baseline {
  Name name;
  std::vector<Name> tools;
  Name from = {};  // "nix/modules/sweep.nix@v1": a file in the repository at a git revision

  bool operator==(const Baseline&) const = default;
};

// A file of certificate authorities. parse() opens no files: project::open() reads the content.
struct CertificateFile {
  Name path;  // relative to the declaration's directory
  std::string pem = {};

  bool operator==(const CertificateFile&) const = default;
};

struct Declaration {
  std::string file;  // the path as the user gave it, for messages
  std::vector<Name> tools;
  std::vector<Name> python;
  std::vector<Name> library_packages;   // [runtime] packages: Debian packages, not put on PATH
  std::vector<Name> browsers;           // [runtime] browsers: "chromium"
  std::vector<std::string> host_files;  // [runtime] host_files: absolute paths, sorted
  // [runtime] absent_libraries: shared libraries that files need and no job uses; sorted
  std::vector<std::string> absent_libraries;
  std::vector<CertificateFile> certificates;
  std::map<std::string, std::string> variables;
  DebianSource debian;
  std::map<std::string, AptSource> apt_sources;  // the other archives
  PypiSource pypi;
  NpmSource npm;
  std::map<std::string, PackageRule> packages;
  std::map<std::string, Entrypoint> entrypoints;
  std::map<std::string, Timer> timers;
  std::map<std::string, Runner> runners;
  std::map<std::string, Host> hosts;
  std::map<std::string, Image> images;
  std::map<std::string, EnrolledRecipe> recipes;
  RecipeCatalogue catalogue;
  std::string recipe_engine;  // [recipes] engine: of recipes that name none; empty: their own
  Sweep sweep;
  Health health;
  Notify notify;
  // [gates]: a gate, and the commands that need a fresh PASS of it ("deploy", "switch").
  std::map<std::string, std::vector<std::string>> gates;
  std::vector<std::string> witness;  // the witness test; [0] names an entrypoint; empty: no test
  std::map<std::string, Baseline> baselines;
  std::map<std::string, std::string> waivers;  // name in a baseline -> reason why it was dropped
  std::map<std::string, std::string> ignored;  // [prove.ignore]: path -> reason why it is excused

  bool operator==(const Declaration&) const = default;

  // The rule for the tool or module. Null if it has no rule: its package has the same name.
  const PackageRule* rule(std::string_view name) const;
  // The Debian package that provides a tool. It has the tool's name unless a rule gives another.
  // Returns nothing if a pinned archive provides the tool.
  std::optional<std::string> debian_package(std::string_view tool) const;
  // The same for an entry of `python`: python3-NAME in lower case, '_' and '.' replaced by '-'.
  std::optional<std::string> python_package(std::string_view module) const;
  // The names that the package of a tool or module may have in the lock, the most likely first. A
  // module from the index may be supplied by Debian, and one that Debian lacks by the index.
  std::vector<std::string> tool_packages(std::string_view tool) const;
  std::vector<std::string> module_packages(std::string_view module) const;
  // Whether something may come from the Python package index.
  bool uses_pypi() const;
  bool uses_npm() const;  // the same for the npm registry
  // The locks of npm that the rules of tools name, each once, with the tools.
  std::map<std::string, std::vector<Name>> npm_locks() const;
  // The packages of archives for which source, suite or version is declared, by their names.
  std::map<std::string, DebianPackage> chosen_packages() const;
  // Whether the rule of the tool or module takes what its package recommends.
  bool takes_recommended(std::string_view name) const;
};

inline constexpr std::size_t largest_declaration = 1U << 20U;  // bytes

// The declaration as `host` sees it: with its timers and runners only, and [health] with the host's
// own checks. The other hosts stay declared.
Declaration for_host(const Declaration& declaration, const std::string& host);
// The checks of a host: those of [health], then its own. Its own deadline wins.
Health health_of(const Declaration& declaration, const std::string& host);
// Whether a timer or runner with this list of hosts is on the host.
bool is_on(const std::vector<Name>& hosts, std::string_view host);

// Reports all mistakes at once: the first is the Error, the others are in `also` [declare.*].
// `file` is only the name of the text in positions. No file is opened.
base::Result<Declaration> parse(std::string_view text, const std::string& file);

// A commented starter file that parses.
std::string starter();

// JSON Schema (2020-12) of the format, made from the table of keys that parse() uses.
std::string json_schema();

}  // namespace ccci::declare
