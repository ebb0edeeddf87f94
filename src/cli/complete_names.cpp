// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/complete_names.hpp"

#include <filesystem>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "declare/declaration.hpp"
#include "lock/lock.hpp"

namespace ccci::cli {

namespace {

std::vector<std::string> tools_of(const declare::Declaration& declaration) {
  std::vector<std::string> names;
  for (const declare::Name& tool : declaration.tools) names.push_back(tool.text);
  return names;
}

std::vector<std::string> locked_packages(std::filesystem::path file) {
  file.replace_extension(".lock");
  const auto text = base::read_of_project(file, lock::largest_lock);
  if (!text) return {};
  const auto locked = lock::read(*text, file.native());
  if (!locked) return {};
  std::vector<std::string> names;
  for (const auto& package : locked->packages) names.push_back(package.name);
  return names;
}

}  // namespace

std::vector<std::string> names_on_disk(Completion kind, const Globals& globals) {
  const std::filesystem::path file = std::filesystem::path(globals.directory) / globals.file;
  if (kind == Completion::package) return locked_packages(file);
  const auto text = base::read_of_project(file, declare::largest_declaration);
  if (!text) return {};
  const auto declaration = declare::parse(*text, globals.file);
  if (!declaration) return {};
  switch (kind) {
    case Completion::host:
      return base::keys_of(declaration->hosts);
    case Completion::entrypoint:
      return base::keys_of(declaration->entrypoints);
    case Completion::image:
      return base::keys_of(declaration->images);
    case Completion::tool:
      return tools_of(*declaration);
    default:
      return {};
  }
}

}  // namespace ccci::cli
