// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/lint.hpp"

#include <algorithm>
#include <array>

#include "recipe/lint_checks.hpp"

namespace ccci::recipe {

namespace {

// Nobody can register a name below .example (RFC 2606), so nothing is looked up by mistake.
constexpr std::string_view lint_domain = "lint.example";

constexpr std::array lint_table{
    LintRule{"R001", Severity::warn, "compose files say version 3.8",
             "write `version: \"3.8\"` at the top", check::compose_version},
    LintRule{"R002", Severity::warn, "every service has a health check",
             "add `healthcheck:` with a test that fails until the service answers",
             check::health_checks},
    LintRule{"R003", Severity::warn, "every image has a tag", "write IMAGE:TAG",
             check::tagged_images},
    LintRule{"R004", Severity::warn, "no image has a tag that moves",
             "name a released version instead", check::stable_tags},
    LintRule{"R005", Severity::warn, "tags of images look like versions",
             "use a tag such as 1.2.3 or v1.2", check::semantic_tags},
    LintRule{"R006", Severity::warn, "a version is published in the catalogue",
             "publish a version with abra recipe release", check::published},
    LintRule{"R007", Severity::warn, "README.md has all metadata",
             "fill in Category, Image, Healthcheck, Backups, Email and SSO between the metadata "
             "comments",
             check::readme_metadata},
    LintRule{"R008", Severity::error, ".env.sample is there", "add .env.sample", check::env_sample},
    LintRule{"R009", Severity::error, "one service is called app",
             "rename the main service to `app`", check::service_app},
    LintRule{"R010", Severity::error, "Traefik routes to a service",
             "add `traefik.enable=true` to the deploy labels", check::traefik_enabled},
    LintRule{"R011", Severity::error, "every service has an image", "add `image:`", check::images},
    LintRule{"R012", Severity::error, "abra.sh sets the version of each config",
             "export it in abra.sh, or write ${X_VERSION:-v1} in the config's `name`",
             check::config_versions},
    LintRule{"R013", Severity::warn, "the recipe has a repository at its forge",
             "push the recipe to the forge", check::upstream},
    LintRule{"R014", Severity::error, "tags of versions are annotated",
             "git tag --annotate --force TAG COMMIT", check::annotated_tags},
    LintRule{"R015", Severity::warn, "names of secrets have at most 12 characters",
             "use a shorter name", check::secret_names},
    LintRule{"C001", Severity::error, "no password is in clear text",
             "make it a secret, and pass its file", check::clear_passwords},
    LintRule{"C002", Severity::error, "no service has the engine's socket",
             "remove the mount: who has the socket is root on the host", check::engine_socket,
             "engine-socket"},
    LintRule{"C003", Severity::error, "no service is privileged",
             "use cap_add for the capability that is needed", check::privileged, "privileged"},
    LintRule{"C004", Severity::warn, "no service mounts a path of the host",
             "use a volume or a config", check::host_paths, "host-paths"},
    LintRule{"C005", Severity::warn, "each secret has a line that directs how it is generated",
             "take the comment sign away, or correct the directive", check::secret_directives},
    LintRule{"C006", Severity::warn, "each variable has a value or a default",
             "add it to .env.sample, or write ${X:-default}", check::variables},
    LintRule{"C007", Severity::warn, "a swarm can do all that the compose files say",
             "remove the key, or use what a swarm has instead", check::deviations},
    LintRule{"C008", Severity::warn, "every router can be tested",
             "use Host, PathPrefix, stripprefix, redirects and users with bcrypt hashes only; of a "
             "router of TCP or UDP, let `routers` in [recipes.NAME.skip] say how it is tested",
             check::routers},
    LintRule{"C009", Severity::warn, "every backup label is understood",
             "use backupbot.backup.volumes.NAME.path and the hooks", check::backup_labels},
    LintRule{"C010", Severity::error, "every overlay fits the main files",
             "correct the overlay, or remove it", check::overlays},
    LintRule{"C011", Severity::warn, "every config can change",
             "put a version into the config's `name`: ${STACK_NAME}_conf_${CONF_VERSION}",
             check::changing_configs},
};

base::Result<Composed> composed_of(const Folder& folder, const Variables& env,
                                   std::vector<std::string> files) {
  ComposeRequest request;
  request.stack = env.at("STACK_NAME");
  request.files = std::move(files);
  request.variables = env;
  request.to_deploy = false;
  return compose(folder, request);
}

// An overlay may need another one. Then a line of .env.sample that is commented out names both:
// #COMPOSE_FILE="$COMPOSE_FILE:compose.mail.yml:compose.smtp.yml"
std::vector<std::vector<std::string>> sets_with(const std::string& overlay,
                                                const std::vector<std::string>& files,
                                                const EnvFile& sample) {
  std::vector<std::vector<std::string>> sets;
  for (const EnvEntry& entry : sample.entries) {
    if (!entry.commented || entry.key != "COMPOSE_FILE") continue;
    std::vector<std::string> set;
    for (std::string& name : compose_files(entry.value)) {
      if (name == "$COMPOSE_FILE" || name == "${COMPOSE_FILE}")
        set.insert(set.end(), files.begin(), files.end());
      else if (std::find(set.begin(), set.end(), name) == set.end())
        set.push_back(std::move(name));
    }
    if (std::find(set.begin(), set.end(), overlay) != set.end()) sets.push_back(std::move(set));
  }
  return sets;
}

base::Result<Composed> with_overlay(const Folder& folder, const Variables& env,
                                    const std::vector<std::string>& files,
                                    const std::string& overlay, const EnvFile& sample) {
  std::vector<std::string> with = files;
  with.push_back(overlay);
  auto alone = composed_of(folder, env, std::move(with));
  if (alone) return alone;
  for (std::vector<std::string>& set : sets_with(overlay, files, sample))
    if (auto together = composed_of(folder, env, std::move(set))) return together;
  return alone;
}

}  // namespace

std::string_view name(Severity severity) { return severity == Severity::warn ? "warn" : "error"; }

std::string_view name(LintVerdict verdict) {
  switch (verdict) {
    case LintVerdict::pass:
      return "pass";
    case LintVerdict::warn:
      return "warn";
    case LintVerdict::fail:
      return "fail";
    case LintVerdict::unverified:
      return "unverified";
  }
  return "";
}

std::span<const LintRule> lint_rules() { return lint_table; }

base::Result<LintInput> lint_input(const Folder& folder,
                                   std::optional<std::vector<git::Tag>> tags) {
  LintInput input;
  CCCI_TRY(input.recipe, read_recipe(folder));
  const std::string sample = input.recipe.sample.value_or("");
  Sources sources;
  const int file = sources.add(".env.sample", sample);
  Variables env{{"DOMAIN", std::string(lint_domain)}};
  CCCI_TRY(input.sample, read_env_file(sample, file, sources, env));
  input.exports = read_exports(input.recipe.abra_sh.value_or(""));
  for (const auto& [key, value] : input.sample.values()) env[key] = value;
  for (const auto& [key, value] : input.exports.values) env[key] = value;
  env["STACK_NAME"] = stack_name(lint_domain);
  const std::vector<std::string> files = compose_files(env["COMPOSE_FILE"]);
  CCCI_TRY(Composed main, composed_of(folder, env, files));
  input.secrets = secrets_of(main, input.sample);
  input.composed.push_back(std::move(main));
  // An overlay is turned on together with lines of .env.sample that are commented out.
  for (const EnvEntry& entry : input.sample.entries) {
    if (!entry.commented || entry.key == "COMPOSE_FILE") continue;
    std::string& value = env[entry.key];
    if (value.empty()) value = entry.value;
  }
  for (const std::string& overlay : input.recipe.compose_files) {
    if (std::find(files.begin(), files.end(), overlay) != files.end()) continue;
    auto more = with_overlay(folder, env, files, overlay, input.sample);
    if (more)
      input.composed.push_back(std::move(*more));
    else
      input.broken.push_back(std::move(more).error());
  }
  input.tags = std::move(tags);
  return input;
}

std::vector<LintResult> lint(const LintInput& input) {
  std::vector<LintResult> results;
  for (const LintRule& rule : lint_table) {
    LintResult& result = results.emplace_back();
    result.rule = &rule;
    result.unverified = rule.check(input, result.findings);
    if (!result.unverified.empty())
      result.verdict = LintVerdict::unverified;
    else if (!result.findings.empty())
      result.verdict = rule.severity == Severity::error ? LintVerdict::fail : LintVerdict::warn;
  }
  return results;
}

LintVerdict verdict(const std::vector<LintResult>& results) {
  LintVerdict worst = LintVerdict::pass;
  for (const LintResult& result : results) {
    if (result.verdict == LintVerdict::fail) return LintVerdict::fail;
    if (result.verdict == LintVerdict::warn) worst = LintVerdict::warn;
  }
  return worst;
}

base::Json to_json(const std::string& recipe, const std::vector<LintResult>& results) {
  base::Json json{{"schema", 1},
                  {"recipe", recipe},
                  {"verdict", name(verdict(results))},
                  {"rules", base::Json::array()}};
  for (const LintResult& result : results) {
    base::Json rule{{"id", result.rule->id},
                    {"severity", name(result.rule->severity)},
                    {"title", result.rule->title},
                    {"verdict", name(result.verdict)},
                    {"findings", base::Json::array()}};
    for (const LintFinding& finding : result.findings) {
      base::Json item = base::Json::object();
      item["file"] = finding.file;
      if (finding.line > 0) item["line"] = finding.line;
      item["what"] = finding.what;
      rule["findings"].push_back(std::move(item));
    }
    if (!result.unverified.empty()) rule["reason"] = result.unverified;
    if (!result.findings.empty()) rule["remedy"] = result.rule->remedy;
    json["rules"].push_back(std::move(rule));
  }
  return json;
}

}  // namespace ccci::recipe
