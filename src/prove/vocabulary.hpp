// SPDX-License-Identifier: GPL-3.0-or-later
// What a declaration's names mean: whether a name that stands elsewhere is one of its tools.
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
  std::string why;      // "alias of 'sed': nixpkgs calls it so"; empty where the names are equal
};

class Vocabulary {
 public:
  explicit Vocabulary(const declare::Declaration& declaration);

  // The shared tool or Python module behind the name. A name that another list gives as a Python
  // module is looked for among the modules first.
  std::optional<Meaning> shared(std::string_view name, bool module = false) const;
  // The same among the host's extra tools, then the shared ones.
  std::optional<Meaning> of_host(const std::string& host, std::string_view name) const;
  // Among everything declared: a second list is one whichever host it repeats.
  std::optional<Meaning> any(std::string_view name, bool module = false) const;
  // Whether it is an entrypoint's name: a consumer refers to it, which is no tool of its own.
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
