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
#include "project/declared_files.hpp"
#include "project/project.hpp"
#include "project/view.hpp"
#include "store/meta.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_system = 16U << 20U;  // bytes of a system.json

// The content of the file at the revision. Returns nothing if git does not have it.
base::Result<std::optional<std::string>> committed(const std::string& revision,
                                                   const fs::path& directory,
                                                   const std::string& file,
                                                   std::uint64_t limit = lock::largest_lock) {
  base::Command command =
      git::command(directory, {"show", "--end-of-options", revision + ":./" + file});
  command.output_limit = limit;
  CCCI_TRY(const base::Outcome outcome, base::real_processes().run(command));
  if (outcome.status != 0 || outcome.truncated) return std::optional<std::string>{};
  return std::optional(outcome.out);
}

base::Result<Side> lock_side(const store::Store& store, const std::string& name,
                             const std::string& lock_text, const std::string& lock_name,
                             const std::optional<std::string>& declaration_text,
                             const std::string& declaration_name, const ReadText& read) {
  Side side;
  side.name = name;
  CCCI_TRY(side.lock, lock::read(lock_text, lock_name));
  if (!declaration_text) return side;
  // An old declaration may not parse any more. Then only the packages are compared.
  auto declaration = declare::parse(*declaration_text, declaration_name);
  if (!declaration || !read_declared_texts(*declaration, read)) return side;
  if (side.lock->asks != lock::fingerprint(*declaration)) return side;
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

namespace {

// The packages that an environment was composed of.
base::Result<std::vector<source::Package>> contents_of(const store::Store& store,
                                                       const store::Address& environment) {
  std::vector<source::Package> packages;
  CCCI_TRY(const std::vector<store::Address> needs, store::needs(store, environment));
  for (const store::Address& need : needs) {
    if (need.kind != store::Kind::package) continue;
    CCCI_TRY(const base::Json meta, store::read_meta(store, need));
    source::Package package;
    package.name = meta["name"].text_or_empty();
    package.version = meta["version"].text_or_empty();
    package.sha256 = meta["sha256"].text_or_empty();
    if (meta["format"].text_or_empty() != "deb") package.origin = source::Origin::archive;
    packages.push_back(std::move(package));
  }
  return packages;
}

// The environment of a system, which is the only one that it needs besides the shared one.
base::Result<std::optional<store::Address>> environment_of_object(const store::Store& store,
                                                                  const store::Address& object) {
  if (object.kind == store::Kind::environment) return std::optional(object);
  if (object.kind != store::Kind::system) return std::optional<store::Address>{};
  CCCI_TRY(const std::string text,
           base::read_file(store.path(object) / "root/system.json", largest_system));
  const auto json = base::Json::parse(text);
  CCCI_TRY(store::Address found,
           store.find(json ? (*json)["environment"].text_or_empty() : std::string()));
  return std::optional(std::move(found));
}

// Reports of sweeps name environments by their digests, which are the same on every machine.
base::Result<std::optional<store::Address>> environment_of_digest(const store::Store& store,
                                                                  const std::string& name) {
  constexpr std::size_t shortest = 12;
  if (name.size() < shortest || name.find_first_not_of("0123456789abcdef") != std::string::npos)
    return std::optional<store::Address>{};
  CCCI_TRY(const std::vector<store::Address> all, store.list(store::Kind::environment));
  for (const store::Address& address : all) {
    const auto one = environment::load(store, address);
    if (one && one->digest.starts_with(name)) return std::optional(address);
  }
  return std::optional<store::Address>{};
}

base::Result<Side> side_of(const store::Store& store, const std::string& name,
                           const store::Address& address) {
  Side side;
  side.name = name;
  CCCI_TRY(side.environment, environment::load(store, address));
  CCCI_TRY(side.contents, contents_of(store, address));
  return side;
}

// What a side has for the comparison with an environment.
std::optional<lock::Lock> packages_of(const Side& side, const std::string& set) {
  if (!side.lock && !side.contents) return std::nullopt;
  lock::Lock only;
  only.packages = side.lock ? side.lock->closure(set) : *side.contents;
  return only;
}

}  // namespace

base::Result<Side> environment_side(const store::Store& store, const std::string& name,
                                    const std::string& hash) {
  CCCI_TRY(const store::Address address, store.find(hash));
  return side_of(store, name, address);
}

base::Result<Side> read_side(const store::Store& store, const fs::path& declaration,
                             const std::string& name) {
  if (fs::exists(name) && !fs::is_directory(name)) {
    CCCI_TRY(const std::string text, base::read_of_project(name, lock::largest_lock));
    // The remedies for a damaged lock would remove a file that is none.
    if (text.find("cc-ci-lock ") == std::string::npos)
      return base::unexpected(base::fail("lock.other-file").with("path", name));
    CCCI_TRY(const std::optional<std::string> beside, sibling(name));
    const fs::path directory = fs::path(name).parent_path();
    return lock_side(
        store, name, text, name, beside, name, [&](const std::string& path, std::uint64_t limit) {
          return base::read_of_project(directory.empty() ? "." : directory, path, limit);
        });
  }
  if (const auto object = store.find(name)) {
    CCCI_TRY(const auto address, environment_of_object(store, *object));
    if (address) return side_of(store, name, *address);
  }
  CCCI_TRY(const auto by_digest, environment_of_digest(store, name));
  if (by_digest) return side_of(store, name, *by_digest);
  const fs::path lock_file = lock_file_of(declaration);
  const fs::path directory = declaration.has_parent_path() ? declaration.parent_path() : ".";
  CCCI_TRY(const std::optional<std::string> text, committed(name, directory, lock_file.filename()));
  if (!text)
    return base::unexpected(
        base::fail("cli.no-such-side").with("name", name).with("lock", lock_file.native()));
  CCCI_TRY(const std::optional<std::string> declared,
           committed(name, directory, declaration.filename()));
  const auto read = [&](const std::string& path, std::uint64_t limit) -> base::Result<std::string> {
    CCCI_TRY(std::optional<std::string> content, committed(name, directory, path, limit));
    if (content) return *std::move(content);
    return base::unexpected(base::fail("base.open").with("path", path));
  };
  return lock_side(store, name, *text, name + ":" + lock_file.native(), declared,
                   name + ":" + declaration.native(), read);
}

bool Difference::empty() const {
  return packages.empty() && tools.appeared.empty() && tools.vanished.empty() &&
         commands.appeared.empty() && commands.vanished.empty() && variables.empty() && !otherwise;
}

namespace {

std::optional<std::string> value_of(const std::map<std::string, std::string>& variables,
                                    const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional(found->second);
}

std::vector<VariableChange> changed_variables(const environment::Environment& before,
                                              const environment::Environment& after) {
  std::set<std::string> names;
  for (const auto* side : {&before, &after})
    for (const auto& [name, value] : side->variables) names.insert(name);
  std::vector<VariableChange> changes;
  for (const std::string& name : names) {
    VariableChange change{name, value_of(before.variables, name), value_of(after.variables, name)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

Difference difference(const Side& before, const Side& after) {
  Difference found;
  if (before.lock && after.lock) {
    found.packages = lock::changes(*before.lock, *after.lock);
  } else {
    const Side& known = before.lock ? after : before;
    const std::string set = known.environment ? known.environment->set : "shared";
    const auto old = packages_of(before, set);
    const auto now = packages_of(after, set);
    if (old && now) found.packages = lock::changes(*old, *now);
  }
  found.tools = compare(tools_of(before), tools_of(after));
  found.commands = compare(commands_of(before), commands_of(after));
  if (before.environment && after.environment) {
    found.variables = changed_variables(*before.environment, *after.environment);
    // One that is only planned has no digest yet.
    const std::string& was = before.environment->digest;
    const std::string& is = after.environment->digest;
    found.otherwise = found.empty() && !was.empty() && !is.empty() && was != is;
  }
  return found;
}

}  // namespace ccci::project
