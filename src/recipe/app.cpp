// SPDX-License-Identifier: GPL-3.0-or-later
#include "recipe/app.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "recipe/forms.hpp"

namespace ccci::recipe {

namespace {

constexpr std::size_t longest_stack_name = 45;
constexpr std::uint64_t longest_timeout = 24 * 3600;
constexpr std::size_t most_compose_files = 64;

bool is_compose_file(std::string_view name) {
  return name.starts_with("compose") && (name.ends_with(".yml") || name.ends_with(".yaml"));
}

std::string value_of(const Variables& variables, std::string_view key) {
  const auto found = variables.find(key);
  return found == variables.end() ? std::string() : found->second;
}

// The first service that has the label; `app` first.
const std::string* label_of(const Stack& stack, const std::string& label) {
  const std::string* value = nullptr;
  for (const Service& service : stack.services) {
    const auto found = service.deploy.labels.find(label);
    if (found == service.deploy.labels.end()) continue;
    if (value == nullptr || service.key == "app") value = &found->second;
  }
  return value;
}

void set_labels(Stack& stack, const std::string& recipe, const AppRequest& request) {
  const std::string prefix = "coop-cloud." + stack.name + ".";
  const bool has_app = stack.find("app") != nullptr;
  for (Service& service : stack.services) {
    if (has_app && service.key != "app") continue;
    Labels& labels = service.deploy.labels;
    labels[prefix + "recipe"] = recipe;
    labels[prefix + "chaos"] = request.chaos ? "true" : "false";
    if (request.chaos)
      labels[prefix + "chaos-version"] = request.commit + (request.dirty ? "+U" : "");
    else if (!request.version.empty())
      labels[prefix + "version"] = request.version;
  }
}

Variables environment(const EnvFile& sample, const Exports& exports, const AppRequest& request,
                      const std::string& recipe) {
  Variables env = sample.values();
  for (const auto& [key, value] : exports.values) env[key] = value;
  for (const auto& [key, value] : request.env) env[key] = value;
  env["DOMAIN"] = request.domain;
  // TYPE may name a version too: "gitea:3.5.2+1.22".
  const std::string type = value_of(env, "TYPE");
  if (type.empty()) env["TYPE"] = recipe;
  std::string& stack = env["STACK_NAME"];
  if (stack.empty()) stack = stack_name(request.domain);
  return env;
}

// Values of secrets that the request gives, e.g. SMTP_PASSWORD. They are for the secret only: a
// service must not get them as a variable too.
void take_given_values(App& app, const Variables& given) {
  for (SecretSpec& secret : app.secrets) {
    const std::string key = secret_value_key(secret.key);
    const auto value = given.find(key);
    if (value == given.end()) continue;
    secret.value = value->second;
    for (Service& service : app.composed.stack.services) {
      const auto variable = service.environment.find(key);
      if (variable != service.environment.end() && variable->second == value->second)
        service.environment.erase(variable);
    }
  }
}

std::optional<std::chrono::seconds> timeout_of(const App& app) {
  const Stack& stack = app.composed.stack;
  const std::string* label = label_of(stack, "coop-cloud." + stack.name + ".timeout");
  const std::string text =
      label != nullptr && !label->empty() ? *label : value_of(app.env, "TIMEOUT");
  if (const auto seconds = read_number(text, longest_timeout); seconds && *seconds > 0)
    return std::chrono::seconds(*seconds);
  const auto duration = read_duration(text);
  if (!duration || *duration < std::chrono::seconds(1)) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::seconds>(*duration);
}

}  // namespace

base::Result<Recipe> read_recipe(const Folder& folder) {
  Recipe recipe;
  recipe.name = folder.name();
  for (const std::string& name : folder.entries()) {
    if (is_compose_file(name)) recipe.compose_files.push_back(name);
    if (name.starts_with('.') || name == "tests" || name == "release") continue;
    for (const std::string& below : folder.entries(name))
      if (is_compose_file(below)) recipe.compose_files.push_back(name + "/" + below);
  }
  const auto main =
      std::find(recipe.compose_files.begin(), recipe.compose_files.end(), "compose.yml");
  if (main == recipe.compose_files.end())
    return base::unexpected(
        base::fail("recipe.no-compose", base::Condition::not_found).with("path", "compose.yml"));
  std::rotate(recipe.compose_files.begin(), main, main + 1);
  if (recipe.compose_files.size() > most_compose_files)
    return base::unexpected(base::fail("recipe.too-large")
                                .with("what", "compose files")
                                .with("limit", static_cast<long long>(most_compose_files)));
  CCCI_TRY(recipe.sample, folder.read_if_there(".env.sample"));
  CCCI_TRY(recipe.abra_sh, folder.read_if_there("abra.sh"));
  CCCI_TRY(recipe.readme, folder.read_if_there("README.md"));
  return recipe;
}

base::Result<App> make_app(const Folder& folder, const Recipe& recipe, const AppRequest& request) {
  App app;
  app.recipe = recipe.name;
  const std::string sample_text = recipe.sample.value_or("");
  Sources sources;
  const int file = sources.add(".env.sample", sample_text);
  Variables pinned = request.env;
  pinned["DOMAIN"] = request.domain;
  CCCI_TRY(EnvFile sample, read_env_file(sample_text, file, sources, pinned));
  if (sample.find("STACK_NAME") == nullptr && !pinned.contains("STACK_NAME")) {
    // Values may refer to the stack's name, which only the domain gives.
    pinned["STACK_NAME"] = stack_name(request.domain);
    CCCI_TRY(sample, read_env_file(sample_text, file, sources, pinned));
  }
  Exports exports = read_exports(recipe.abra_sh.value_or(""));
  app.env = environment(sample, exports, request, recipe.name);
  app.unread_exports = std::move(exports.unread);
  app.files = compose_files(value_of(app.env, "COMPOSE_FILE"));
  ComposeRequest compose_request;
  compose_request.stack = app.env["STACK_NAME"];
  compose_request.files = app.files;
  compose_request.variables = app.env;
  compose_request.given_to_services = app.env;
  CCCI_TRY(app.composed, compose(folder, compose_request));
  app.secrets = secrets_of(app.composed, sample);
  take_given_values(app, request.env);
  Stack& stack = app.composed.stack;
  set_labels(stack, recipe.name, request);
  const std::string prefix = "coop-cloud." + stack.name;
  const std::string* version = label_of(stack, prefix + ".version");
  if (version == nullptr) version = label_of(stack, prefix + ".app.version");  // the older form
  if (version != nullptr) app.version = *version;
  app.timeout = timeout_of(app);
  return app;
}

std::string stack_name(std::string_view domain) {
  std::string name(domain.substr(0, longest_stack_name));
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::vector<std::string> compose_files(std::string_view compose_file) {
  std::vector<std::string> files;
  for (const std::string_view name : base::split(compose_file, ':')) {
    const std::string_view trimmed = base::trim(name);
    if (trimmed.empty()) continue;
    if (std::find(files.begin(), files.end(), trimmed) == files.end()) files.emplace_back(trimmed);
  }
  if (files.empty()) files.emplace_back("compose.yml");
  return files;
}

}  // namespace ccci::recipe
