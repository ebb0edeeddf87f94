// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/exposure.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace ccci::environment {

namespace {

class Exposer {
 public:
  Exposer(const declare::Declaration& declaration, const std::vector<Part>& parts, const Tree& tree,
          const CommandIndex& index)
      : declaration_(declaration), parts_(parts), tree_(tree), index_(index) {}

  std::vector<Exposed> run(const declare::Host* host) {
    for (const declare::Name& tool : declaration_.tools) tool_directory(tool);
    if (host != nullptr) {
      for (const declare::Name& tool : host->extra_tools) tool_directory(tool);
    }
    essential_directory();
    return std::move(exposed_);
  }

  std::vector<base::Error> errors() { return std::move(errors_); }

 private:
  const Part* part(const std::string& package) const { return index_.part(package); }
  const Commands& commands_of(const std::string& package) const {
    return index_.commands_of(package);
  }

  void tool_directory(const declare::Name& tool) {
    const declare::PackageRule* rule = declaration_.rule(tool.text);
    const std::string package = declaration_.debian_package(tool.text).value_or(tool.text);
    Exposed directory;
    directory.tool = tool.text;
    directory.package = package;
    if (const Part* owner = part(package)) directory.version = owner->package.version;
    directory.directory = std::string("/") + path_directory + "/" + tool.text;
    Commands commands =
        rule != nullptr && rule->commands ? declared(tool, *rule, package) : all_of(package);
    if (commands.empty() && !(rule != nullptr && rule->commands)) no_commands(tool, package);
    if (tool.text == "python3") add_python(commands);
    take(directory, std::move(commands));
    exposed_.push_back(std::move(directory));
  }

  void take(Exposed& directory, Commands commands) {
    for (auto& [name, command] : commands) {
      taken_.insert(name);
      directory.commands.push_back(std::move(command));
    }
  }

  Commands all_of(const std::string& package) const {
    Commands all;
    for (const std::string& name : index_.reach(package, Reach::same_source)) {
      const Commands& more = commands_of(name);
      all.insert(more.begin(), more.end());
    }
    return all;
  }

  Commands declared(const declare::Name& tool, const declare::PackageRule& rule,
                    const std::string& package) {
    Commands commands;
    for (const declare::CommandRule& wanted : *rule.commands) {
      Command command{wanted.name, wanted.path, package, {}};
      const bool pinned = std::holds_alternative<declare::PinnedArchive>(rule.from);
      if (pinned) {
        const std::string& path = wanted.path.empty() ? wanted.name : wanted.path;
        command.target = "/" + archive_directory(package) + "/" + path;
      } else if (wanted.path.empty()) {
        command = look_up(package, wanted.name);
      }
      if (command.target.empty() || !tree_.is_program(merged_path(command.target))) {
        errors_.push_back(no_such_command(tool, rule, wanted));
      } else {
        commands.emplace(wanted.name, std::move(command));
      }
    }
    return commands;
  }

  Command look_up(const std::string& package, const std::string& name) const {
    for (const Reach how : {Reach::same_source, Reach::all}) {
      for (const std::string& candidate : index_.reach(package, how)) {
        const Commands& commands = commands_of(candidate);
        const auto found = commands.find(name);
        if (found != commands.end()) return found->second;
      }
    }
    return {name, "", package, {}};
  }

  base::Error no_such_command(const declare::Name& tool, const declare::PackageRule& rule,
                              const declare::CommandRule& wanted) const {
    const std::string package = declaration_.debian_package(tool.text).value_or(tool.text);
    std::vector<std::string> names;
    for (const auto& [name, command] : all_of(package)) names.push_back(name);
    base::Error error = base::fail("environment.no-such-command")
                            .with("tool", tool.text)
                            .with("command", wanted.name)
                            .with("package", package)
                            .at(rule.name.at);
    const std::string likely = base::likely(wanted.name, names);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    if (!wanted.path.empty()) error = std::move(error).with("path", wanted.path);
    return error;
  }

  // For a package that has only dependencies (default-jdk, postgresql), the error lists the
  // dependencies with commands, because the author probably meant one of them.
  void no_commands(const declare::Name& tool, const std::string& package) {
    std::vector<std::string> meant;
    for (const std::string& candidate : index_.reach(package, Reach::all)) {
      const Part* owner = part(candidate);
      if (owner != nullptr && !owner->package.essential && !commands_of(candidate).empty()) {
        meant.push_back(candidate);
      }
      if (meant.size() == 3) break;
    }
    base::Error error = base::fail("environment.no-commands")
                            .with("tool", tool.text)
                            .with("package", package)
                            .at(tool.at);
    if (!meant.empty()) error = std::move(error).with("candidates", base::join(meant, ", "));
    errors_.push_back(std::move(error));
  }

  // Modules have their own commands (pytest). They belong to the one python on PATH.
  void add_python(Commands& commands) const {
    for (const declare::Name& module : declaration_.python) {
      const std::string package = declaration_.python_package(module.text).value_or(module.text);
      const Commands& more = commands_of(package);
      commands.insert(more.begin(), more.end());
    }
  }

  void essential_directory() {
    Commands commands;
    std::set<std::string> virtual_names;
    for (const Part& at : parts_) {
      if (!at.package.essential) continue;
      const Commands& own = commands_of(at.package.name);
      commands.insert(own.begin(), own.end());
      for (const char* field : {"Pre-Depends", "Depends"}) {
        for (std::string& name : at.names_in(field)) {
          if (part(name) == nullptr) virtual_names.insert(std::move(name));
        }
      }
    }
    for (const Part& at : parts_) {
      for (const std::string& name : at.package.provides) {
        const Commands& own = commands_of(at.package.name);
        const auto found = own.find(name);
        if (virtual_names.contains(name) && found != own.end()) commands.insert(*found);
      }
    }
    // The directories of declared tools come first on PATH, so a second link is not needed.
    std::erase_if(commands, [&](const auto& item) { return taken_.contains(item.first); });
    Exposed directory;
    directory.tool = "essential";
    directory.directory = "/usr/lib/cc-ci/essential";  // not below path/: a tool may have any name
    take(directory, std::move(commands));
    exposed_.push_back(std::move(directory));
  }

  const declare::Declaration& declaration_;
  const std::vector<Part>& parts_;
  const Tree& tree_;
  const CommandIndex& index_;
  std::set<std::string> taken_;
  std::vector<Exposed> exposed_;
  std::vector<base::Error> errors_;
};

}  // namespace

base::Result<std::vector<Exposed>> expose(const declare::Declaration& declaration,
                                          const declare::Host* host, const std::vector<Part>& parts,
                                          const Tree& tree, const CommandIndex& index) {
  Exposer exposer(declaration, parts, tree, index);
  std::vector<Exposed> exposed = exposer.run(host);
  std::vector<base::Error> errors = exposer.errors();
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return exposed;
}

}  // namespace ccci::environment
