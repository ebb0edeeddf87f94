// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/plan.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/text.hpp"
#include "recipe/host_path.hpp"

namespace ccci::run {

namespace {

constexpr std::size_t longest_label = 30;
constexpr std::uint64_t largest_note = 64U << 10U;
// With any other one, root in a container can change the host: its clock, its kernel, its devices.
// MKNOD is one of those that the engine gives to every container; the devices are guarded besides.
constexpr std::array<std::string_view, 21> harmless_capabilities{
    "AUDIT_WRITE",      "CHOWN",         "DAC_OVERRIDE", "FOWNER", "FSETID",  "IPC_LOCK",
    "IPC_OWNER",        "KILL",          "LEASE",        "MKNOD",  "NET_RAW", "SETFCAP",
    "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",    "SETGID", "SETPCAP", "SETUID",
    "SYS_CHROOT",       "SYS_NICE",      "SYS_RESOURCE"};

// As Docker compares them.
std::string capability_name(std::string_view text) {
  std::string name;
  for (const char c : text) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (name.starts_with("CAP_")) name.erase(0, 4);
  return name;
}

std::string short_name(const std::string& recipe) {
  std::string label;
  for (const char c : recipe) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (fits)
      label += c;
    else if (c >= 'A' && c <= 'Z')
      label += static_cast<char>(c - 'A' + 'a');
    else if (!label.empty() && label.back() != '-')
      label += '-';
    if (label.size() == longest_label) break;
  }
  while (label.ends_with('-')) label.pop_back();
  return label.empty() ? "app" : label;
}

// A name below .test never leads to a real host (RFC 6761).
std::string domain_of(const std::string& recipe) { return short_name(recipe) + ".cc-ci.test"; }

// Only the stack needs a name of its own in a shared engine: nobody else asks for the domain.
std::string distinct_stack(const Plan& plan) {
  return short_name(plan.recipe) + "_" + plan.distinction;
}

bool allows(const Plan& plan, std::string_view permission) {
  const auto& allowed = plan.settings.allow;
  return std::find(allowed.begin(), allowed.end(), permission) != allowed.end();
}

std::string not_allowed(const std::string& what, std::string_view permission) {
  return what + "; to allow it, declare allow = [\"" + std::string(permission) + "\"]";
}

// A path below the recipe's own directory as the recipe writes it: where the copy is differs from
// test to test, and a reason that differs looks like another one.
std::string as_written(const std::string& path, const std::filesystem::path& recipe) {
  const std::string within = recipe.native() + "/";
  if (path == recipe.native()) return ".";
  return path.starts_with(within) ? "./" + path.substr(within.size()) : path;
}

// Why the app must not run here; empty if it may. `recipe` is the directory of its files.
std::string refusal(const Plan& plan, const std::filesystem::path& recipe) {
  const recipe::Stack& stack = plan.head.app.composed.stack;
  for (const recipe::HostPath& path : recipe::host_paths_of(stack)) {
    const std::string_view permission = path.engine_socket ? "engine-socket" : "host-paths";
    if (!allows(plan, permission)) {
      return not_allowed("service '" + path.service + "' mounts " +
                             as_written(path.source, recipe) + " of the host",
                         permission);
    }
  }
  for (const recipe::Service& service : stack.services) {
    for (const std::string& text : service.cap_add) {
      const std::string capability = capability_name(text);
      const bool harmless = std::find(harmless_capabilities.begin(), harmless_capabilities.end(),
                                      capability) != harmless_capabilities.end();
      if (!harmless && !allows(plan, "privileged")) {
        return not_allowed("service '" + service.key + "' wants the capability " + capability,
                           "privileged");
      }
    }
  }
  for (const auto& [key, config] : stack.configs) {
    if (config.external) return "config '" + config.name + "' is external, so nobody knows it";
  }
  return {};
}

// Secrets that only a person knows.
std::string unknown_values(const Plan& plan) {
  std::vector<std::string> keys;
  for (const recipe::SecretSpec& secret : plan.head.app.secrets) {
    if (!secret.generate && !secret.value) keys.push_back(recipe::secret_value_key(secret.key));
  }
  return keys.empty() ? std::string() : no_value_for(keys, plan.recipe);
}

void decide(Plan& plan, std::string_view tier, Verdict verdict, std::string reason) {
  for (TierPlan& row : plan.tiers) {
    if (row.name != tier || row.decided) continue;
    row.decided = verdict;
    row.reason = std::move(reason);
  }
}

// Names what of the recipe no tier shows, unless only tiers that serve nothing are wanted.
void name_routers(Plan& plan, const std::set<std::string>& only) {
  std::vector<std::string> names;
  for (const recipe::NotRouted& one : plan.head.routing.unverified) {
    if (one.beside) names.push_back("service " + one.service + ": " + one.label + ": " + one.why);
  }
  if (names.empty()) return;
  TierPlan row{routers_rung, Verdict::unverified,
               base::join(names, "; ") +
                   "; if something else tests them, say what: routers in [recipes." + plan.recipe +
                   ".skip]"};
  const auto skipped = plan.settings.skip.find(routers_rung);
  if (skipped != plan.settings.skip.end()) {
    row.decided = Verdict::skip;
    row.reason = skipped->second;
  } else if (!only.empty() && !only.contains("install")) {
    row.decided = Verdict::skip;
    row.reason = not_asked;
  }
  plan.tiers.push_back(std::move(row));
}

void decide_tiers(Plan& plan, const Checkout& checkout, const std::set<std::string>& only) {
  for (const std::string& name : declare::recipe_tiers()) {
    TierPlan tier{name, std::nullopt, {}};
    const auto skipped = plan.settings.skip.find(name);
    if (skipped != plan.settings.skip.end()) {
      tier.decided = Verdict::skip;
      tier.reason = skipped->second;
    } else if (!only.empty() && !only.contains(name)) {
      tier.decided = Verdict::skip;
      tier.reason = not_asked;
    }
    plan.tiers.push_back(std::move(tier));
  }
  if (plan.head.backups.empty()) {
    for (const char* tier : {"backup", "restore"})
      decide(plan, tier, Verdict::skip, "no service has the label backupbot.backup=true");
  }
  if (!checkout.has_history()) {
    decide(plan, "upgrade", Verdict::skip, "the recipe has no git repository of its own");
  } else if (plan.bases.empty() && checkout.shallow()) {
    decide(plan, "upgrade", Verdict::unverified,
           "older versions are not there: the repository is a shallow clone; run git fetch "
           "--unshallow --tags in it");
  } else if (plan.bases.empty()) {
    decide(plan, "upgrade", Verdict::skip, "no released version is older than this commit");
  }
  if (plan.test_files.empty() && plan.settings.checks.empty())
    decide(plan, "custom", Verdict::skip, "neither the recipe nor the declaration has tests");
  std::string why = refusal(plan, checkout.head().path());
  if (why.empty()) why = unknown_values(plan);
  if (why.empty()) return;
  for (const std::string& tier : declare::recipe_tiers()) {
    if (tier != "lint") decide(plan, tier, Verdict::unverified, why);
  }
}

std::string label_of(const recipe::Stack& stack, const std::string& end) {
  std::string found;
  for (const recipe::Service& service : stack.services) {
    const auto label = service.deploy.labels.find("coop-cloud." + stack.name + "." + end);
    if (label != service.deploy.labels.end() && (found.empty() || service.key == "app"))
      found = label->second;
  }
  return found;
}

std::vector<std::string> find_tests(const recipe::Folder& folder) {
  std::vector<std::string> found;
  for (const std::string& directory : {std::string("tests"), std::string("tests/custom")}) {
    for (const std::string& name : folder.entries(directory)) {
      if (name.starts_with("test_") && name.ends_with(".py"))
        found.push_back(directory + "/" + name);
    }
  }
  return found;
}

std::vector<ReleaseNote> notes_of(const recipe::Folder& folder, const Plan& plan) {
  std::vector<std::pair<recipe::Version, ReleaseNote>> found;
  std::vector<ReleaseNote> notes;
  std::optional<ReleaseNote> next;
  for (const std::string& name : folder.entries("release")) {
    auto text = folder.read("release/" + name, largest_note);
    if (!text) continue;
    if (name == "next") next = {name, std::move(*text)};
    auto version = recipe::read_version(name);
    if (auto* read = std::get_if<recipe::Version>(&version)) {
      if (plan.bases.empty() || plan.bases.front().version < *read)
        found.emplace_back(std::move(*read), ReleaseNote{name, std::move(*text)});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [version, note] : found) notes.push_back(std::move(note));
  // It belongs to what is not released yet.
  if (next && plan.head.chaos) notes.push_back(std::move(*next));
  return notes;
}

// The release that the commit itself is, if its files are unchanged.
std::optional<std::string> release_of(const Checkout& checkout) {
  if (checkout.dirty() || !checkout.has_history()) return std::nullopt;
  for (const recipe::Release& release : recipe::releases(checkout.tags()).usable) {
    if (release.commit == checkout.commit()) return release.version.text;
  }
  return std::nullopt;
}

}  // namespace

std::string no_value_for(const std::vector<std::string>& keys, const std::string& recipe) {
  return "no value for " + base::join(keys, ", ") + ": declare it in [recipes." + recipe + ".env]";
}

bool is_off(const recipe::Service& service) {
  return service.deploy.mode == recipe::Deploy::Mode::replicated &&
         service.deploy.replicas.value_or(1) == 0;
}

void give_up_deployment(Plan& plan, const std::string& reason) {
  for (TierPlan& tier : plan.tiers) {
    if (tier.name == "lint" || tier.decided) continue;
    tier.decided = Verdict::unverified;
    tier.reason = reason;
  }
}

const TierPlan& Plan::tier(std::string_view name) const {
  for (const TierPlan& tier : tiers)
    if (tier.name == name) return tier;
  throw std::logic_error("no such tier");
}

base::Result<Deployable> deployable(const recipe::Folder& files, const Plan& plan,
                                    const std::string& commit, bool dirty,
                                    const std::optional<std::string>& release) {
  Deployable result;
  CCCI_TRY(const recipe::Recipe read, recipe::read_recipe(files));
  recipe::AppRequest request;
  request.domain = plan.domain;
  for (const auto& [key, value] : plan.settings.env) request.env[key] = value;
  if (!plan.distinction.empty()) request.env["STACK_NAME"] = distinct_stack(plan);
  request.chaos = !release && !commit.empty();
  request.version = release.value_or("");
  request.commit = commit.substr(0, 8);
  request.dirty = dirty;
  CCCI_TRY(result.app, recipe::make_app(files, read, request));
  const recipe::Stack& stack = result.app.composed.stack;
  result.version = release.value_or(label_of(stack, "version"));
  result.commit = commit;
  result.chaos = request.chaos;
  result.routing = recipe::routing_of(stack);
  result.backups = recipe::backups_of(stack);
  result.recipe = plan.recipe;
  result.domain = plan.domain;
  result.path = plan.settings.path;
  result.hooks = plan.settings.hooks;
  return result;
}

base::Result<Plan> make_plan(const Source& source, const Checkout& checkout,
                             const std::set<std::string>& only, const std::string& base) {
  Plan plan;
  plan.recipe = source.name;
  plan.settings = source.settings;
  plan.domain = domain_of(source.name);
  plan.distinction = source.distinction;
  plan.dirty = checkout.dirty();
  CCCI_TRY(plan.head, deployable(checkout.head(), plan, checkout.commit(), checkout.dirty(),
                                 release_of(checkout)));
  if (checkout.has_history()) {
    const recipe::Releases all = recipe::releases(checkout.tags());
    // Changes on top of a release, with a version of their own, are the next release.
    const bool next = plan.dirty && std::none_of(all.usable.begin(), all.usable.end(),
                                                 [&](const recipe::Release& one) {
                                                   return one.version.text == plan.head.version;
                                                 });
    plan.bases =
        recipe::upgrade_bases(all, checkout.ancestors(), next ? std::string() : checkout.commit());
    // The others stay: they are tried if this one does not deploy.
    std::stable_partition(plan.bases.begin(), plan.bases.end(),
                          [&](const recipe::Release& one) { return one.version.text == base; });
  }
  for (const recipe::Service& service : plan.head.app.composed.stack.services)
    if (!is_off(service)) plan.images.insert(service.image);
  plan.test_files = find_tests(checkout.head());
  plan.release_notes = notes_of(checkout.head(), plan);
  if (plan.head.app.timeout) plan.timeout = *plan.head.app.timeout;
  if (plan.settings.timeout.count() > 0) plan.timeout = plan.settings.timeout;
  if (plan.settings.deadline.count() > 0) plan.deadline = plan.settings.deadline;
  decide_tiers(plan, checkout, only);
  name_routers(plan, only);
  return plan;
}

base::Json to_json(const Plan& plan) {
  base::Json tiers = base::Json::array();
  for (const TierPlan& tier : plan.tiers) {
    tiers.push_back({{"name", tier.name},
                     {"decision", tier.decided ? name(*tier.decided) : "run"},
                     {"reason", tier.reason}});
  }
  base::Json bases = base::Json::array();
  for (const recipe::Release& base : plan.bases) bases.push_back(base.version.text);
  base::Json secrets = base::Json::array();
  for (const recipe::SecretSpec& secret : plan.head.app.secrets) secrets.push_back(secret.name);
  base::Json dependencies = base::Json::array();
  for (const Plan& other : plan.dependencies) dependencies.push_back(other.recipe);
  base::Json images = base::Json::array();
  for (const std::string& image : plan.images) images.push_back(image);
  return {{"schema", 1},
          {"recipe", plan.recipe},
          {"version", plan.head.version},
          {"commit", plan.head.commit},
          {"dirty", plan.dirty},
          {"domain", plan.domain},
          {"engine",
           plan.settings.engine.empty() ? std::string(declare::own_engine) : plan.settings.engine},
          {"stack", plan.head.app.composed.stack.name},
          {"files", plan.head.app.files},
          {"images", std::move(images)},
          {"secrets", std::move(secrets)},
          {"upgrade_from", std::move(bases)},
          {"dependencies", std::move(dependencies)},
          {"timeout", plan.timeout.count()},
          {"deadline", plan.deadline.count()},
          {"tiers", std::move(tiers)}};
}

}  // namespace ccci::run
