// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the engines' own configuration files, which may give a PATH to every job: gitlab-runner's
// config.toml, and the config.yaml of act_runner and the Gitea runner.
#include "declare/document.hpp"
#include "prove/path_setting.hpp"
#include "prove/readers.hpp"
#include "prove/yaml.hpp"

namespace ccci::prove {

namespace {

// environment = ["PATH=/opt/bin:$PATH"] in [[runners]]
void gitlab(std::string_view path, std::string_view text, const Lines& lines, Reading& reading) {
  const auto document = declare::read_document(text, declare::Lines(text, std::string(path)));
  if (!document) {
    // Somebody else's file, or a template: what fills it in is not known here.
    if (!path.ends_with(".toml") || text.find("[[runners]]") == std::string_view::npos) return;
    const base::Error& error = document.error();
    const std::string cause(error.field("cause").empty() ? std::string_view(error.code)
                                                         : error.field("cause"));
    reading.unavailable =
        error.where.empty() ? cause : "line " + std::to_string(error.where[0].line) + ": " + cause;
    return;
  }
  const declare::Node* const runners = document->find("runners");
  if (runners == nullptr) return;
  for (const declare::Node& runner : runners->items) {
    const declare::Node* const variables = runner.find("environment");
    if (variables == nullptr) continue;
    constexpr std::string_view name = "PATH=";
    for (const declare::Node& one : variables->items) {
      if (!one.text.starts_with(name)) continue;
      add_path(path_setting(one.text.substr(name.size())), {one.at.line, one.at.column}, "PATH",
               lines, reading);
    }
  }
}

// runner: { envs: { PATH: … } }
void gitea(std::string_view text, const Lines& lines, Reading& reading) {
  const YamlFile file = read_yaml(text);
  for (const YamlNode& document : file.documents) {
    const YamlNode* const runner = document.find("runner");
    const YamlNode* const variables = runner == nullptr ? nullptr : runner->find("envs");
    const YamlNode* const value = variables == nullptr ? nullptr : variables->find("PATH");
    if (value != nullptr) add_path(path_setting(value->text), value->at, "PATH", lines, reading);
  }
}

}  // namespace

Reading read_runner(std::string_view path, std::string_view text) {
  Reading reading{std::string(path), {}, {}};
  const Lines lines(text);
  if (path.find(".toml") != std::string_view::npos) {
    gitlab(path, text, lines, reading);
  } else {
    gitea(text, lines, reading);
  }
  return reading;
}

}  // namespace ccci::prove
