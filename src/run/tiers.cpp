// SPDX-License-Identifier: GPL-3.0-or-later
#include "run/tiers.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ingress/configuration.hpp"
#include "recipe/lint.hpp"
#include "run/moved_volumes.hpp"

namespace ccci::run {

namespace {

constexpr std::size_t most_bases = 3;

std::string first_finding(const recipe::LintResult& result) {
  std::string text = std::string(result.rule->id) + ": ";
  if (result.findings.empty()) return text + std::string(result.rule->title);
  const recipe::LintFinding& finding = result.findings.front();
  text += finding.file;
  if (finding.line > 0) text += ":" + std::to_string(finding.line);
  return text + ": " + finding.what;
}

// What the declaration allows is no mistake here, though `cc-ci lint` still tells it.
bool is_allowed(const Plan& plan, const recipe::LintRule& rule) {
  const auto& allowed = plan.settings.allow;
  return !rule.permission.empty() &&
         std::find(allowed.begin(), allowed.end(), rule.permission) != allowed.end();
}

// What the author can mend is an error of its own, without a number of the system's.
bool is_of_machine(const base::Error& error) {
  return error.number != 0 || std::any_of(error.also.begin(), error.also.end(), is_of_machine);
}

// The volumes of the stack that exist, by the engine's names.
std::vector<std::string> volumes_of(Session& session, const Deployable& app) {
  std::vector<std::string> names;
  const recipe::Stack stack = session.stack_of(app);
  for (const auto& [key, volume] : stack.volumes)
    if (session.volumes().exists(volume.name)) names.push_back(volume.name);
  return names;
}

// The labels that say what is deployed, of the service that has them.
std::string said_version(const recipe::Stack& stack, const recipe::Labels& labels, bool chaos) {
  const auto found =
      labels.find("coop-cloud." + stack.name + (chaos ? ".chaos-version" : ".version"));
  return found == labels.end() ? std::string() : found->second;
}

std::string wanted_version(const Deployable& app) {
  const recipe::Stack& stack = app.app.composed.stack;
  for (const recipe::Service& service : stack.services) {
    const std::string version = said_version(stack, service.deploy.labels, app.chaos);
    if (!version.empty()) return version;
  }
  return {};
}

base::Result<std::string> deployed_version(Session& session, const Deployable& app) {
  const recipe::Stack& stack = app.app.composed.stack;
  CCCI_TRY(const engine::Snapshot snapshot, engine::take_snapshot(session.api(), stack.name));
  for (const engine::Service& service : snapshot.services) {
    const std::string version = said_version(stack, service.labels, app.chaos);
    if (!version.empty()) return version;
  }
  return std::string();
}

base::Result<Outcome> clear_place(Session& session, const Deployable& app) {
  CCCI_TRY(const engine::Leftovers left, session.remove(app, true));
  if (left.empty()) return Outcome{};
  return Outcome::red("the stack cannot be removed: " + base::join(left, "; "));
}

// The newest base that can be deployed is deployed then. `why` names those that cannot.
base::Result<std::optional<Deployable>> deploy_base(Session& session, const Checkout& checkout,
                                                    std::vector<std::string>& why) {
  for (const recipe::Release& release : session.plan().bases) {
    if (why.size() == most_bases || session.stopping()() != Stop::no) break;
    const std::string& version = release.version.text;
    session.watcher().wait("the base " + version);
    CCCI_TRY(const recipe::Folder files, checkout.at(release.commit));
    auto base = deployable(files, session.plan(), release.commit, false, version);
    if (!base) {
      why.push_back(version + ": " + session.setup().explain(base.error()));
      continue;
    }
    CCCI_TRY(const Outcome outcome, session.install(*base));
    if (outcome.verdict != Verdict::fail) return std::optional<Deployable>(std::move(*base));
    CCCI_CHECK(session.engine().check());
    why.push_back(version + ": " + outcome.reason);
    CCCI_TRY(const Outcome cleared, clear_place(session, *base));
    if (!cleared.good()) break;
  }
  return std::nullopt;
}

// What must hold after the upgrade besides that the new version is served.
base::Result<Outcome> judge_upgrade(Session& session, const std::string& witness,
                                    const std::vector<std::string>& volumes) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(const std::string found, deployed_version(session, head));
  const std::string wanted = wanted_version(head);
  if (found != wanted) {
    return Outcome::red("the deployment says version " + (found.empty() ? "none" : found) +
                        ", expected " + wanted);
  }
  // A version that changes labels only moves the service and no container.
  const engine::Deployed& deployed = session.deployed();
  if (deployed.created.empty() && deployed.updated.empty() && deployed.removed.empty())
    return Outcome::red("the upgrade changed nothing");
  for (const std::string& volume : volumes) {
    // A volume that the new version no longer has keeps its data anyway.
    if (session.volumes().witness_of(volume) != witness)
      return Outcome::red("volume " + volume + ": a file from before the upgrade is gone");
  }
  return Outcome{};
}

base::Result<Outcome> upgrade_from(Session& session, const Deployable& base,
                                   const std::string& witness,
                                   const std::vector<std::string>& volumes) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(Outcome outcome, session.hook(base, declare::HookPoint::before_upgrade));
  if (!outcome.good()) return outcome;
  CCCI_TRY(outcome, session.deploy(head));
  if (!outcome.good()) return outcome;
  CCCI_TRY(outcome, judge_upgrade(session, witness, volumes));
  if (!outcome.good()) return outcome;
  CCCI_TRY(outcome, session.serve(head));
  if (!outcome.good()) return outcome;
  return session.hook(head, declare::HookPoint::after_upgrade);
}

}  // namespace

