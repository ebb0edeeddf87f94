// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/debian_package.hpp"

#include <unistd.h>

#include <string_view>
#include <vector>

#include "base/process.hpp"
#include "declare/known_commands.hpp"
#include "environment/command_index.hpp"
#include "learn/host_packages.hpp"
#include "project/resolve.hpp"

namespace ccci::cli {

namespace {

// What a command and a package may be called. Everything else is not worth a question.
bool is_plain(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+._-[") == std::string_view::npos;
}

}  // namespace

std::string package_with_command(const std::string& name) {
  if (!is_plain(name)) return {};
  if (const auto known = declare::package_of(name); !known.empty()) {
    return std::string(known);
  }
  std::vector<std::string> paths;
  for (const std::string_view directory : environment::program_directories) {
    paths.push_back("/" + std::string(directory) + name);
  }
  const auto host = learn::ask_host(paths, base::real_processes());
  if (!host) return {};
  for (const std::string& path : paths) {
    if (const std::string* package = host->owner(path)) return *package;
  }
  return {};
}

bool is_debian_package(Invocation& invocation, const project::Project& project,
                       const store::Store& store, const std::string& name) {
  // Opening the indexes makes their directory if it is missing.
  if (!is_plain(name) || access((store.state() / "apt").c_str(), W_OK) != 0) return false;
  const project::Context context{store.state(), true, invocation.progress()};
  const auto known = project::known_packages(project, context, store, {name});
  return known && !known->empty();
}

}  // namespace ccci::cli
