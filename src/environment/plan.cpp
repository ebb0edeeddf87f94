// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/plan.hpp"

#include <algorithm>
#include <set>

#include "enter/entrypoint.hpp"
#include "environment/alternatives.hpp"
#include "environment/browsers.hpp"
#include "environment/configuration.hpp"
#include "environment/exposure.hpp"
#include "environment/finishing.hpp"
#include "environment/git_configuration.hpp"
#include "environment/host_table.hpp"
#include "environment/house_certificates.hpp"
#include "environment/java_store.hpp"
#include "environment/needs.hpp"
#include "environment/npm_modules.hpp"
#include "environment/package_tools.hpp"
#include "environment/profile.hpp"
#include "environment/python_modules.hpp"
#include "environment/shells.hpp"
#include "environment/tree.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

const declare::Host* host_of(const declare::Declaration& declaration, const std::string& set) {
  const auto host = declaration.hosts.find(set);
  const bool own = host != declaration.hosts.end() && host->second.has_own_environment();
  return own ? &host->second : nullptr;
}

std::vector<Candidate> candidates_of(const std::vector<Part>& parts) {
  std::vector<Candidate> candidates;
  for (const Part& part : parts) {
    const auto script = part.control.find("postinst");
    if (script == part.control.end()) continue;
    Candidates found = read_alternatives(script->second, part.package.name);
    std::move(found.found.begin(), found.found.end(), std::back_inserter(candidates));
  }
  return candidates;
}

// A script that was run chose among the packages of its own root only (clang's c++ without g++). If
// its choice is one of the candidates, the choice among all of them holds.
bool is_choice_of_fewer(const Tree& tree, const std::vector<Part>& parts,
                        const std::vector<Candidate>& candidates, const Alternative& alternative) {
  const Node* link = tree.find(alternative.link);
  const Node* chosen = tree.find("etc/alternatives/" + alternative.name);
  const auto is_made = [&](const Node* node) {
    return node != nullptr && node->entry.type == Type::link && node->part >= 0 &&
           parts[static_cast<std::size_t>(node->part)].generated;
  };
  if (!is_made(link) || !is_made(chosen)) return false;
  const std::string target = merged_path(chosen->entry.target);
  const auto is_it = [&](const auto& one) {
    return one.name == alternative.name && one.target == target;
  };
  return std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    const auto& slaves = candidate.slaves;
    return is_it(candidate) || std::any_of(slaves.begin(), slaves.end(), is_it);
  });
}

// If a package has a file at the path of an alternative's link, the file stays. dpkg would refuse
// the alternative too. A link that would lie outside of the environment is left out.
std::vector<Alternative> add_alternatives(Tree& tree, const std::vector<Part>& parts,
                                          const std::vector<Candidate>& candidates,
                                          std::vector<Alternative> alternatives) {
  std::erase_if(alternatives, [&](Alternative& alternative) {
    alternative.link = tree.place_of(alternative.link);
    return alternative.link.empty() || is_reserved(alternative.link) ||
           (tree.find(alternative.link) != nullptr &&
            !is_choice_of_fewer(tree, parts, candidates, alternative));
  });
  for (const Alternative& alternative : alternatives) {
    tree.add_link("etc/alternatives/" + alternative.name, "/" + alternative.target);
    tree.add_link(alternative.link, "/etc/alternatives/" + alternative.name);
  }
  return alternatives;
}

// Files in the store have no set-id bits and no capabilities, so sudo cannot do its work.
void note_lost_rights(const Tree& tree, const std::vector<Part>& parts,
                      std::vector<Exposed>& exposed) {
  for (Exposed& directory : exposed) {
    for (Command& command : directory.commands) {
      const Node* file = tree.resolve(command.target.substr(1));
      if (file == nullptr || file->part < 0) continue;
      for (const std::string& dropped : parts[static_cast<std::size_t>(file->part)].dropped) {
        const std::size_t blank = dropped.find(' ');
        if (dropped.substr(blank + 1) == file->path_in_part) {
          command.lost = dropped.substr(0, blank);
        }
      }
    }
  }
}

