// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/needs.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "store/env_scripts.hpp"

namespace ccci::environment {

namespace {

std::set<std::string, std::less<>> names_on_path(const std::vector<Exposed>& exposed) {
  std::set<std::string, std::less<>> names;
  for (const Exposed& directory : exposed) {
    for (const Command& command : directory.commands) names.insert(command.name);
  }
  return names;
}

bool in_program_directory(std::string_view path) {
  return std::any_of(program_directories.begin(), program_directories.end(),
                     [&](std::string_view directory) { return path.starts_with(directory); });
}

// java: the link leads through /etc/alternatives to a program in a directory of its own.
bool shows_its_place(const Tree& tree, const std::string& target) {
  const std::string path = merged_path(target);
  const Node* link = tree.find(path);
  const Node* program = tree.resolve(path);
  return link != nullptr && program != nullptr &&
         link->entry.target.starts_with("/etc/alternatives/") &&
         !in_program_directory(program->entry.path);
}

std::string first_line(const Command& command) {
  return std::string("#!/") + start_file + " " + command.needs + " " + command.target;
}

class Finder {
 public:
  Finder(const declare::Declaration& declaration, const std::vector<Part>& parts,
         const CommandIndex& index, const Tree& tree, std::vector<Exposed>& exposed)
      : declaration_(declaration),
        parts_(parts),
        index_(index),
        tree_(tree),
        exposed_(exposed),
        on_path_(names_on_path(exposed)) {}

  std::vector<Needs> run() {
    for (Exposed& directory : exposed_) {
      if (directory.package.empty()) continue;  // the directory of Essential packages
      const std::vector<std::string> own = index_.reach(directory.package, Reach::same_source);
      for (Command& command : directory.commands) {
        // Modules of python, and commands that a rule takes from a dependency, have the needs of
        // their own package.
        const bool is_own = std::find(own.begin(), own.end(), command.package) != own.end();
        command.needs = is_own ? directory.package : command.package;
        if (!has_needs(directory, command)) command.needs.clear();
      }
    }
    for (const Part& part : parts_) {
      if (!part.scripts.empty() && !part.package.essential) needs_of(part.package.name);
    }
    std::vector<Needs> all;
    for (auto& [package, commands] : needs_) {
      if (!commands.empty()) all.push_back({package, std::move(commands)});
    }
    return all;
  }

 private:
  bool has_needs(const Exposed& directory, const Command& command) {
    const Part* part = index_.part(command.needs);
    if (part == nullptr || part->package.essential ||
        part->package.origin != source::Origin::debian) {
      return false;
    }
    return !is_renamed(directory.tool, command.name) && !shows_its_place(tree_, command.target) &&
           command.target.find(' ') == std::string::npos &&
           first_line(command).size() + std::string_view(" perl").size() + 1 <
               store::longest_first_line &&
           !needs_of(command.needs).empty();
  }

  bool is_renamed(const std::string& tool, const std::string& name) const {
    const declare::PackageRule* rule = declaration_.rule(tool);
    if (rule == nullptr || !rule->commands) return false;
    return std::any_of(
        rule->commands->begin(), rule->commands->end(),
        [&](const declare::CommandRule& one) { return one.name == name && !one.path.empty(); });
  }

  // "python3.11" is python3 itself, so nobody needs it. Without this, PATH would grow in every job
  // of python.
  static std::string_view without_version(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    const bool number = dot != std::string_view::npos && dot + 1 < name.size() &&
                        name.find_first_not_of("0123456789", dot + 1) == std::string_view::npos;
    return number ? name.substr(0, dot) : name;
  }

  const Commands& needs_of(const std::string& package) {
    const auto [at, first] = needs_.try_emplace(package);
    if (!first) return at->second;
    for (const std::string& user : users_of(package)) {
      for (const std::string& reached : index_.reach(user, Reach::programs)) {
        for (const auto& [name, command] : index_.commands_of(reached)) {
          if (on_path_.contains(name) || on_path_.contains(without_version(name))) continue;
          at->second.emplace(name, command);
        }
      }
    }
    return at->second;
  }

