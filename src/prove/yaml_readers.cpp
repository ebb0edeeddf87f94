// SPDX-License-Identifier: GPL-3.0-or-later
// Reads CI workflows (their scripts and setup steps) and Ansible's package tasks.
#include <map>

#include "base/text.hpp"
#include "prove/installers.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"
#include "prove/shell_lexer.hpp"
#include "prove/yaml.hpp"

namespace ccci::prove {

namespace {

using Type = YamlNode::Type;

constexpr std::string_view script_keys =
    "run commands script before_script after_script before_install install";
constexpr std::string_view task_modules =
    "apt package dnf dnf5 yum apk pacman zypper homebrew snap pip npm community.general.apk "
    "community.general.pacman community.general.zypper community.general.homebrew "
    "community.general.snap community.general.npm";

Finding begin(std::string_view path, const Lines& lines, Place at, Kind kind, std::string what) {
  Finding finding;
  finding.file = path;
  finding.line = at.line;
  finding.column = at.column;
  finding.kind = kind;
  finding.what = std::move(what);
  finding.excerpt = lines.excerpt(at.line);
  return finding;
}

class Workflow {
 public:
  Workflow(std::string_view path, const Lines& lines, Reading& reading)
      : path_(path), lines_(lines), reading_(reading) {}

  void walk(const YamlNode& node) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const YamlNode& child = node.children[i];
      if (node.type == Type::mapping) {
        const std::string& key = node.keys[i];
        if (holds(script_keys, key)) scripts(child);
        if (key == "uses") action(child);
        if (key == "env" || key == "environment") environment(child);
      }
      walk(child);
    }
  }

 private:
  // A list of commands is one script, because its steps share their variables.
  void scripts(const YamlNode& node) {
    Snippet script;
    add(node, script);
    for (const YamlNode& child : node.children) add(child, script);
    read_shell_in(script, path_, lines_, reading_);
  }

  void add(const YamlNode& node, Snippet& script) {
    if (node.type != Type::scalar) return;
    const Snippet one = yaml_snippet(node, lines_);
    script.append(one, 0, one.text().size());
    script.add("", node.end);
  }

  // uses: actions/setup-node@v4
  void action(const YamlNode& node) {
    const std::string_view whole = std::string_view(node.text).substr(0, node.text.find('@'));
    std::string_view name = last_part(whole);
    if (!name.starts_with("setup-")) return;
    name.remove_prefix(6);
    if (name.ends_with("-action")) name.remove_suffix(7);
    if (name.empty()) return;
    Finding finding = begin(path_, lines_, node.at, Kind::setup_action, std::string(whole));
    finding.tools.push_back({std::string(name), false, node.at});
    reading_.findings.push_back(std::move(finding));
  }

  void environment(const YamlNode& node) {
    const YamlNode* value = node.find("PATH");
    if (value == nullptr) return;
    const PathSetting setting = path_setting(value->text);
    if (setting.side == Side::none) return;
    Finding finding = begin(path_, lines_, value->at, Kind::path, "PATH");
    finding.side = setting.side;
    finding.directories = setting.directories;
    reading_.findings.push_back(std::move(finding));
  }

  std::string_view path_;
  const Lines& lines_;
  Reading& reading_;
};

class Tasks {
 public:
  Tasks(std::string_view path, const Lines& lines, Reading& reading)
      : path_(path), lines_(lines), reading_(reading) {}

  void read(const YamlFile& file) {
    for (const YamlNode& document : file.documents) variables(document);
    for (const YamlNode& document : file.documents) walk(document, false);
  }

