// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/analysis.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "environment/exposure.hpp"
#include "learn/file_owner.hpp"
#include "learn/opened_files.hpp"
#include "python/diagnosis.hpp"

namespace ccci::learn {

namespace {

constexpr std::string_view python_prefix = "python3-";

struct Place {
  std::string directory;
  std::string name;
};

Place place_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool contains(const std::vector<declare::Name>& names, std::string_view text) {
  return std::any_of(names.begin(), names.end(),
                     [&](const declare::Name& name) { return name.text == text; });
}

// The package's name in the declaration: that of its rule in [packages], if there is one.
std::string declared_name(const declare::Declaration& declaration, const std::string& package,
                          std::string otherwise) {
  for (const auto& [name, rule] : declaration.packages) {
    const auto* debian = std::get_if<declare::DebianPackage>(&rule.from);
    if (debian != nullptr && debian->name == package) return name;
  }
  return otherwise;
}

class Analysis {
 public:
  Analysis(const declare::Declaration& declaration, const Inside& inside, const HostPackages& host,
           const std::vector<std::string>& path_directories, const std::string& project)
      : declaration_(declaration), inside_(inside), host_(host), project_(project), files_(host) {
    directories_.insert(path_directories.begin(), path_directories.end());
    path_ = path_directories;
  }

  Findings run(const Trace& trace) {
    for (const Seen& seen : trace.seen) {
      if (!seen.found) in_vain_.insert(seen.path);
      if (seen.found && seen.act == Act::lookup) looked_up_.insert(seen.path);
    }
    for (const Seen& seen : trace.seen) {
      if (!seen.found || seen.act != Act::exec) continue;
      Seen one = seen;
      one.by_name = one.by_name || searched_for(seen.path);
      executed(one);
    }
    finish_needs();
    for (const Seen& seen : trace.seen) {
      if (seen.found && seen.act == Act::open) opened(seen);
    }
    finish_pip();
    finish_modules();
    files_.finish(findings_);
    finish_absolute();
    for (const auto* names : {&declaration_.tools, &declaration_.python}) {
      for (const declare::Name& name : *names) {
        if (!used_.contains(name.text)) findings_.unused.push_back(name.text);
      }
    }
    return std::move(findings_);
  }

 private:
  // Some programs, for example git, search PATH themselves and then execute the absolute path. This
  // is such a search if every directory before the right one was searched without success.
  bool searched_for(const std::string& path) const {
    const Place place = place_of(path);
    if (!looked_up_.contains(path)) return false;
    for (const std::string& directory : path_) {
      if (directory == place.directory) return true;
      if (!in_vain_.contains(directory + "/" + place.name)) return false;
    }
    return false;
  }

  void executed(const Seen& seen) {
    const Place place = place_of(seen.path);
    const Why why{seen.command, seen.by};
    const std::string* owner = host_.owner(seen.path);
    if (owner == nullptr) return unowned(seen, place, why);
    // A package's internal programs (git's in /usr/lib/git-core) come with the package.
    if (!is_program_directory(place.directory)) return other_file(*owner, seen.path, why);
    if (seen.by_name) {
      by_name_.insert(place.name);
    }
    const std::string tool = inside_.tool_of(place.name, *owner);
    // A command that is on PATH inside may be called by its path too, as in #!/bin/sh.
    if (!seen.by_name && tool.empty()) {
      absolute_.push_back({seen.path, *owner, false, why});
    }
    if (!tool.empty()) {
      used_.insert(tool);
    } else if ((seen.by_name || !inside_.closure.contains(*owner)) &&
               !comes_with_caller(seen.by, *owner)) {
      const std::string* const caller = package_of(seen.by);
      const bool may_come = caller != nullptr && *caller != *owner && brings(*caller, *owner);
      (may_come ? by_caller_ : needed_).push_back({place.name, *owner, why});
    }
  }

