// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/project.hpp"

#include <unistd.h>

#include <array>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "project/declared_files.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

// A user may call cc-ci in a directory below the project. Returns the way up to the nearest
// declaration, e.g. "../..", for a hint. Empty if there is none.
std::string directory_above_with(const fs::path& file) {
  constexpr int farthest = 32;
  if (file.is_absolute() || file.has_parent_path()) return {};
  fs::path above = "..";
  std::error_code unreadable;
  for (int i = 0; i < farthest; ++i, above /= "..") {
    if (fs::is_regular_file(above / file, unreadable)) return above.native();
    if (fs::equivalent(above, "/", unreadable)) break;
  }
  return {};
}

}  // namespace

fs::path Project::directory() const {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

fs::path lock_file_of(const fs::path& file) { return fs::path(file).replace_extension(".lock"); }

base::Result<Project> open(const fs::path& file) {
  Project project;
  project.file = file;
  project.lock_file = lock_file_of(file);
  if (!fs::exists(project.file)) {
    const std::string above = directory_above_with(project.file);
    return base::unexpected(base::fail("cli.no-declaration")
                                .with("path", project.file.native())
                                .with("command", above.empty() ? std::string("cc-ci init")
                                                               : "cc-ci -C " + above + " …"));
  }
  CCCI_TRY(const std::string text,
           base::read_of_project(project.file, declare::largest_declaration));
  CCCI_TRY(project.declaration, declare::parse(text, project.file.native()));
  CCCI_CHECK(read_declared_files(project.declaration, project.directory()));
  return project;
}

base::Result<std::vector<std::string>> hosts(const Project& project,
                                             const std::vector<std::string>& names) {
  std::vector<std::string> declared;
  for (const auto& [name, host] : project.declaration.hosts) declared.push_back(name);
  if (names.empty()) return declared;
  for (const std::string& name : names) {
    if (project.declaration.hosts.contains(name)) continue;
    base::Error error =
        base::fail("cli.unknown-host").with("name", name).with("file", project.file.native());
    const std::string likely = base::likely(name, declared);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    return base::unexpected(std::move(error));
  }
  return names;
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return {};
  return name.data();
}

std::string host_of_machine(const std::vector<std::string>& names) {
  if (names.size() == 1) return names.front();
  const std::string machine = machine_name();
  for (const std::string& name : names) {
    if (name == machine || machine.starts_with(name + ".")) return name;
  }
  return {};
}

}  // namespace ccci::project
