// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/configuration.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "environment/alternatives.hpp"
#include "environment/script_reader.hpp"

namespace ccci::environment {

namespace {

using Type = store::Entry::Type;

// A word that the script reader could not evaluate still has its '$'.
bool followed(std::string_view word) { return word.find('$') == std::string_view::npos; }

std::vector<Invocation> calls(const Part& part, std::string_view program) {
  const auto script = part.control.find("postinst");
  if (script == part.control.end()) return {};
  return invocations(script->second, program);
}

bool is_file(const Tree& tree, const std::string& path) {
  const Node* node = tree.resolve(path);
  return node != nullptr && node->entry.type == Type::file;
}

// The package's only file below usr/ with that name. Debian sometimes names the original NAME.ucf.
std::string original(const Part& part, const std::string& target) {
  const std::string name = target.substr(target.rfind('/') + 1);
  std::vector<std::string> found;
  for (const store::Entry& entry : part.manifest.entries) {
    if (entry.type != Type::file || !entry.path.starts_with("usr/")) continue;
    const std::string own = entry.path.substr(entry.path.rfind('/') + 1);
    if (own == name || own == name + ".ucf") found.push_back(entry.path);
  }
  return found.size() == 1 ? found.front() : std::string();
}

// Returns the path that was added. Empty if nothing had to be added.
std::string add_one(Tree& tree, const Part& part, const Invocation& call, bool runs) {
  std::vector<std::string> operands;
  for (const std::string& word : call.words) {
    if (!word.starts_with('-')) operands.push_back(word);
  }
  if (operands.size() < 2 || !followed(operands.back())) return {};
  const std::string target = merged_path(operands.back());
  if (!target.starts_with("etc/") || tree.find(target) != nullptr) return {};
  const std::string& given = operands[operands.size() - 2];
  if (runs && !followed(given)) return {};
  const std::string file = followed(given) ? merged_path(given) : original(part, target);
  if (!file.starts_with("usr/") || !is_file(tree, file) || !tree.lies_below_directories(target)) {
    return {};
  }
  tree.add_parents(target);
  tree.add_link(target, "/" + file);
  return target;
}

bool plain(std::string_view word) {
  return !word.empty() && word.front() != '.' &&
         std::all_of(word.begin(), word.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

std::map<std::string, std::vector<std::string>> add_configuration(
    Tree& tree, const std::vector<Part>& parts, const std::set<std::string>& run) {
  std::map<std::string, std::vector<std::string>> added;
  for (const Part& part : parts) {
    const bool runs = run.contains(part.package.name);
    for (const Invocation& call : calls(part, "ucf")) {
      std::string path = add_one(tree, part, call, runs);
      if (!path.empty()) added[part.package.name].push_back(std::move(path));
    }
  }
  return added;
}

std::vector<PhpModule> php_modules(const Tree& tree, const std::vector<Part>& parts) {
  std::vector<PhpModule> modules;
  for (const Part& part : parts) {
    for (const Invocation& call : calls(part, "php_invoke")) {
      const std::vector<std::string>& words = call.words;
      if (words.size() != 4 || words[0] != "enmod") continue;
      if (!std::all_of(words.begin(), words.end(), plain)) continue;
      const std::string top = "etc/php/" + words[1] + "/";
      const std::string file = top + "mods-available/" + words[3] + ".ini";
      if (!is_file(tree, file)) continue;
      for (auto node = tree.nodes().lower_bound(top);
           node != tree.nodes().end() && node->first.starts_with(top); ++node) {
        const std::string_view below = std::string_view(node->first).substr(top.size());
        const std::string_view interface = below.substr(0, below.find('/'));
        if (below != std::string(interface) + "/conf.d") continue;
        if (words[2] != "ALL" && words[2] != interface) continue;
        modules.push_back({file, words[3], node->first});
      }
    }
  }
  const auto place = [](const PhpModule& module) {
    return std::tie(module.directory, module.name);
  };
  std::sort(modules.begin(), modules.end(),
            [&](const PhpModule& a, const PhpModule& b) { return place(a) < place(b); });
  modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
  return modules;
}

std::string php_link_name(const PhpModule& module, std::string_view file) {
  std::string priority = "20";
  for (const std::string_view line : base::split(file, '\n')) {
    constexpr std::string_view key = "; priority=";
    if (!line.starts_with(key)) continue;
    const std::string_view value = base::trim(line.substr(key.size()));
    const bool number = !value.empty() && value.size() <= 3 &&
                        value.find_first_not_of("0123456789") == std::string_view::npos;
    if (number) priority = value;
    break;
  }
  return priority + "-" + module.name + ".ini";
}

}  // namespace ccci::environment