  // The package of the program of this command line; nothing for a script of the project.
  const std::string* package_of(const std::string& by) const {
    const std::string word = by.substr(0, by.find(' '));
    const std::string* caller = nullptr;
    if (word.starts_with('/')) {
      caller = host_.owner(word);
    } else {
      for (const std::string_view directory : environment::program_directories) {
        if (caller == nullptr) caller = host_.owner("/" + std::string(directory) + word);
      }
    }
    return caller;
  }

  // Inside, a program of a package finds the commands of the package's dependencies: gcc finds as.
  bool comes_with_caller(const std::string& by, const std::string& owner) const {
    const std::string* const caller = package_of(by);
    return caller != nullptr && inside_.closure.contains(*caller) && brings(*caller, owner);
  }

  bool brings(const std::string& package, const std::string& owner) const {
    const auto facts = host_.packages.find(package);
    const bool essential = facts != host_.packages.end() && facts->second.essential;
    return !essential && host_.closure({package}).contains(owner);
  }

  void unowned(const Seen& seen, const Place& place, const Why& why) {
    // Also if Debian has a command of that name: node_modules/.bin is first on npm's PATH.
    const bool own = seen.path.starts_with(project_ + "/");
    if (own) return;
    const std::string tool = inside_.tool_of(place.name, {});
    // Debian may have the same command: for example, another python3 may come first on PATH.
    const std::string* owner = nullptr;
    if (seen.by_name) {
      by_name_.insert(place.name);
      for (const std::string_view directory : environment::program_directories) {
        if (owner == nullptr) owner = host_.owner("/" + std::string(directory) + place.name);
      }
    }
    const std::string owned_tool = owner == nullptr ? tool : inside_.tool_of(place.name, *owner);
    if (!owned_tool.empty() && seen.by_name) {
      used_.insert(owned_tool);
      return;
    }
    if (owner != nullptr) {
      needed_.push_back({place.name, *owner, why});
      return;
    }
    // A program found by a PATH that another program has set belongs to that program.
    const bool installed =
        directories_.contains(place.directory) ||
        (!seen.by_name && (seen.path.starts_with("/usr/local/") || seen.path.starts_with("/opt/") ||
                           seen.path.starts_with("/snap/")));
    if (!installed) return;
    const auto same = [&](const Outside& one) { return one.path == seen.path; };
    if (std::any_of(findings_.outside.begin(), findings_.outside.end(), same)) return;
    findings_.outside.push_back({place.name, seen.path, {}, why});
  }

  // What only programs call that are proposed themselves comes with them: as and ld with gcc.
  void finish_needs() {
    std::set<std::string> proposed;
    for (const Call& call : needed_) {
      need(call.command, call.owner, call.why);
      proposed.insert(call.owner);
    }
    proposed = host_.closure(proposed);
    for (const Call& call : by_caller_) {
      const std::string& caller = *package_of(call.why.by);
      if (proposed.contains(caller) || inside_.closure.contains(caller)) continue;
      need(call.command, call.owner, call.why);
    }
  }

  void need(const std::string& command, const std::string& owner, const Why& why) {
    // The program python3 is in the package python3-minimal. If a package of the same source has
    // the command's name, propose that one.
    std::string package = owner;
    const auto named = host_.packages.find(command);
    const auto facts = host_.packages.find(owner);
    if (named != host_.packages.end() && facts != host_.packages.end() &&
        named->second.source == facts->second.source) {
      package = command;
    }
    const bool python = package.starts_with(python_prefix) && package.size() > 8;
    const std::string name = declared_name(declaration_, package,
                                           python ? package.substr(python_prefix.size()) : package);
    if (contains(declaration_.tools, name) || contains(declaration_.python, name)) {
      used_.insert(name);
      const Hidden hidden{command, name, why};
      const auto same = [&](const Hidden& one) {
        return one.command == command && one.tool == name;
      };
      const auto& all = findings_.hidden;
      if (std::none_of(all.begin(), all.end(), same)) findings_.hidden.push_back(hidden);
      return;
    }
    add_need({python, name, package, {command}, why});
  }