 private:
  // Collects lists that a task may refer to: `packages: [git, curl]` under `vars` or anywhere in
  // the file.
  void variables(const YamlNode& node) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (node.type == Type::mapping) variables_.emplace(node.keys[i], &node.children[i]);
      variables(node.children[i]);
    }
  }

  void walk(const YamlNode& node, bool element) {
    if (node.type == Type::mapping && element) task(node);
    for (const YamlNode& child : node.children) walk(child, node.type == Type::sequence);
  }

  void task(const YamlNode& node) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      std::string_view key = node.keys[i];
      if (key.starts_with("ansible.builtin.")) key.remove_prefix(16);
      if (key == "shell" || key == "command") {
        command(node.children[i]);
      } else if (holds(task_modules, key)) {
        packages(node, node.children[i], std::string(last_module(key)), node.key_places[i]);
      }
    }
  }

  static std::string_view last_module(std::string_view key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string_view::npos ? key : key.substr(dot + 1);
  }

  void command(const YamlNode& node) {
    const YamlNode* text = node.type == Type::mapping ? node.find("cmd") : &node;
    if (text == nullptr || text->type != Type::scalar) return;
    read_shell_in(yaml_snippet(*text, lines_), path_, lines_, reading_);
  }

  void packages(const YamlNode& task, const YamlNode& arguments, const std::string& module,
                Place at) {
    const YamlNode* loop = nullptr;
    for (const char* key : {"loop", "with_items", "with_list", "with_flattened"})
      if (loop == nullptr) loop = task.find(key);
    Finding finding = begin(path_, lines_, at, Kind::package_task, module);
    module_ = installer(module);
    if (arguments.type == Type::scalar) {
      free_form(arguments, loop, finding);
    } else {
      const YamlNode* state = arguments.find("state");
      if (state != nullptr && (state->text == "absent" || state->text == "removed")) return;
      for (const char* key : {"name", "pkg", "package"})
        if (const YamlNode* names = arguments.find(key)) mention(*names, loop, finding, 0);
    }
    if (!finding.tools.empty()) reading_.findings.push_back(std::move(finding));
  }

  // apt: name=git state=present
  void free_form(const YamlNode& arguments, const YamlNode* loop, Finding& finding) {
    const Snippet snippet = yaml_snippet(arguments, lines_);
    for (const ShellCommand& part : shell_commands(snippet)) {
      for (std::size_t i = 0; i < part.words.size(); ++i) {
        const Word& word = part.words[i];
        if (word.text == "state=absent" || word.text == "state=removed") {
          finding.tools.clear();
          return;
        }
        for (const std::string_view key : {"name=", "pkg=", "package="}) {
          if (!word.text.starts_with(key)) continue;
          YamlNode names;
          names.type = Type::scalar;
          names.text = word.text.substr(key.size());
          if (names.text.starts_with("{{")) {  // "{{ item }}" contains blanks
            for (std::size_t k = i; k + 1 < part.words.size() && !names.text.ends_with("}}"); ++k)
              names.text += " " + part.words[k + 1].text;
          }
          names.at = snippet.place(word.offset);
          mention(names, loop, finding, 0);
        }
      }
    }
  }

  void mention(const YamlNode& names, const YamlNode* loop, Finding& finding, int depth) {
    if (depth > 4) return;
    for (const YamlNode& child : names.children)
      if (names.type == Type::sequence) mention(child, loop, finding, depth + 1);
    if (names.type == Type::mapping) {  // loop: [{ name: git }]
      if (const YamlNode* name = names.find("name")) mention(*name, nullptr, finding, depth + 1);
      return;
    }
    if (names.type != Type::scalar) return;
    const std::string_view text = base::trim(names.text);
    if (text.find("{{") != std::string_view::npos) {
      std::string_view inside = text.substr(text.find("{{") + 2);
      inside = base::trim(inside.substr(0, inside.find_first_of("}|")));
      if (loop != nullptr && inside.starts_with("item")) {
        return mention(*loop, nullptr, finding, depth + 1);
      }
      const auto found = variables_.find(std::string(inside));
      if (found != variables_.end() && found->second != &names)
        return mention(*found->second, nullptr, finding, depth + 1);
      finding.tools.push_back({"$" + std::string(inside), false, names.at});
      return;
    }
    for (const std::string_view part : base::split(text, ',')) {
      const std::string_view word = base::trim(part);
      if (word.empty()) continue;
      const bool modules = module_ != nullptr && module_->modules;
      std::string name = module_ != nullptr ? package_name(*module_, word)
                                            : std::string(word.substr(0, word.find('=')));
      if (!name.empty()) finding.tools.push_back({std::move(name), modules, names.at});
    }
  }

  std::string_view path_;
  const Lines& lines_;
  Reading& reading_;
  const Installer* module_ = nullptr;
  std::map<std::string, const YamlNode*> variables_;
};

}  // namespace

Reading read_workflow(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  const YamlFile file = read_yaml(text);
  reading.unavailable = file.unavailable;
  Workflow workflow(path, lines, reading);
  for (const YamlNode& document : file.documents) workflow.walk(document);
  return reading;
}

Reading read_tasks(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  // A file that is not YAML is not a list that Ansible could use, so it is not an unavailable.
  const YamlFile file = read_yaml(text);
  Tasks(path, lines, reading).read(file);
  return reading;
}

}  // namespace ccci::prove
