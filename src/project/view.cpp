// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/view.hpp"

#include "environment/exposure.hpp"
#include "environment/part.hpp"

#include <algorithm>

#include "environment/build.hpp"
#include "environment/plan.hpp"

namespace ccci::project {

base::Result<std::optional<environment::Environment>> environment_of(
    const store::Store& store, const declare::Declaration& declaration, const lock::Lock& lock,
    const std::string& set) {
  const store::Address address = environment::address_of(declaration, lock, set);
  if (store.has(address)) {
    CCCI_TRY(environment::Environment built, environment::load(store, address));
    CCCI_TRY(built.scripts, environment::load_scripts(store, address));
    return std::optional(std::move(built));
  }
  const std::vector<source::Package> packages = lock.closure(set);
  const bool all =
      std::all_of(packages.begin(), packages.end(), [&](const source::Package& package) {
        return store.has(environment::object_address(package));
      });
  if (!all) return std::optional<environment::Environment>{};
  CCCI_TRY(const std::vector<environment::Part> parts, environment::read_parts(store, packages));
  CCCI_TRY(environment::Plan plan, environment::plan(declaration, lock, set, parts));
  return std::optional(std::move(plan.environment));
}

namespace {

std::string text_of(const declare::Position& at) {
  if (at.line == 0) return {};
  return at.file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

const declare::Name* find(const std::vector<declare::Name>& names, std::string_view text) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const declare::Name& name) { return name.text == text; });
  return found == names.end() ? nullptr : &*found;
}

// "IMAGE PACKAGE"
std::string image_at(const declare::Declaration& declaration, std::string_view name) {
  for (const auto& [image, value] : declaration.images) {
    if (!name.starts_with(image + " ")) continue;
    const std::string_view package = name.substr(image.size() + 1);
    for (const declare::Name& tool : value.tools)
      if (declaration.debian_package(tool.text) == package) return text_of(tool.at);
    const declare::Name* named = find(value.packages, package);
    return named == nullptr ? "" : text_of(named->at);
  }
  return {};
}

}  // namespace

std::string declared_at(const declare::Declaration& declaration, const std::string& reason) {
  const std::size_t blank = reason.find(' ');
  if (blank == std::string::npos) return {};
  const std::string_view name = std::string_view(reason).substr(blank + 1);
  if (reason.starts_with("python ")) {
    const declare::Name* module = find(declaration.python, name);
    return module == nullptr ? "" : text_of(module->at);
  }
  if (reason.starts_with("library ")) {
    const declare::Name* package = find(declaration.library_packages, name);
    return package == nullptr ? "" : text_of(package->at);
  }
  if (reason.starts_with("browser ")) {
    const declare::Name* browser = find(declaration.browsers, name);
    return browser == nullptr ? "" : text_of(browser->at);
  }
  if (reason.starts_with("image ")) return image_at(declaration, name);
  if (const declare::Name* tool = find(declaration.tools, name)) return text_of(tool->at);
  for (const auto& [host, value] : declaration.hosts) {
    if (const declare::Name* tool = find(value.extra_tools, name)) return text_of(tool->at);
  }
  return {};
}

base::Result<std::string> package_of_command(const store::Store& store, const lock::Lock& lock,
                                             const environment::Environment& environment,
                                             const std::string& command) {
  for (const std::string_view directory : environment::program_directories) {
    const std::string path = std::string(directory) + command;
    if (!std::filesystem::exists(
            std::filesystem::symlink_status(std::filesystem::path(environment.root) / path)))
      continue;
    for (const source::Package& package : lock.closure(environment.set)) {
      CCCI_TRY(const auto parts, environment::read_parts(store, {package}));
      if (parts.front().manifest.find(path) != nullptr) return package.name;
    }
  }
  return std::string{};
}

}  // namespace ccci::project
