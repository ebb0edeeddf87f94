// SPDX-License-Identifier: GPL-3.0-or-later
// The archives and indexes that packages come from: the content of [sources.NAME].
#pragma once

#include <map>
#include <string>
#include <vector>

#include "declare/name.hpp"

namespace ccci::declare {

// [sources.debian]. For empty members, the machine's own configuration is used.
struct DebianSource {
  std::string suite;
  std::string uri;
  std::vector<std::string> components;
  std::string signed_by;                         // path of a keyring
  std::vector<std::string> further_suites = {};  // besides `suite`; not empty only if that is set
  std::string snapshot = {};                     // "20260901T000000Z"; empty: the newest state

  bool operator==(const DebianSource&) const = default;
};

// [sources.NAME] with another name: a further apt archive.
struct AptSource {
  Name name;
  std::string uri;
  std::vector<std::string> suites;      // not empty; flat ones end in '/'
  std::vector<std::string> components;  // empty: main, and none in a flat suite
  std::string signed_by;                // path of the file with its key
  std::string snapshot = {};
  std::vector<Name> packages = {};  // come from it wherever something needs them

  bool operator==(const AptSource&) const = default;
};

// [sources.npm]
struct NpmSource {
  std::string registry;                            // empty: that of npm itself
  std::map<std::string, std::string> scopes = {};  // "@company" -> its registry
  // The content of the locks that rules name, and of the package.json beside each, by path. parse()
  // opens no files: project::open() reads them.
  std::map<std::string, std::string> files = {};

  bool operator==(const NpmSource&) const = default;
};

// [sources.pypi]
struct PypiSource {
  bool declared = false;
  std::string index;       // empty: that of pip itself
  Name requirements = {};  // files relative to the declaration; empty: none
  Name constraints = {};
  // The content of the two and of the files that they name, by path. parse() opens no files:
  // project::open() reads them.
  std::map<std::string, std::string> files = {};

  bool operator==(const PypiSource&) const = default;
};

}  // namespace ccci::declare
