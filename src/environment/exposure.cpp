// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/exposure.hpp"

#include <algorithm>
#include <array>
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

  // The one of the names that is in the root. If two are, the index supplies what Debian has in a
  // version that does not fit, and Python finds the module of the index first.
  std::string locked(const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
      const Part* owner = part(name);
      if (owner != nullptr && owner->package.origin == source::Origin::pypi) return name;
    }
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& name) { return part(name) != nullptr; });
    return found == names.end() ? names.front() : *found;
  }

  void tool_directory(const declare::Name& tool) {
    const declare::PackageRule* rule = declaration_.rule(tool.text);
    const std::string package = locked(declaration_.tool_packages(tool.text));
    Exposed directory;
    directory.tool = tool.text;
    directory.package = stands_for_lock(tool.text) ? lock_of(tool.text) : package;
    if (const Part* owner = part(package)) directory.version = owner->package.version;
    directory.directory = std::string("/") + path_directory + "/" + tool.text;
    Commands commands = rule != nullptr && rule->commands ? declared(tool, *rule, package)
                        : stands_for_lock(tool.text)      ? of_lock(tool.text)
                                                          : all_or_program(tool.text, package);
    if (commands.empty() && !(rule != nullptr && rule->commands)) no_commands(tool, package);
    if (tool.text == "python3") add_python(commands);
    take(directory, std::move(commands));
    exposed_.push_back(std::move(directory));
  }

  // The project's lock of npm that the tool comes from. Empty if it comes from elsewhere.
  std::string lock_of(const std::string& tool) const {
    const declare::PackageRule* rule = declaration_.rule(tool);
    const auto* npm = rule == nullptr ? nullptr : std::get_if<declare::NpmPackage>(&rule->from);
    return npm == nullptr ? std::string() : npm->lock.text;
  }

  // A tool with the name of no package in its lock stands for all that the project depends on.
  bool stands_for_lock(const std::string& tool) const {
    return !lock_of(tool).empty() && part(declaration_.tool_packages(tool).front()) == nullptr;
  }

  Commands of_lock(const std::string& tool) const {
    Commands all;
    for (const Part& at : parts_) {
      const auto& reasons = at.package.because;
      if (at.generated || at.package.origin != source::Origin::npm ||
          std::find(reasons.begin(), reasons.end(), "tool " + tool) == reasons.end()) {
        continue;
      }
      const Commands& more = commands_of(at.package.name);
      all.insert(more.begin(), more.end());
    }
    return all;
  }

  // A pinned program without `commands` is the command of the tool's name.
  Commands all_or_program(const std::string& tool, const std::string& package) const {
    const Part* owner = part(package);
    if (owner == nullptr || !is_program(*owner)) return all_of(package);
    const std::string target = "/" + archive_directory(package) + "/" + package;
    return {{tool, Command{tool, target, package, {}}}};
  }

  // Whether the pinned archive is a program itself. It then has the package's name.
  static bool is_program(const Part& owner) {
    const auto& entries = owner.manifest.entries;
    return owner.package.origin == source::Origin::archive && entries.size() == 1 &&
           entries[0].type == store::Entry::Type::file && entries[0].path == owner.package.name;
  }

  // The path within a pinned archive. A program may also be called by the name of its file.
  std::string pinned_path(const Part* owner, const std::string& path) const {
    if (owner == nullptr || !is_program(*owner)) return path;
    const std::string& uri = owner->package.uri;
    const std::string file = uri.substr(uri.rfind('/') + 1);
    return path == file ? owner->package.name : path;
  }

  void take(Exposed& directory, Commands commands) {
    for (auto& [name, command] : commands) {
      taken_.insert(name);
      directory.commands.push_back(std::move(command));
    }
  }

  Commands all_of(const std::string& package) const {
    Commands all;
    std::set<std::string> seen;
    add_all_of(package, all, seen);
    if (!all.empty()) {
      add_namesake(package, all, seen);
      return all;
    }
    // postgresql-client stands for a version whose programs lie elsewhere. The commands that start
    // them are in another package of its own source.
    const Part* owner = part(package);
    if (owner == nullptr) return all;
    if (!is_metapackage(*owner)) {
      add_version_of(*owner, all, seen);
      return all;
    }
    for (const std::string& name : index_.reach(package, Reach::all)) {
      const Part* one = part(name);
      if (one == nullptr || one->package.source_package != owner->package.source_package) continue;
      const Commands& more = commands_of(name);
      all.insert(more.begin(), more.end());
    }
    return all;
  }

  // gnat has a file for other packages, and stands for gnat-12.
  void add_version_of(const Part& owner, Commands& all, std::set<std::string>& seen) const {
    const auto& entries = owner.manifest.entries;
    if (std::any_of(entries.begin(), entries.end(),
                    [](const store::Entry& entry) { return entry.executable; })) {
      return;
    }
    for (const std::string& name : owner.package.depends) {
      if (!name.starts_with(owner.package.name) || part(name) == nullptr) continue;
      std::string_view version = std::string_view(name).substr(owner.package.name.size());
      if (version.starts_with('-')) version.remove_prefix(1);
      if (version.empty() || version.find_first_not_of("0123456789.") != version.npos) continue;
      add_all_of(name, all, seen);
    }
  }

  // The command of the package's own name may be in a package that it depends on: ansible has only
  // ansible-community, and ansible-core has ansible, ansible-playbook and the others.
  void add_namesake(const std::string& package, Commands& all, std::set<std::string>& seen) const {
    const Part* owner = part(package);
    if (owner == nullptr || all.contains(package)) return;
    for (const std::string& name : owner->package.depends) {
      const Part* next = part(name);
      if (next == nullptr || next->package.essential || !commands_of(name).contains(package))
        continue;
      add_all_of(name, all, seen);
    }
  }

  // A metapackage brings the commands of the packages that it stands for.
  void add_all_of(const std::string& package, Commands& all, std::set<std::string>& seen) const {
    if (!seen.insert(package).second) return;
    for (const std::string& name : index_.reach(package, Reach::same_source)) {
      const Commands& more = commands_of(name);
      all.insert(more.begin(), more.end());
    }
    const Part* owner = part(package);
    if (owner == nullptr || !is_metapackage(*owner)) return;
    for (const std::string& name : owner->package.depends) {
      const Part* next = part(name);
      if (next != nullptr && !next->package.essential) add_all_of(name, all, seen);
    }
  }

  // Whether the package has no files but documentation, so that only its dependencies are of use. A
  // package that depends on several with commands may have short lists of its own too:
  // build-essential has them in /usr/share/build-essential. Otherwise such files are data.
  bool is_metapackage(const Part& owner) const {
    constexpr std::uint64_t most_lists = 64U << 10U;  // bytes of all of them
    if (!commands_of(owner.package.name).empty()) return false;
    const std::string own = "usr/share/" + owner.package.name + "/";
    std::uint64_t lists = 0;
    bool has_lists = false;
    for (const store::Entry& entry : owner.manifest.entries) {
      if (entry.type != store::Entry::Type::file) continue;
      const bool documents = describes_its_package(entry.path);
      if (entry.executable || (!documents && !entry.path.starts_with(own))) return false;
      if (documents) continue;
      has_lists = true;
      lists += entry.size;
    }
    return !has_lists || (lists <= most_lists && depends_on_several(owner));
  }

  bool depends_on_several(const Part& owner) const {
    const auto& names = owner.package.depends;
    const auto count = std::count_if(names.begin(), names.end(), [&](const std::string& name) {
      const Part* next = part(name);
      return next != nullptr && !next->package.essential && !commands_of(name).empty();
    });
    return count > 1;
  }

  Commands declared(const declare::Name& tool, const declare::PackageRule& rule,
                    const std::string& package) {
    Commands commands;
    for (const declare::CommandRule& wanted : *rule.commands) {
      Command command{wanted.name, wanted.path, package, {}};
      const bool pinned = std::holds_alternative<declare::PinnedArchive>(rule.from);
      if (pinned) {
        const std::string& path = wanted.path.empty() ? wanted.name : wanted.path;
        command.target = "/" + archive_directory(package) + "/" + pinned_path(part(package), path);
      } else if (stands_for_lock(tool.text)) {
        const Commands all = of_lock(tool.text);
        const auto found = all.find(wanted.name);
        if (found != all.end()) command = found->second;
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
    const std::string package = locked(declaration_.tool_packages(tool.text));
    std::vector<std::string> names;
    const Commands all = stands_for_lock(tool.text) ? of_lock(tool.text) : all_of(package);
    for (const auto& [name, command] : all) names.push_back(name);
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

  // For an archive, the error names its programs. For a package that has only dependencies
  // (postgresql), it names those with commands, because the author probably meant one of them.
  void no_commands(const declare::Name& tool, const std::string& package) {
    constexpr std::size_t most = 5;
    base::Error error = base::fail("environment.no-commands")
                            .with("tool", tool.text)
                            .with("package", package)
                            .at(tool.at);
    std::vector<std::string> meant;
    const Part* owner = part(package);
    const bool pinned = owner != nullptr && owner->package.origin == source::Origin::archive;
    if (pinned) {
      for (const store::Entry& entry : owner->manifest.entries) {
        if (meant.size() < most && entry.executable) meant.push_back(entry.path);
      }
      if (!meant.empty()) error = std::move(error).with("programs", base::join(meant, ", "));
      error = std::move(error).with("example", meant.empty() ? "PATH" : meant.front());
    } else {
      for (const std::string& candidate : index_.reach(package, Reach::all)) {
        const Part* reached = part(candidate);
        if (meant.size() < most && reached != nullptr && !reached->package.essential &&
            !commands_of(candidate).empty()) {
          meant.push_back(candidate);
        }
      }
      if (!meant.empty()) error = std::move(error).with("candidates", base::join(meant, ", "));
    }
    errors_.push_back(std::move(error));
  }

  // Modules have their own commands (pytest). They belong to the one python on PATH.
  void add_python(Commands& commands) const {
    for (const declare::Name& module : declaration_.python) {
      const Commands& more = commands_of(locked(declaration_.module_packages(module.text)));
      commands.insert(more.begin(), more.end());
    }
    // What the requirements name is declared too.
    for (const Part& at : parts_) {
      const auto& reasons = at.package.because;
      const bool required = std::any_of(
          reasons.begin(), reasons.end(),
          [](const std::string& reason) { return reason.starts_with("requirements "); });
      if (!required) continue;
      const Commands& more = commands_of(at.package.name);
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
