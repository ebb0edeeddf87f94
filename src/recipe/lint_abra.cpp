// SPDX-License-Identifier: GPL-3.0-or-later
// The checks of abra's rules.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "recipe/lint_checks.hpp"
#include "recipe/version.hpp"

namespace ccci::recipe::check {

namespace {

constexpr std::size_t longest_secret_name = 12;
constexpr std::string_view none;

// Tags that other images get later.
constexpr std::array<std::string_view, 16> moving_tags{
    "latest", "nightly", "edge",     "dev",      "develop", "development", "main",    "master",
    "stable", "testing", "unstable", "snapshot", "next",    "canary",      "release", "current"};

struct ImageName {
  std::string tag;
  bool digest = false;
};

ImageName parts_of_image(std::string_view image) {
  ImageName parts;
  const std::size_t at = image.find('@');
  parts.digest = at != std::string_view::npos;
  image = image.substr(0, at);
  const std::size_t colon = image.rfind(':');
  const std::size_t slash = image.rfind('/');
  const bool has_tag =
      colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  if (has_tag) parts.tag = image.substr(colon + 1);
  return parts;
}

bool is_moving(std::string_view tag) {
  if (tag.starts_with("latest-") || tag.ends_with("-latest")) return true;
  return std::find(moving_tags.begin(), moving_tags.end(), tag) != moving_tags.end();
}

// "1.2.3", "v1.2", "15-alpine", "php8.2-fpm": a number that a dot, a dash or the end follows.
bool looks_like_a_version(std::string_view tag) {
  if (tag.starts_with('v') || tag.starts_with('V')) tag.remove_prefix(1);
  return !tag.empty() && tag[0] >= '0' && tag[0] <= '9';
}

// Calls the function with each service of each stack. A service of the main files is there again
// with each overlay, and add() drops what is found twice.
template <typename Function>
void each_service(const LintInput& input, Function function) {
  for (const Composed& composed : input.composed)
    for (const Service& service : composed.stack.services) function(composed, service);
}

// Whether the text has the variable with a value for when it is unset: ${NAME:-v1}.
bool has_own_value(std::string_view text, const std::string& name) {
  for (const std::string_view operation : {":-", "-"}) {
    std::string form = "${";
    form.append(name).append(operation);
    if (text.find(form) != std::string_view::npos) return true;
  }
  return false;
}

// An image from a variable that has no value here is one all the same.
bool has_written_image(const Composed& composed, const std::string& service) {
  for (const ComposeFile& file : composed.files) {
    const Node* node = file.raw.find("services");
    if (node != nullptr) node = node->find(service);
    if (node != nullptr) node = node->find("image");
    if (node != nullptr && !node->text.empty()) return true;
  }
  return false;
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

}  // namespace

void add(Findings& findings, LintFinding finding) {
  if (std::find(findings.begin(), findings.end(), finding) == findings.end())
    findings.push_back(std::move(finding));
}

void add(Findings& findings, const Composed& composed, const std::vector<std::string>& path,
         std::string what) {
  const base::Position at = composed.where(path);
  add(findings, {at.file, at.line, std::move(what)});
}

std::string_view compose_version(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const ComposeFile& file : composed.files) {
      const Node* version = file.raw.find("version");
      if (version == nullptr)
        add(findings, {file.name, 1, "no version"});
      else if (version->text != "3.8")
        add(findings, {file.name, version->at.line, "version " + in_quotes(version->text)});
    }
  }
  return none;
}

// Nobody asks it anything: it ends, and its status says how it went.
bool is_one_shot(const Service& service) {
  using Mode = Deploy::Mode;
  const auto& policy = service.deploy.restart_policy;
  return service.deploy.mode == Mode::replicated_job || service.deploy.mode == Mode::global_job ||
         (policy && policy->condition == RestartPolicy::When::never);
}

std::string_view health_checks(const LintInput& input, Findings& findings) {
  each_service(input, [&](const Composed& composed, const Service& service) {
    const bool off = service.healthcheck && !service.healthcheck->test.empty() &&
                     service.healthcheck->test[0] == "NONE";
    if ((service.healthcheck && !off) || is_one_shot(service)) return;
    add(findings, composed, {"services", service.key, "healthcheck"},
        "service " + in_quotes(service.key) + (off ? " turns its health check off" : " has none"));
  });
  return none;
}

std::string_view tagged_images(const LintInput& input, Findings& findings) {
  each_service(input, [&](const Composed& composed, const Service& service) {
    const ImageName image = parts_of_image(service.image);
    if (image.tag.empty() && !image.digest && !service.image.empty())
      add(findings, composed, {"services", service.key, "image"},
          "image " + in_quotes(service.image) + " has no tag, so it means the newest one");
  });
  return none;
}

std::string_view stable_tags(const LintInput& input, Findings& findings) {
  each_service(input, [&](const Composed& composed, const Service& service) {
    const ImageName image = parts_of_image(service.image);
    if (is_moving(image.tag) && !image.digest)
      add(findings, composed, {"services", service.key, "image"},
          "image " + in_quotes(service.image) + " changes when its author publishes again");
  });
  return none;
}

