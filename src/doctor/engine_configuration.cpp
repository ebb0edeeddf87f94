// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/engine_configuration.hpp"

#include <yaml.h>

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "declare/document.hpp"
#include "doctor/runner_observation.hpp"

namespace ccci::doctor {

namespace {

bool is_drone(const declare::RunnerKind& kind) { return kind.name == "drone-exec"; }
bool is_gitea(const declare::RunnerKind& kind) {
  return kind.name == "act-runner" || kind.name == "gitea-runner";
}

bool is_gitlab(const declare::RunnerKind& kind) { return kind.name == "gitlab-shell"; }
constexpr const char* gitlab_file = "/etc/gitlab-runner/config.toml";  // of a daemon that is root

// A pair like "NAME=value".
void add(EngineVariables& found, std::string_view pair, char between) {
  const std::size_t at = std::min(pair.find(between), pair.size());
  found.variables.insert_or_assign(std::string(base::trim(pair.substr(0, at))),
                                   std::string(pair.substr(std::min(at + 1, pair.size()))));
}

// A file of NAME=value lines. The process's own variables win over it.
EngineVariables drone_variables(const std::string& text) {
  EngineVariables found;
  for (const auto& [name, value] : file_variables(text)) {
    if (name == "DRONE_RUNNER_PATH" || name == "DRONE_RUNNER_ENVFILE") found.losing.insert(name);
    if (name == "DRONE_RUNNER_ENVFILE" && value.starts_with('/')) found.files.push_back(value);
    if (name != "DRONE_RUNNER_ENVIRON") continue;
    for (const std::string_view pair : base::split(value, ',')) add(found, pair, ':');
  }
  return found;
}

class Yaml {
 public:
  explicit Yaml(const std::string& text) {
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0) return;
    yaml_parser_set_input_string(
        &parser,
        reinterpret_cast<const unsigned char*>(text.data()),  // NOLINT: C's unsigned bytes
        text.size());
    good_ = yaml_parser_load(&parser, &document_) != 0;
    yaml_parser_delete(&parser);
  }
  ~Yaml() {
    if (good_) yaml_document_delete(&document_);
  }
  Yaml(const Yaml&) = delete;
  Yaml& operator=(const Yaml&) = delete;

  bool good() const { return good_; }
  yaml_node_t* root() { return good_ ? yaml_document_get_root_node(&document_) : nullptr; }
  // The members of a mapping, by name; none of another node.
  std::map<std::string, yaml_node_t*> members(yaml_node_t* node) {
    std::map<std::string, yaml_node_t*> found;
    if (node == nullptr || node->type != YAML_MAPPING_NODE) return found;
    const auto& pairs = node->data.mapping.pairs;
    for (yaml_node_pair_t* pair = pairs.start; pair < pairs.top; ++pair)
      found.emplace(text(yaml_document_get_node(&document_, pair->key)),
                    yaml_document_get_node(&document_, pair->value));
    return found;
  }
  static std::string text(const yaml_node_t* node) {
    if (node == nullptr || node->type != YAML_SCALAR_NODE) return {};
    const auto& scalar = node->data.scalar;
    return {scalar.value, scalar.value + scalar.length};
  }

 private:
  yaml_document_t document_ = {};
  bool good_ = false;
};

EngineVariables gitea_variables(const std::string& text) {
  EngineVariables found;
  Yaml yaml(text);
  found.readable = yaml.good();
  auto runner = yaml.members(yaml.members(yaml.root())["runner"]);
  for (const auto& [name, value] : yaml.members(runner["envs"]))
    found.variables.insert_or_assign(name, Yaml::text(value));
  if (const std::string file = Yaml::text(runner["env_file"]); file.starts_with('/'))
    found.files.push_back(file);
  return found;
}

std::string text_of(const declare::Node& table, std::string_view key) {
  const declare::Node* const node = table.find(key);
  return node == nullptr ? std::string() : node->text;
}

// `environment = ["NAME=value"]` of each [[runners]] becomes `export` in the script of every job,
// so it wins over /etc/profile.
EngineVariables gitlab_variables(const std::string& text) {
  EngineVariables found;
  const auto document = declare::read_document(text, declare::Lines(text, "config.toml"));
  found.readable = document.has_value();
  const declare::Node* const runners = document ? document->find("runners") : nullptr;
  if (runners == nullptr) return found;
  for (const declare::Node& runner : runners->items) {
    const std::string executor = text_of(runner, "executor");
    if (executor != "shell") {
      found.elsewhere.emplace(text_of(runner, "name"), executor);
      continue;
    }
    const declare::Node* const variables = runner.find("environment");
    if (variables == nullptr) continue;
    for (const declare::Node& one : variables->items) add(found, one.text, '=');
  }
  return found;
}

}  // namespace

std::string configuration_file(const declare::RunnerKind& kind,
                               const std::vector<std::string>& words) {
  if (!is_drone(kind) && !is_gitea(kind) && !is_gitlab(kind)) return {};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    for (const std::string_view option : {"--config", "-config", "-c"}) {
      if (word.starts_with(option) && word.substr(option.size()).starts_with('='))
        return word.substr(option.size() + 1);
      if (word == option && i + 1 < words.size()) return words[i + 1];
    }
  }
  if (is_gitlab(kind)) return gitlab_file;
  return {};
}

EngineVariables engine_variables(const declare::RunnerKind& kind, const std::string& text) {
  if (is_drone(kind)) return drone_variables(text);
  if (is_gitea(kind)) return gitea_variables(text);
  if (is_gitlab(kind)) return gitlab_variables(text);
  return {};
}

}  // namespace ccci::doctor
