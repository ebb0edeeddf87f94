// SPDX-License-Identifier: GPL-3.0-or-later
// The meaning of a declaration's names: whether a name in another place is one of its tools.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "declare/declaration.hpp"

namespace ccci::prove {

struct Meaning {
  std::string tool;     // as declared
  bool module = false;  // an entry of `python`
  std::string why;      // "alias of 'sed': nixpkgs calls it so"; empty if the names are equal
};

class Vocabulary {
 public:
  explicit Vocabulary(const declare::Declaration& declaration);

  // The shared tool or Python module with this name. If another list gives the name as a Python
  // module, the modules are searched first.
  std::optional<Meaning> shared(std::string_view name, bool module = false) const;
  // The same for the host's extra tools, then the shared tools.
  std::optional<Meaning> of_host(const std::string& host, std::string_view name) const;
  // The same for all that is declared, because a list that repeats the tools of any host is a
  // second list.
  std::optional<Meaning> any(std::string_view name, bool module = false) const;
  // Whether it is the name of an entrypoint. A consumer refers to it, so it is not a tool of its
  // own.
  bool is_entrypoint(std::string_view name) const;

  // Shared tools, then Python modules, as declared.
  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> extras(const std::string& host) const;

 private:
  using Names = std::unordered_map<std::string, Meaning>;

  static std::optional<Meaning> look(const Names& names, std::string_view name);
  void add(Names& to, const declare::Declaration& declaration, const std::string& tool);

  Names tools_;
  Names modules_;
  std::unordered_map<std::string, Names> hosts_;
  Names extras_;  // of every host
  std::unordered_map<std::string, std::vector<std::string>> extra_names_;
  std::unordered_map<std::string, bool> entrypoints_;
  std::vector<std::string> names_;
};

}  // namespace ccci::prove