std::string_view semantic_tags(const LintInput& input, Findings& findings) {
  each_service(input, [&](const Composed& composed, const Service& service) {
    const ImageName image = parts_of_image(service.image);
    if (!image.tag.empty() && !is_moving(image.tag) && !looks_like_a_version(image.tag))
      add(findings, composed, {"services", service.key, "image"},
          "tag " + in_quotes(image.tag) + " is no version");
  });
  return none;
}

std::string_view published(const LintInput&, Findings&) { return "only the catalogue knows"; }

std::string_view readme_metadata(const LintInput& input, Findings& findings) {
  static constexpr std::array<std::string_view, 6> wanted{"Category", "Image", "Healthcheck",
                                                          "Backups",  "Email", "SSO"};
  if (!input.recipe.readme) {
    add(findings, {"README.md", 0, "there is no README.md"});
    return none;
  }
  const std::vector<std::string_view> lines = base::split(*input.recipe.readme, '\n');
  bool inside = false;
  std::array<bool, wanted.size()> found{};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("<!-- metadata -->") != std::string_view::npos) inside = true;
    if (lines[i].find("<!-- endmetadata -->") != std::string_view::npos) break;
    if (!inside) continue;
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      const std::string key = "**" + std::string(wanted[k]) + "**:";
      const std::size_t at = lines[i].find(key);
      if (at == std::string_view::npos) continue;
      found[k] = true;
      if (base::trim(lines[i].substr(at + key.size())).empty())
        add(findings, {"README.md", static_cast<int>(i) + 1, std::string(wanted[k]) + " is empty"});
    }
  }
  if (!inside) {
    add(findings, {"README.md", 0, "no metadata comment"});
    return none;
  }
  for (std::size_t k = 0; k < wanted.size(); ++k)
    if (!found[k]) add(findings, {"README.md", 0, std::string(wanted[k]) + " is missing"});
  return none;
}

std::string_view env_sample(const LintInput& input, Findings& findings) {
  if (!input.recipe.sample) add(findings, {".env.sample", 0, "there is no .env.sample"});
  return none;
}

std::string_view service_app(const LintInput& input, Findings& findings) {
  const Composed& main = input.composed.front();
  if (main.stack.find("app") == nullptr)
    add(findings, main, {"services"}, "no service is called 'app'");
  return none;
}

std::string_view traefik_enabled(const LintInput& input, Findings& findings) {
  if (input.sample.find("DOMAIN") == nullptr) return none;  // as abra: no web app
  const Composed& main = input.composed.front();
  const Service* misplaced = nullptr;
  for (const Composed& composed : input.composed) {
    for (const Service& service : composed.stack.services) {
      const auto label = service.deploy.labels.find("traefik.enable");
      if (label != service.deploy.labels.end() && label->second == "true") return none;
    }
  }
  for (const Service& service : main.stack.services)
    if (service.labels.contains("traefik.enable")) misplaced = &service;
  if (misplaced != nullptr)
    add(findings, main, {"services", misplaced->key, "labels"},
        "in a swarm Traefik reads the labels below 'deploy', not these");
  else
    add(findings, main, {"services"}, "no service has the label traefik.enable=true");
  return none;
}

std::string_view images(const LintInput& input, Findings& findings) {
  each_service(input, [&](const Composed& composed, const Service& service) {
    if (service.image.empty() && !has_written_image(composed, service.key))
      add(findings, composed, {"services", service.key, "image"},
          "service " + in_quotes(service.key) + " has no image");
  });
  return none;
}

std::string_view config_versions(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const auto& [key, config] : composed.stack.configs) {
      const auto raw = composed.raw_config_names.find(key);
      if (raw == composed.raw_config_names.end()) continue;
      for (const std::string& name : variables_in(raw->second)) {
        const bool known = name == "STACK_NAME" || has_own_value(raw->second, name) ||
                           input.exports.values.contains(name) ||
                           input.sample.find(name) != nullptr ||
                           input.sample.find_commented(name) != nullptr;
        if (!known)
          add(findings, composed, {"configs", key, "name"}, "abra.sh does not export " + name);
      }
    }
  }
  return none;
}

// abra deploys such a config, and the engine refuses the next one with another content.
std::string_view changing_configs(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const auto& [key, config] : composed.stack.configs) {
      if (config.external) continue;
      const auto raw = composed.raw_config_names.find(key);
      std::set<std::string> names;
      if (raw != composed.raw_config_names.end()) names = variables_in(raw->second);
      names.erase("STACK_NAME");
      if (names.empty())
        add(findings, composed, {"configs", key, "name"},
            "the name of config " + in_quotes(key) + " has no version, so it can never change");
    }
  }
  return none;
}

std::string_view upstream(const LintInput&, Findings&) { return "only the forge knows"; }

std::string_view annotated_tags(const LintInput& input, Findings& findings) {
  if (!input.tags) return "the directory is not the top of a git repository";
  for (const UnusableTag& tag : releases(*input.tags).unusable)
    if (tag.why == NoVersion::lightweight)
      add(findings, {"refs/tags/" + tag.tag, 0, "the tag is lightweight"});
  return none;
}

std::string_view secret_names(const LintInput& input, Findings& findings) {
  for (const Composed& composed : input.composed) {
    for (const auto& [key, secret] : composed.stack.secrets)
      if (key.size() > longest_secret_name)
        add(findings, composed, {"secrets", key},
            in_quotes(key) + " has " + std::to_string(key.size()) + " characters");
  }
  return none;
}

}  // namespace ccci::recipe::check
