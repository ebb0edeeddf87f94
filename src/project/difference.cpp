// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/difference.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/process.hpp"
#include "environment/build.hpp"
#include "git/repository.hpp"
#include "project/project.hpp"
#include "project/view.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

// The content of the file at the revision. Returns nothing if git does not have it.
base::Result<std::optional<std::string>> committed(const std::string& revision,
                                                   const fs::path& file) {
  const fs::path directory = file.has_parent_path() ? file.parent_path() : fs::path(".");
  base::Command command = git::command(
      directory, {"show", "--end-of-options", revision + ":./" + file.filename().native()});
  command.output_limit = lock::largest_lock;
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0 || outcome.truncated) return std::optional<std::string>{};
  return std::optional(outcome.out);
}

base::Result<Side> lock_side(const store::Store& store, const std::string& name,
                             const std::string& lock_text, const std::string& lock_name,
                             const std::optional<std::string>& declaration_text,
                             const std::string& declaration_name) {
  Side side;
  side.name = name;
  CCCI_TRY(side.lock, lock::read(lock_text, lock_name));
  if (!declaration_text) return side;
  // An old declaration may not parse any more. Then only the packages are compared.
  const auto declaration = declare::parse(*declaration_text, declaration_name);
  if (!declaration || side.lock->asks != lock::fingerprint(*declaration)) return side;
  CCCI_TRY(side.environment, environment_of(store, *declaration, *side.lock, "shared"));
  return side;
}

base::Result<std::optional<std::string>> sibling(const fs::path& lock_file) {
  const fs::path file = fs::path(lock_file).replace_extension(".toml");
  if (!fs::exists(file)) return std::optional<std::string>{};
  CCCI_TRY(std::string text, base::read_of_project(file, declare::largest_declaration));
  return std::optional(std::move(text));
}

Names compare(const std::optional<std::set<std::string>>& before,
              const std::optional<std::set<std::string>>& after) {
  Names difference;
  if (!before || !after) return difference;
  difference.known = true;
  std::set_difference(after->begin(), after->end(), before->begin(), before->end(),
                      std::back_inserter(difference.appeared));
  std::set_difference(before->begin(), before->end(), after->begin(), after->end(),
                      std::back_inserter(difference.vanished));
  return difference;
}

std::optional<std::set<std::string>> commands_of(const Side& side) {
  if (!side.environment) return std::nullopt;
  std::set<std::string> names;
  for (const environment::Exposed& exposed : side.environment->exposed) {
    for (const environment::Command& command : exposed.commands) names.insert(command.name);
  }
  return names;
}

std::optional<std::set<std::string>> tools_of(const Side& side) {
  std::set<std::string> names;
  if (side.environment) {
    for (const environment::Exposed& exposed : side.environment->exposed) {
      if (!exposed.package.empty()) names.insert(exposed.tool);
    }
    return names;
  }
  for (const source::Package& package : side.lock->packages) {
    for (const std::string& reason : package.because) {
      if (reason.starts_with("tool ")) names.insert(reason.substr(5));
    }
  }
  return names;
}

}  // namespace

base::Result<Side> read_side(const store::Store& store, const fs::path& declaration,
                             const std::string& name) {
  if (fs::exists(name) && !fs::is_directory(name)) {
    CCCI_TRY(const std::string text, base::read_of_project(name, lock::largest_lock));
    CCCI_TRY(const std::optional<std::string> beside, sibling(name));
    return lock_side(store, name, text, name, beside, name);
  }
  if (const auto address = store.find(name); address && address->kind == store::Kind::environment) {
    Side side;
    side.name = name;
    CCCI_TRY(side.environment, environment::load(store, *address));
    return side;
  }
  const fs::path lock_file = lock_file_of(declaration);
  CCCI_TRY(const std::optional<std::string> text, committed(name, lock_file));
  if (!text)
    return base::unexpected(
        base::fail("cli.no-such-side").with("name", name).with("lock", lock_file.native()));
  CCCI_TRY(const std::optional<std::string> declared, committed(name, declaration));
  return lock_side(store, name, *text, name + ":" + lock_file.native(), declared,
                   name + ":" + declaration.native());
}

bool Difference::empty() const {
  return packages.empty() && tools.appeared.empty() && tools.vanished.empty() &&
         commands.appeared.empty() && commands.vanished.empty();
}

Difference difference(const Side& before, const Side& after) {
  Difference found;
  if (before.lock && after.lock) found.packages = lock::changes(*before.lock, *after.lock);
  found.tools = compare(tools_of(before), tools_of(after));
  found.commands = compare(commands_of(before), commands_of(after));
  return found;
}

}  // namespace ccci::project
