// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <deque>
#include <set>

#include "base/text.hpp"
#include "python/requirements.hpp"
#include "python/resolver.hpp"

namespace ccci::python {

namespace {

// "1.9.*" and "2.1" mean exactly that.
std::string specifier(const std::string& version) {
  std::string text(base::trim(version));
  if (text.empty()) return {};
  const char first = text.front();
  return first >= '0' && first <= '9' ? "==" + text : text;
}

class Collector {
 public:
  Collector(const declare::Declaration& declaration, const lock::Lock& debian)
      : declaration_(declaration), debian_(debian) {}

  base::Result<std::vector<Wanted>> run() {
    for (const declare::Name& tool : declaration_.tools) rule(tool, "tool ", "shared");
    for (const declare::Name& module : declaration_.python) {
      if (declaration_.rule(module.text) != nullptr) {
        rule(module, "python ", "shared");
      } else if (debian_.find(declaration_.module_packages(module.text).front()) == nullptr) {
        add(module, module.text, {}, "python ", "shared");
      }
    }
    for (const auto& [name, host] : declaration_.hosts) {
      for (const declare::Name& tool : host.extra_tools) rule(tool, "tool ", name);
    }
    const declare::Name& file = declaration_.pypi.requirements;
    if (!file.text.empty()) {
      CCCI_TRY(const Requirements read, gather_requirements(declaration_.pypi.files, file));
      for (const Requirement& one : read.requirements) {
        wanted_.push_back({one.line,
                           declare::pypi_package(one.project),
                           "requirements " + one.at.file,
                           {"shared"},
                           one.at});
      }
    }
    return std::move(wanted_);
  }

 private:
  void rule(const declare::Name& name, const std::string& kind, const std::string& set) {
    const declare::PackageRule* own = declaration_.rule(name.text);
    const auto* pypi = own == nullptr ? nullptr : std::get_if<declare::PypiPackage>(&own->from);
    if (pypi != nullptr) add(name, pypi->name, pypi->version, kind, set);
  }

  void add(const declare::Name& name, const std::string& project, const std::string& version,
           const std::string& kind, const std::string& set) {
    wanted_.push_back({project + specifier(version),
                       declare::pypi_package(project),
                       kind + name.text,
                       {set},
                       name.at});
    // Its metadata does not say that it needs this one, and Debian 12 has an older one.
    if (wanted_.back().package != "pypi:pytest-playwright") return;
    wanted_.push_back({"pluggy>=1.2", "pypi:pluggy", kind + name.text, {set}, name.at});
  }

  const declare::Declaration& declaration_;
  const lock::Lock& debian_;
  std::vector<Wanted> wanted_;
};

}  // namespace

base::Result<std::vector<Wanted>> wanted(const declare::Declaration& declaration,
                                         const lock::Lock& debian) {
  return Collector(declaration, debian).run();
}

std::vector<source::Package> resolver_packages(const lock::Lock& debian) {
  std::set<std::string> names;
  std::deque<std::string> open;
  const std::vector<source::Package> all = debian.closure(lock::pypi_resolver);
  for (const source::Package& package : all) {
    const bool module = package.name.starts_with("python3") || package.name == "ca-certificates";
    if (package.origin == source::Origin::debian && module) open.push_back(package.name);
  }
  while (!open.empty()) {
    const std::string name = std::move(open.front());
    open.pop_front();
    const source::Package* package = debian.find(name);
    if (package == nullptr || !names.insert(name).second) continue;
    open.insert(open.end(), package->depends.begin(), package->depends.end());
  }
  std::vector<source::Package> chosen;
  for (const source::Package& package : all) {
    if (names.contains(package.name)) chosen.push_back(package);
  }
  return chosen;
}

}  // namespace ccci::python