  // The package, and the declared packages of its source that depend on it. g-ir-scanner calls
  // pkg-config, and only the -dev package of its source depends on that.
  std::vector<std::string> users_of(const std::string& package) const {
    std::vector<std::string> users{package};
    const Part* own = index_.part(package);
    for (const Part& part : parts_) {
      if (own == nullptr || &part == own || !part.is_declared() ||
          part.package.source_package != own->package.source_package) {
        continue;
      }
      const std::vector<std::string> reached = index_.reach(part.package.name, Reach::same_source);
      if (std::find(reached.begin(), reached.end(), package) != reached.end()) {
        users.push_back(part.package.name);
      }
    }
    return users;
  }

  const declare::Declaration& declaration_;
  const std::vector<Part>& parts_;
  const CommandIndex& index_;
  const Tree& tree_;
  std::vector<Exposed>& exposed_;
  std::set<std::string, std::less<>> on_path_;
  std::map<std::string, Commands> needs_;  // by package
};

// Gives scripts of packages the path of the interpreter that env would not find on PATH.
class ScriptLines {
 public:
  ScriptLines(const std::vector<Exposed>& exposed, const std::vector<Needs>& needs,
              const std::vector<Part>& parts, const CommandIndex& index)
      : index_(index), on_path_(names_on_path(exposed)) {
    for (const Part& part : parts) {
      auto& lines = lines_.emplace_back();
      add_scripts(part, needs, lines);
      for (const store::EnvScript& script : part.env_scripts) {
        std::string line = line_for(part.package.name, script.line);
        if (!line.empty()) lines.emplace(script.path, std::move(line));
      }
    }
  }

  void change(Operation& operation) const {
    const auto& lines = lines_[static_cast<std::size_t>(operation.part)];
    const auto line = lines.find(operation.path_in_part);
    if (line == lines.end()) return;
    operation.kind = Operation::Kind::script;
    operation.content = line->second;
  }

 private:
  static void add_scripts(const Part& part, const std::vector<Needs>& needs,
                          std::map<std::string, std::string>& lines) {
    const auto own = std::find_if(needs.begin(), needs.end(), [&](const Needs& one) {
      return one.package == part.package.name;
    });
    if (own == needs.end()) return;
    for (const auto& [path, text] : part.scripts) {
      if (auto line = script_line(text, *own)) lines.emplace(path, *std::move(line));
    }
  }

  std::string line_for(const std::string& package, const std::string& line) {
    const std::optional<EnvCall> call = read_env_call(line);
    if (!call || on_path_.contains(call->program)) return {};
    for (const std::string& reached : index_.reach(package, Reach::programs)) {
      const Commands& commands = index_.commands_of(reached);
      const auto found = commands.find(call->program);
      if (found == commands.end()) continue;
      std::string changed = with_path(*call, found->second.target);
      return changed.size() + 1 < store::longest_first_line ? changed : std::string();
    }
    return {};
  }

