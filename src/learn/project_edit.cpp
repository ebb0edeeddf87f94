// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/project_edit.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "learn/edit.hpp"
#include "project/lock_status.hpp"
#include "project/view.hpp"
#include "store/npm_tarball.hpp"
#include "store/store.hpp"

namespace ccci::learn {

namespace fs = std::filesystem;

base::Result<Inside> inside_of(const project::Project& project, const fs::path& state,
                               const HostPackages& host) {
  CCCI_TRY(const std::optional<lock::Lock> lock, project::read_lock(project));
  if (!lock || project::disagreement(project.declaration, *lock)) {
    return inside_of(project.declaration, host);
  }
  CCCI_TRY(const store::Store store, store::Store::look(state));
  CCCI_TRY(const auto environment,
           project::environment_of(store, project.declaration, *lock, "shared"));
  if (environment) return inside_of(*environment, *lock);
  return inside_of(project.declaration, *lock);
}

void add_digests(std::vector<Outside>& programs) {
  constexpr off_t largest = off_t{4} << 30U;
  for (Outside& one : programs) {
    // The command may have put a pipe or a device in the program's place.
    const auto file = base::open_path(one.path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    struct stat status = {};
    if (!file || fstat(file->get(), &status) != 0) continue;
    if (!S_ISREG(status.st_mode) || status.st_size > largest) continue;
    const auto digest = base::sha256_of_fd(file->get());
    if (digest) one.sha256 = digest->hex();
  }
}

namespace {

// The package of the registry behind an entry of package.json; empty if it comes from elsewhere:
// "file:…", "git+ssh:…", "workspace:…", "owner/repository", an address.
std::string registry_package(const std::string& name, const base::Json& wanted) {
  constexpr std::string_view alias = "npm:";
  const std::string text = wanted.text_or_empty();
  if (!text.starts_with(alias))
    return text.find_first_of(":/") == std::string::npos ? name : std::string();
  const std::string other = text.substr(alias.size());
  return other.substr(0, other.find('@', 1));
}

}  // namespace

void name_packages_of_npm(Findings& findings, const fs::path& project) {
  constexpr std::uint64_t largest = 16U << 20U;
  const auto described = base::read_of_project(project, "package.json", largest);
  const base::Json json =
      described ? base::Json::parse(*described).value_or(base::Json()) : base::Json();
  for (Missing& one : findings.missing) {
    for (const char* kind : {"dependencies", "devDependencies"}) {
      if (!one.package.empty() || !json[kind].contains(one.command)) continue;
      const std::string package = registry_package(one.command, json[kind][one.command]);
      if (!package.empty()) one.package = "npm:" + package;
    }
  }
  constexpr std::string_view place = "/node_modules/";
  for (Outside& one : findings.outside) {
    std::error_code error;
    const std::string real = fs::canonical(one.path, error).native();
    const std::size_t at = real.rfind(place);
    if (error || at == std::string::npos) continue;
    const std::string rest = real.substr(at + place.size());
    std::size_t end = rest.find('/');
    if (rest.starts_with('@') && end != std::string::npos) end = rest.find('/', end + 1);
    if (end == std::string::npos) continue;
    const std::string name = rest.substr(0, end);
    const auto text =
        base::read_file(real.substr(0, at + place.size()) + name + "/package.json", largest);
    if (!text || !store::npm_commands(*text).contains(one.command)) continue;
    one.npm = name;
    std::erase_if(findings.npm_modules, [&](const Need& need) { return need.name == name; });
  }
}

base::Result<std::vector<std::string>> apply(const project::Project& project,
                                             const Findings& findings) {
  std::vector<std::string> names = findings.tools();
  const std::vector<std::string> python = findings.python();
  const std::vector<Rule> rules = rules_of(findings);
  std::vector<std::string> packages;
  for (const Opened& one : findings.packages) packages.push_back(one.package);
  // The file behind a link, so that the link stays one; read again, because the command may have
  // taken long and a person may have written meanwhile.
  std::error_code ignored;
  const fs::path file = fs::canonical(project.file, ignored);
  CCCI_TRY(const std::string text, base::read_of_project(file, declare::largest_declaration));
  CCCI_TRY(const std::string changed,
           add_to_declaration(text, project.file.native(), {names, python, rules, packages}));
  names.insert(names.end(), python.begin(), python.end());
  names.insert(names.end(), packages.begin(), packages.end());
  for (const Rule& rule : rules) names.push_back(rule.name);
  if (changed == text) return std::vector<std::string>{};
  struct stat about = {};
  const unsigned mode = stat(file.c_str(), &about) == 0 ? about.st_mode & 07777U : 0644U;
  CCCI_CHECK(base::replace_file(file, changed, mode));
  return names;
}

}  // namespace ccci::learn