void add_path_directories(Tree& tree, const std::vector<Exposed>& exposed) {
  for (const Exposed& directory : exposed) {
    const std::string below = directory.directory.substr(1);
    tree.add_directory(below);
    for (const Command& command : directory.commands) {
      tree.add_link(below + "/" + command.name, command.target);
    }
  }
}

// Adds the top-level links of merged-/usr, so that the root is also usable on its own (with
// RootDirectory= or chroot). The launcher does not need them.
void add_top_links(Tree& tree) {
  for (const char* name : {"bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
    if (tree.find(std::string("usr/") + name) != nullptr)
      tree.add_link(name, std::string("usr/") + name);
  }
}

std::vector<Operation> operations_of(const Tree& tree, std::int64_t epoch) {
  std::vector<Operation> operations;
  operations.reserve(tree.nodes().size());
  for (const auto& [path, node] : tree.nodes()) {
    Operation operation;
    operation.path = path;
    operation.entry = node.entry;
    if (node.part < 0 && !node.dated && node.entry.type != Type::directory)
      operation.entry.time = epoch;
    operation.content = node.content;
    switch (node.entry.type) {
      case Type::directory:
        break;
      case Type::link:
        operation.kind = Operation::Kind::link;
        operation.part = node.part;
        operation.path_in_part = node.path_in_part;
        break;
      case Type::file:
        operation.kind = node.part < 0 ? Operation::Kind::file : Operation::Kind::hard_link;
        operation.part = node.part;
        operation.path_in_part = node.path_in_part;
        break;
    }
    operations.push_back(std::move(operation));
  }
  return operations;
}

// The newest time of some of the files.
std::int64_t newest_of(const std::vector<Operation>& operations,
                       const std::vector<std::string>& paths) {
  std::int64_t newest = store::normal_time;
  for (const std::string& path : paths) {
    const auto at = std::lower_bound(
        operations.begin(), operations.end(), path,
        [](const Operation& operation, const std::string& name) { return operation.path < name; });
    if (at != operations.end() && at->path == path) newest = std::max(newest, at->entry.time);
  }
  return newest;
}

// The paths where the units of runners mount their daemon's program. A mount needs an existing
// mount point, and nothing can be created in a published root. Below usr/local no mount point is
// needed, because the unit mounts its own directory there.
std::vector<std::string> program_places(const declare::Declaration& declaration) {
  std::vector<std::string> places;
  for (const auto& [name, runner] : declaration.runners) {
    const std::string& program = runner.program;
    if (program.starts_with("/usr/") && !program.starts_with("/usr/local/")) {
      places.push_back(program.substr(1));
    }
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return places;
}

void add_places(Tree& tree, const std::vector<std::string>& programs) {
  tree.add_directory("usr/local");
  for (const std::string& path : programs) {
    if (tree.find(path) == nullptr && tree.lies_below_directories(path)) tree.add_file(path);
  }
}

void ask(std::string& text, std::string_view key, std::string_view value) {
  text.append(key).append(" ").append(value).append("\n");
}

// The packages whose commands a tool has, and those whose scripts are run.
void ask_npm(std::string& text, const declare::NpmPackage& npm, const lock::Lock& lock,
             const std::string& tool) {
  for (const std::string& name : npm.scripts) ask(text, "script", name);
  if (npm.lock.text.empty()) return;
  ask(text, "project", npm.lock.text);
  for (const source::Package& package : lock.packages) {
    const auto& reasons = package.because;
    if (package.origin == source::Origin::npm &&
        std::find(reasons.begin(), reasons.end(), "tool " + tool) != reasons.end()) {
      ask(text, "direct", package.name);
    }
  }
}

void ask_tool(std::string& text, const declare::Declaration& declaration, const lock::Lock& lock,
              const std::string& tool) {
  ask(text, "tool", tool);
  const declare::PackageRule* rule = declaration.rule(tool);
  if (rule == nullptr) return;
  if (const auto package = declaration.debian_package(tool)) ask(text, "package", *package);
  if (std::holds_alternative<declare::PypiPackage>(rule->from)) {
    ask(text, "pypi", declaration.tool_packages(tool).front());
  }
  if (const auto* npm = std::get_if<declare::NpmPackage>(&rule->from)) {
    ask(text, "npm", declaration.tool_packages(tool).front());
    ask_npm(text, *npm, lock, tool);
  }
  if (!rule->commands) return;
  ask(text, "commands", std::to_string(rule->commands->size()));
  for (const declare::CommandRule& command : *rule->commands) {
    ask(text, command.name, command.path);
  }
}

}  // namespace

store::Address address_of(const declare::Declaration& declaration, const lock::Lock& lock,
                          const std::string& set) {
  const declare::Host* host = host_of(declaration, set);
  std::string text = "environment " + std::to_string(finishing_version) + "\n";
  ask(text, "start", base::sha256(start_program()).hex());
  bool wheels = false;
  bool npm = false;
  for (const source::Package& package : lock.closure(host != nullptr ? set : "shared")) {
    text.append("package ").append(package.name).append(" ").append(package.version);
    text.append(" ").append(package.sha256);
    // What a package may replace depends on the archive that it comes from.
    if (!package.source.empty()) text.append(" of ").append(package.source);
    text.append(package.essential ? " essential\n" : "\n");
    wheels = wheels || package.origin == source::Origin::pypi;
    npm = npm || package.origin == source::Origin::npm;
  }
  if (wheels) ask(text, "bytecode", "1");
  if (npm) ask(text, "npm", std::to_string(npm_version));
  for (const declare::Name& tool : declaration.tools) ask_tool(text, declaration, lock, tool.text);
  if (host != nullptr) {
    for (const declare::Name& tool : host->extra_tools)
      ask_tool(text, declaration, lock, tool.text);
  }
  for (const declare::Name& module : declaration.python) {
    ask(text, "python", declaration.module_packages(module.text).front());
  }
  for (const std::string& file : declaration.host_files) ask(text, "host", file);
  for (const declare::Name& name : declaration.library_packages) {
    ask(text, "documentation", name.text);
  }
  for (const declare::Name& name : declaration.browsers) {
    ask(text, "browser", name.text + " " + std::to_string(browsers_version));
  }
  for (const declare::CertificateFile& file : declaration.certificates) {
    ask(text, "certificates", file.path.text + " " + base::sha256(file.pem).hex());
  }
  for (const auto& [name, value] : declaration.variables) ask(text, "variable " + name, value);
  if (host == nullptr) {
    for (const std::string& place : program_places(declaration)) ask(text, "place", place);
  }
  // Hosts with the same extra tools share one object, so the label is not the name of a host.
  return store::address(store::Kind::environment, host != nullptr ? "extras" : "shared", text);
}

namespace {

// What every root has, with or without a declaration.
// Links to files in /lib32 or /libx32, as the loader of 32-bit programs is one: the directory '/'
// is the host's, which has these only if its own packages need them. All hosts have the others.
void point_into_usr(Tree& tree) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [path, node] : tree.nodes()) {
    const std::string& target = node.entry.target;
    const bool lost = target.starts_with("/lib32/") || target.starts_with("/libx32/");
    if (node.entry.type == Type::link && lost) found.emplace_back(path, "/usr" + target);
  }
  for (const auto& [path, target] : found) tree.add_link(path, target);
}