base::Result<Outcome> lint(const Setup& setup, const Plan& plan, const Checkout& checkout) {
  std::optional<std::vector<git::Tag>> tags;
  if (checkout.has_history()) tags = checkout.tags();
  auto input = recipe::lint_input(checkout.head(), std::move(tags));
  if (!input && is_of_machine(input.error())) return base::unexpected(std::move(input).error());
  if (!input) return Outcome::red(setup.explain(input.error()));
  for (const base::Error& broken : input->broken)
    if (is_of_machine(broken)) return base::unexpected(broken);
  input->unserved = ingress::unserved;
  std::vector<std::string> failed;
  std::size_t warnings = 0;
  for (const recipe::LintResult& result : recipe::lint(*input)) {
    if (result.verdict == recipe::LintVerdict::fail && !is_allowed(plan, *result.rule))
      failed.push_back(first_finding(result));
    if (result.verdict == recipe::LintVerdict::warn) ++warnings;
  }
  if (!failed.empty()) return Outcome::red(base::join(failed, "; "));
  Outcome outcome;
  if (warnings > 0) outcome.reason = base::counted(warnings, "warning") + "; see cc-ci lint";
  return outcome;
}

base::Result<Outcome> install(Session& session) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(Outcome outcome, session.install(head));
  if (outcome.verdict != Verdict::pass || !outcome.reason.empty()) return outcome;
  std::vector<std::string> labels;
  for (const recipe::NotRouted& one : head.routing.unverified)
    if (one.beside) labels.push_back(one.label);
  if (!labels.empty()) outcome.reason = "served; not shown: " + base::join(labels, ", ");
  return outcome;
}

base::Result<Outcome> redeploy(Session& session) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(Outcome outcome, session.watch(head));
  if (!outcome.good()) return outcome;
  CCCI_TRY(const auto before, session.containers(head));
  CCCI_TRY(outcome, session.deploy(head));
  if (!outcome.good()) return outcome;
  const engine::Deployed& deployed = session.deployed();
  for (const auto* changed : {&deployed.created, &deployed.updated, &deployed.removed}) {
    if (!changed->empty())
      return Outcome::red("the same version again changed " + base::join(*changed, ", "));
  }
  CCCI_TRY(const auto after, session.containers(head));
  if (before != after) {
    // The engine also replaces what ends by itself.
    CCCI_TRY(outcome, session.look_after(head));
    if (!outcome.good()) return outcome;
    return Outcome::red("the same version again replaced a container");
  }
  return session.serve(head);
}

base::Result<Outcome> remove_and_install(Session& session) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(Outcome outcome, clear_place(session, head));
  if (!outcome.good()) return outcome;
  const std::vector<std::string> volumes = volumes_of(session, head);
  if (!volumes.empty()) return Outcome::red("the removal left " + base::join(volumes, ", "));
  return session.install(head);
}

base::Result<Outcome> upgrade(Session& session, const Checkout& checkout) {
  const Deployable& head = session.plan().head;
  CCCI_TRY(Outcome outcome, clear_place(session, head));
  if (!outcome.good()) return outcome;
  std::vector<std::string> why;
  CCCI_TRY(const std::optional<Deployable> base, deploy_base(session, checkout, why));
  if (!base) return Outcome::unverified("base broken: " + base::join(why, "; "));
  for (const std::string& broken : why) session.note("base broken: " + broken);
  for (const std::string& moved : moved_volumes(base->app.composed.stack, head.app.composed.stack))
    session.note("upgrade from " + base->version + ": " + moved);
  const std::string witness = "seeded at " + base->version;
  const std::vector<std::string> volumes = volumes_of(session, *base);
  for (const std::string& volume : volumes)
    CCCI_CHECK(session.volumes().put_witness(volume, witness));
  CCCI_TRY(outcome, upgrade_from(session, *base, witness, volumes));
  const std::string from = "from " + base->version;
  outcome.reason = outcome.reason.empty() ? from : from + ": " + outcome.reason;
  return outcome;
}

}  // namespace ccci::run