  void add_need(Need need) {
    const auto same = std::find_if(
        findings_.needs.begin(), findings_.needs.end(),
        [&](const Need& one) { return one.python == need.python && one.name == need.name; });
    if (same == findings_.needs.end()) {
      findings_.needs.push_back(std::move(need));
      return;
    }
    auto& commands = same->commands;
    commands.insert(commands.end(), need.commands.begin(), need.commands.end());
    std::sort(commands.begin(), commands.end());
    commands.erase(std::unique(commands.begin(), commands.end()), commands.end());
  }

  void opened(const Seen& seen) {
    const std::string* owner = host_.owner(seen.path);
    // No package owns this file, because the installation of ca-certificates makes it.
    static const std::string certificates = "ca-certificates";
    if (owner == nullptr && seen.path == "/etc/ssl/certs/ca-certificates.crt") {
      owner = &certificates;
    }
    if (owner == nullptr) {
      installed_by_npm(seen);
      return installed_module(seen);
    }
    const bool module = is_module_file(seen.path) && owner->starts_with(python_prefix);
    if (!module) {
      // Ignore the start-up hooks: no command needs them.
      if (!seen.path.starts_with(python_directory)) {
        other_file(*owner, seen.path, {seen.command, seen.by});
      }
      return;
    }
    for (const declare::Name& name : declaration_.python) {
      if (declaration_.python_package(name.text) == *owner) used_.insert(name.text);
    }
    if (!inside_.closure.contains(*owner)) {
      modules_.emplace(*owner, Why{seen.command, seen.by});
    }
  }

  // A module that pip has installed, on this machine or in a virtual environment.
  void installed_module(const Seen& seen) {
    const std::string module = module_of_pip(seen.path);
    if (module.empty() || seen.path.starts_with(project_ + "/")) return;
    std::string lower = module;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const auto known = python::known_projects().find(lower);
    std::string name = host_.pip.project_of(seen.path);
    if (name.empty() && known != python::known_projects().end()) name = known->second;
    const bool elsewhere = host_.pip.elsewhere.contains(name);
    if (name.empty()) name = declared_as(module);
    const std::string package = declare::pypi_package(name);
    for (const declare::Name& one : declaration_.python) {
      for (const std::string& locked : declaration_.module_packages(one.text)) {
        if (locked == package) used_.insert(one.text);
      }
    }
    if (inside_.closure.contains(package)) return;
    if (elsewhere || name.empty()) return unknown_module(module, seen);
    const std::string plain = package.substr(package.find(':') + 1);
    if (pip_.emplace(plain, Why{seen.command, seen.by}).second) pip_order_.push_back(plain);
  }

  // The project of the same name, if it is declared already.
  std::string declared_as(const std::string& module) const {
    std::string name = module;
    for (char& c : name) c = c == '_' ? '-' : c;
    const std::string package = declare::pypi_package(name);
    bool known = inside_.closure.contains(package);
    for (const declare::Name& one : declaration_.python) {
      for (const std::string& locked : declaration_.module_packages(one.text))
        known = known || locked == package;
    }
    return known ? name : std::string();
  }

  void unknown_module(const std::string& module, const Seen& seen) {
    auto& all = findings_.unknown_modules;
    const auto same = [&](const UnknownModule& one) { return one.name == module; };
    if (std::none_of(all.begin(), all.end(), same))
      all.push_back({module, seen.path, {seen.command, seen.by}});
  }

  // Proposes only projects that no other proposed one needs: certifi comes with requests.
  void finish_pip() {
    std::set<std::string> kept(pip_order_.begin(), pip_order_.end());
    for (const std::string& project : pip_order_) {
      for (const std::string& other : kept) {
        if (other == project || !host_.pip.closure({other}).contains(project)) continue;
        kept.erase(project);
        break;
      }
    }
    for (const std::string& project : pip_order_) {
      if (kept.contains(project))
        add_need({true, project, declare::pypi_package(project), {}, pip_.at(project)});
    }
  }