struct Grounds {
  Tree tree;
  std::vector<Candidate> candidates;
  std::vector<Alternative> alternatives;
  std::map<std::string, std::vector<std::string>> configured;
};

// `run`: the packages whose scripts are about to run in this root.
base::Result<Grounds> lay_grounds(const std::vector<Part>& parts, Extent extent,
                                  const std::set<std::string>& run, Plan& plan) {
  Grounds grounds;
  CCCI_TRY(grounds.tree, Tree::merge(parts, extent));
  Tree& tree = grounds.tree;
  grounds.candidates = candidates_of(parts);
  grounds.alternatives = add_alternatives(tree, parts, grounds.candidates,
                                          choose(grounds.candidates, [&](const std::string& path) {
                                            return tree.resolve(path) != nullptr;
                                          }));
  grounds.configured = add_configuration(tree, parts, run);
  plan.php_modules = php_modules(tree, parts);
  add_npm_commands(tree, parts);
  if (!add_shells(tree, parts).empty()) grounds.configured["base-files"].push_back(shells_file);
  add_top_links(tree);
  plan.linker_cache = tree.is_program("usr/sbin/ldconfig");
  if (plan.linker_cache) tree.remove(linker_cache);  // a package's own would be of other libraries
  for (const auto& [path, node] : tree.nodes()) {
    if (path.starts_with(certificate_source) && path.ends_with(".crt") &&
        node.entry.type == Type::file) {
      plan.certificates.push_back(path);
    }
  }
  plan.java_store = !plan.certificates.empty() && tree.find(java_store_directory) != nullptr &&
                    tree.find(java_store_file) == nullptr;
  for (const Part& part : parts) plan.needs.push_back(part.object);
  plan.epoch = newest_time(parts);
  return grounds;
}

}  // namespace