  const CommandIndex& index_;
  std::set<std::string, std::less<>> on_path_;
  std::vector<std::map<std::string, std::string>> lines_;  // by part: path in the part, new line
};

}  // namespace

std::vector<Needs> find_needs(const declare::Declaration& declaration,
                              const std::vector<Part>& parts, const CommandIndex& index,
                              const Tree& tree, std::vector<Exposed>& exposed) {
  return Finder(declaration, parts, index, tree, exposed).run();
}

void add_needs(Tree& tree, const std::vector<Exposed>& exposed, const std::vector<Needs>& needs) {
  if (needs.empty()) return;
  tree.add_file(start_file, {}, true);
  for (const Needs& one : needs) {
    const std::string directory = std::string(needs_directory) + "/" + one.package + "/";
    for (const auto& [name, command] : one.commands) {
      tree.add_link(directory + name, command.target);
    }
  }
  for (const Exposed& directory : exposed) {
    for (const Command& command : directory.commands) {
      if (!command.needs.empty()) {
        tree.add_file(directory.directory.substr(1) + "/" + command.name, {}, true);
      }
    }
  }
}

void fill_needs(std::vector<Operation>& operations, const Tree& tree,
                const std::vector<Exposed>& exposed, const std::vector<Needs>& needs,
                const std::vector<Part>& parts, const CommandIndex& index) {
  std::map<std::string, const Command*> starters;
  for (const Exposed& directory : exposed) {
    for (const Command& command : directory.commands) {
      if (command.needs.empty()) continue;
      starters.emplace(directory.directory.substr(1) + "/" + command.name, &command);
    }
  }
  const ScriptLines lines(exposed, needs, parts, index);
  for (Operation& operation : operations) {
    if (operation.kind == Operation::Kind::hard_link) lines.change(operation);
    if (operation.kind != Operation::Kind::file) continue;
    if (operation.path == start_file) operation.content = start_program();
    const auto starter = starters.find(operation.path);
    if (starter == starters.end()) continue;
    operation.content = first_line(*starter->second);
    // ccache and make see an update of the program by this time.
    const Node* program = tree.resolve(merged_path(starter->second->target));
    if (program == nullptr || program->part < 0) {
      operation.content += "\n";
      continue;
    }
    operation.entry.time = program->entry.time;
    operation.kind = Operation::Kind::starter;
    operation.part = program->part;
    operation.path_in_part = program->path_in_part;
    operation.program = starter->second->target;
    operation.needs = starter->second->needs;
  }
}

std::optional<std::string> script_line(std::string_view text, const Needs& needs) {
  const std::string_view line = base::trim(text.substr(0, text.find('\n')));
  if (!line.starts_with("#!")) return std::nullopt;
  const std::string_view call = base::trim(line.substr(2));
  const std::string_view interpreter = call.substr(0, call.find_first_of(" \t"));
  if (!interpreter.starts_with('/') || interpreter.ends_with("/env")) return std::nullopt;
  const bool calls = std::any_of(
      needs.commands.begin(), needs.commands.end(),
      [&](const auto& command) { return names_word(text.substr(line.size()), command.first); });
  if (!calls) return std::nullopt;
  std::string changed = std::string("#!/") + start_file + " +" + needs.package + " ";
  changed += interpreter;
  const std::string_view option = base::trim(call.substr(interpreter.size()));
  if (!option.empty()) changed.append(" ").append(option);
  if (changed.size() + 1 >= store::longest_first_line) return std::nullopt;
  return changed;
}

std::optional<EnvCall> read_env_call(std::string_view line) {
  constexpr std::string_view blank = " \t";
  const auto next = [&](std::size_t from) {
    const std::size_t begin = line.find_first_not_of(blank, from);
    return begin == std::string_view::npos ? line.size() : begin;
  };
  const auto end_of = [&](std::size_t begin) {
    return std::min(line.find_first_of(blank, begin), line.size());
  };
  if (!line.starts_with("#!")) return std::nullopt;
  std::size_t at = next(end_of(next(2)));
  bool split = false;
  for (const std::string_view option : {"-S", "--split-string="}) {
    if (line.substr(at).starts_with(option)) {
      split = true;
      at = next(at + option.size());
      break;
    }
  }
  const std::size_t first = at;
  while (split && line.substr(at, end_of(at) - at).find('=') != std::string_view::npos) {
    at = next(end_of(at));
  }
  EnvCall call;
  const std::size_t end = end_of(at);
  call.program = line.substr(at, end - at);
  call.after = base::trim(line.substr(end));
  // Without -S, the kernel passes program and arguments as one word, which env does not find.
  const bool plain = split || call.after.empty();
  const bool name = !call.program.empty() && call.program[0] != '-' &&
                    call.program.find_first_of("/\\'\"$") == std::string::npos;
  if (!plain || !name) return std::nullopt;
  if (split && (at != first || call.after.find_first_of(" \t\\'\"$") != std::string::npos)) {
    call.before = line.substr(0, at);
  }
  return call;
}

std::string with_path(const EnvCall& call, std::string_view path) {
  std::string line = call.before.empty() ? "#!" : call.before;
  line += path;
  if (!call.after.empty()) line += " " + call.after;
  return line;
}

}  // namespace ccci::environment