  // A module that npm has installed for all users of this machine.
  void installed_by_npm(const Seen& seen) {
    const std::string name = package_of_npm(seen.path);
    // npm's own parts are npm's.
    if (name.empty() || name == "npm" || name == "corepack" ||
        seen.path.starts_with(project_ + "/")) {
      return;
    }
    const std::string package = "npm:" + name;
    if (inside_.closure.contains(package)) return;
    auto& all = findings_.npm_modules;
    const auto same = [&](const Need& one) { return one.package == package; };
    if (std::any_of(all.begin(), all.end(), same)) return;
    all.push_back({false, name, package, {}, {seen.command, seen.by}});
  }

  void other_file(const std::string& owner, const std::string& path, const Why& why) {
    if (!inside_.closure.contains(owner)) files_.add(owner, path, why);
  }

  // Proposes only modules that are not a dependency of another module or of a proposed tool.
  void finish_modules() {
    std::set<std::string> tools;
    for (const Need& need : findings_.needs) tools.insert(need.package);
    const std::set<std::string> brought = host_.closure(tools);
    std::vector<std::string> left;
    for (const auto& [package, why] : modules_) {
      if (!brought.contains(package)) left.push_back(package);
    }
    std::set<std::string> kept(left.begin(), left.end());
    for (const std::string& package : left) {
      for (const std::string& other : kept) {
        if (other == package || !host_.closure({other}).contains(package)) continue;
        kept.erase(package);
        break;
      }
    }
    for (const std::string& package : kept) {
      std::string name = declared_name(declaration_, package, package.substr(python_prefix.size()));
      add_need({true, std::move(name), package, {}, modules_.at(package)});
    }
    add_interpreter();
  }

  // Modules need the tool python3, even if only their own commands were executed.
  void add_interpreter() {
    const std::vector<Need>& needs = findings_.needs;
    const auto module =
        std::find_if(needs.begin(), needs.end(), [](const Need& one) { return one.python; });
    const bool there = contains(declaration_.tools, "python3") ||
                       std::any_of(needs.begin(), needs.end(), [](const Need& one) {
                         return !one.python && one.name == "python3";
                       });
    if (module != needs.end() && !there) add_need({false, "python3", "python3", {}, module->why});
  }

  void finish_absolute() {
    for (Absolute& one : absolute_) {
      if (by_name_.contains(place_of(one.path).name)) continue;
      one.inside = inside_.closure.contains(one.package);
      findings_.absolute.push_back(std::move(one));
    }
  }

  const declare::Declaration& declaration_;
  const Inside& inside_;
  const HostPackages& host_;
  const std::string& project_;
  std::set<std::string> directories_;
  std::vector<std::string> path_;
  std::set<std::string> looked_up_;
  std::set<std::string> in_vain_;
  Findings findings_;
  std::set<std::string, std::less<>> used_;
  std::set<std::string> by_name_;
  struct Call {
    std::string command;
    std::string owner;
    Why why;
  };
  std::vector<Call> needed_;
  std::vector<Call> by_caller_;  // by a program that brings the owner
  std::vector<Absolute> absolute_;
  std::map<std::string, Why> modules_;
  std::map<std::string, Why> pip_;      // projects of pip
  std::vector<std::string> pip_order_;  // the same, in the order of their first use
  OpenedFiles files_;
};

}  // namespace

Findings analyse(const declare::Declaration& declaration, const Inside& inside,
                 const HostPackages& host, const Trace& trace,
                 const std::vector<std::string>& path_directories, const std::string& project) {
  Analysis analysis(declaration, inside, host, path_directories, project);
  Findings findings = analysis.run(trace);
  findings.missing = missing_commands(trace, path_directories, host);
  return findings;
}

}  // namespace ccci::learn