base::Result<Plan> plan_root(const std::vector<Part>& parts, const DpkgPending& pending,
                             const std::vector<OwnFile>& files) {
  Plan plan;
  CCCI_TRY(Grounds grounds, lay_grounds(parts, Extent::whole, pending.unpacked, plan));
  add_dpkg_database(grounds.tree, parts, pending, grounds.candidates);
  for (const OwnFile& file : files) {
    if (file.directory) {
      grounds.tree.add_directory(file.path);
    } else if (grounds.tree.lies_below_directories(file.path)) {
      grounds.tree.add_file(file.path, file.content, file.executable);
    }
  }
  CCCI_CHECK(grounds.tree.require_directories(parts));
  plan.operations = operations_of(grounds.tree, plan.epoch);
  plan.certificates_time = newest_of(plan.operations, plan.certificates);
  return plan;
}

base::Result<Plan> plan(const declare::Declaration& declaration, const lock::Lock& lock,
                        const std::string& set, const std::vector<Part>& parts) {
  const declare::Host* host = host_of(declaration, set);
  Plan plan;
  plan.address = address_of(declaration, lock, set);
  CCCI_TRY(Grounds grounds, lay_grounds(parts, Extent::inside, {}, plan));
  Tree& tree = grounds.tree;
  CCCI_TRY(const std::vector<HouseCertificate> house, house_certificates(declaration));
  add_house_certificates(tree, plan, house);
  add_dpkg_database(tree, parts, {}, grounds.candidates);

  Environment& environment = plan.environment;
  environment.address = plan.address;
  environment.set = host != nullptr ? set : "shared";
  const CommandIndex index(parts, tree, grounds.alternatives);
  CCCI_TRY(environment.exposed, expose(declaration, host, parts, tree, index));
  note_lost_rights(tree, parts, environment.exposed);
  const std::vector<Needs> needs = find_needs(declaration, parts, index, tree, environment.exposed);
  environment.variables = declaration.variables;
  // CommonJS looks there last. ES modules need the file of add_npm_import().
  if (std::string path = node_path(parts); !path.empty()) {
    add_npm_import(tree);
    environment.variables.try_emplace("NODE_PATH", std::move(path));
  }
  if (!declaration.browsers.empty()) add_browsers(tree, parts, environment.variables);
  // The language of who starts a job must not decide its result.
  environment.variables.try_emplace("LANG", "C.UTF-8");
  environment.scripts = list_scripts(parts, grounds.alternatives, grounds.configured);
  add_path_directories(tree, environment.exposed);
  add_needs(tree, environment.exposed, needs);
  add_package_tools(tree, environment.exposed);
  tree.add_directory(enter::empty_directory);
  add_places(tree, host == nullptr ? program_places(declaration) : std::vector<std::string>{});
  add_git_configuration(tree);
  add_python_modules(tree, parts);
  add_host_links(tree, declaration.host_files);
  point_into_usr(tree);
  tree.remove(profile_file);
  tree.add_file(profile_file, profile(environment.exposed));
  if (tree.find(fish_file) != nullptr) {
    tree.remove(fish_file);
    tree.add_file(fish_file, fish_profile(environment.exposed));
  }
  environment.places = places(tree, declaration.host_files);
  tree.add_file(enter::marker_file, plan.address.hash + "\n");
  CCCI_CHECK(tree.require_directories(parts));
  plan.operations = operations_of(tree, plan.epoch);
  plan.certificates_time = newest_of(plan.operations, plan.certificates);
  fill_needs(plan.operations, tree, environment.exposed, needs, parts, index);
  plan.left_out = tree.left_out();
  return plan;
}

}  // namespace ccci::environment
