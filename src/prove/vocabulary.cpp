// SPDX-License-Identifier: GPL-3.0-or-later
#include "prove/vocabulary.hpp"

#include "base/json.hpp"
#include "prove/aliases.hpp"
#include "python/requirements.hpp"

namespace ccci::prove {

namespace {

// Why `name` means `tool`, if they differ.
std::string reason(std::string_view name, const Meaning& meaning) {
  if (name == meaning.tool) return {};
  if (const Alias* row = alias(canonical_tool(name) == name ? meaning.tool : std::string(name)))
    return "alias of '" + meaning.tool + "': " + std::string(row->reason);
  return meaning.why.empty() ? "another name of '" + meaning.tool + "'" : meaning.why;
}

// What the declared requirements file names.
std::vector<std::string> required_modules(const declare::Declaration& declaration) {
  std::vector<std::string> modules;
  const declare::Name& file = declaration.pypi.requirements;
  if (file.text.empty()) return modules;
  const auto read = python::gather_requirements(declaration.pypi.files, file);
  if (!read) return modules;  // it was reported when the project was opened
  for (const python::Requirement& one : read->requirements) modules.push_back(one.project);
  return modules;
}

// What the project of a declared lock of npm depends on itself.
std::vector<std::string> locked_by_npm(const declare::Declaration& declaration,
                                       const std::string& lock) {
  std::vector<std::string> names;
  const auto text = declaration.npm.files.find(lock);
  if (text == declaration.npm.files.end()) return names;
  const auto json = base::Json::parse(text->second);
  if (!json) return names;
  const base::Json& root = (*json)["packages"][""];
  for (const char* kind : {"dependencies", "devDependencies", "optionalDependencies"}) {
    for (const auto& [name, range] : root[kind].items()) names.push_back(name);
  }
  return names;
}

}  // namespace

Vocabulary::Vocabulary(const declare::Declaration& declaration) {
  for (const declare::Name& tool : declaration.tools) {
    add(tools_, declaration, tool.text);
    names_.push_back(tool.text);
  }
  for (const declare::Name& module : declaration.python) {
    modules_.emplace(canonical_module(module.text), Meaning{module.text, true, {}});
    names_.push_back(module.text);
    const declare::PackageRule* rule = declaration.rule(module.text);
    const auto* pypi = rule == nullptr ? nullptr : std::get_if<declare::PypiPackage>(&rule->from);
    if (pypi != nullptr) {
      modules_.emplace(canonical_module(pypi->name),
                       Meaning{module.text, true, "[packages." + module.text + "] names it"});
    }
  }
  for (const std::string& module : required_modules(declaration)) {
    if (!modules_.emplace(canonical_module(module), Meaning{module, true, {}}).second) continue;
    names_.push_back(module);
  }
  for (const auto& [name, host] : declaration.hosts)
    for (const declare::Name& tool : host.extra_tools) {
      add(hosts_[name], declaration, tool.text);
      add(extras_, declaration, tool.text);
      extra_names_[name].push_back(tool.text);
    }
  for (const auto& [name, entrypoint] : declaration.entrypoints) entrypoints_[name] = true;
}

void Vocabulary::add(Names& to, const declare::Declaration& declaration, const std::string& tool) {
  to.emplace(canonical_tool(tool), Meaning{tool, false, {}});
  const auto rule = declaration.packages.find(tool);
  if (rule == declaration.packages.end()) return;
  const std::string names = "[packages." + tool + "] names it as the package";
  if (const auto* npm = std::get_if<declare::NpmPackage>(&rule->second.from)) {
    if (!npm->name.empty()) to.emplace(canonical_tool(npm->name), Meaning{tool, false, names});
    for (const std::string& name : locked_by_npm(declaration, npm->lock.text)) {
      to.emplace(canonical_tool(name),
                 Meaning{tool, false, "the lock of [packages." + tool + "] names it"});
    }
  }
  const auto* package = std::get_if<declare::DebianPackage>(&rule->second.from);
  if (package != nullptr && !package->name.empty())
    to.emplace(canonical_tool(package->name), Meaning{tool, false, names});
}

std::optional<Meaning> Vocabulary::look(const Names& names, std::string_view name) {
  const auto found = names.find(canonical_tool(name));
  if (found == names.end()) return std::nullopt;
  Meaning meaning = found->second;
  meaning.why = reason(name, meaning);
  return meaning;
}

std::optional<Meaning> Vocabulary::shared(std::string_view name, bool module) const {
  const auto as_module = [&]() -> std::optional<Meaning> {
    const auto found = modules_.find(canonical_module(name));
    if (found == modules_.end()) return std::nullopt;
    Meaning meaning = found->second;
    if (name != meaning.tool)
      meaning.why = "the package of the Python module '" + meaning.tool + "'";
    return meaning;
  };
  if (module)
    if (auto meaning = as_module()) return meaning;
  if (auto meaning = look(tools_, name)) return meaning;
  return as_module();
}

std::optional<Meaning> Vocabulary::of_host(const std::string& host, std::string_view name) const {
  const auto own = hosts_.find(host);
  if (own != hosts_.end())
    if (auto meaning = look(own->second, name)) return meaning;
  return shared(name);
}

std::optional<Meaning> Vocabulary::any(std::string_view name, bool module) const {
  if (auto meaning = shared(name, module)) return meaning;
  return look(extras_, name);
}

bool Vocabulary::is_entrypoint(std::string_view name) const {
  return entrypoints_.count(std::string(name)) != 0;
}

std::vector<std::string> Vocabulary::extras(const std::string& host) const {
  const auto found = extra_names_.find(host);
  return found == extra_names_.end() ? std::vector<std::string>{} : found->second;
}

}  // namespace ccci::prove
