// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/service_rules.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "declare/secrets.hpp"

namespace ccci::declare {

namespace {

class ServiceRules {
 public:
  ServiceRules(const Node& root, const Declaration& declaration, Mistakes& mistakes)
      : root_(root), declaration_(declaration), mistakes_(mistakes) {}

  void check() {
    gather_tools();
    each("entrypoints", [this](const Entry& e) { check_entrypoint(e); });
    each("timers", [this](const Entry& e) {
      const std::string key = "timers." + shown(e.key);
      check_entry_command(key + ".exec", e.value.find("exec"));
      for (const char* list : {"exec", "on_failure"})
        check_secrets(key + "." + list, e.value.find(list));
      check_hosts(key, e);
      own_unit(e, e.key + ".service");
      if (const Node* command = e.value.find("on_failure")) {
        check_host_command("timers." + shown(e.key) + ".on_failure", *command);
        own_unit(e, failure_unit(e.key));
      }
    });
    each("runners", [this](const Entry& e) { check_runner(e); });
    for (const Entry& entry : root_.entries) {
      if (entry.key != "sweep") continue;
      if (const Node* command = entry.value.find("notify")) {
        check_host_command("sweep.notify", *command);
        check_secrets("sweep.notify", command);
      }
      check_hosts("sweep", entry);
      const Node* password = entry.value.find("snapshots_password");
      if (password != nullptr && entry.value.find("snapshots") == nullptr) {
        mistakes_.add(base::fail("declare.missing-key")
                          .with("key", "sweep.snapshots")
                          .with("expected", "a string")
                          .with("example", "snapshots = \"/srv/backup/cc-ci\""),
                      password->at);
      }
      if (entry.value.find("schedule") == nullptr) continue;
      own_unit(entry, std::string(sweep_unit) + ".service");
    }
    each("recipes", [this](const Entry& e) { check_recipe(e); });
    for (const Entry& entry : root_.entries) {
      if (entry.key != "notify") continue;
      if (const Node* command = entry.value.find("exec")) {
        check_host_command("notify.exec", *command);
        check_secrets("notify.exec", command);
      }
      own_unit(entry, std::string(notify_unit) + ".service");
    }
    if (const Node* health = root_.find("health")) check_health(*health, "health");
    each("hosts", [this](const Entry& e) {
      const Node* health = e.value.find("health");
      if (health != nullptr) check_health(*health, "hosts." + shown(e.key) + ".health");
    });
    if (const Node* witness = root_.find("witness")) {
      check_entry_command("witness.exec", witness->find("exec"));
    }
  }

 private:
  // Only a catalogue can supply the source of a recipe that has none.
  void check_recipe(const Entry& entry) {
    if (entry.value.kind != Kind::table || entry.value.find("source") != nullptr) return;
    if (!declaration_.catalogue.place.empty()) return;
    const std::string key = "recipes." + shown(entry.key) + ".source";
    if (entry.value.bad || mistakes_.damaged("recipes.*.source")) return;
    mistakes_.add(base::fail("declare.missing-key")
                      .with("key", key)
                      .with("expected", "a string")
                      .with("example", "source = \"https://git.example.org/recipes/gitea.git\""),
                  entry.at);
  }

  template <typename Visit>
  void each(std::string_view table, Visit visit) const {
    const Node* node = root_.find(table);
    if (node == nullptr) return;
    for (const Entry& entry : node->entries) visit(entry);
  }

  void gather_tools() {
    for (const Name& tool : declaration_.tools) tools_.insert(tool.text);
    for (const Name& module : declaration_.python) tools_.insert(module.text);
    for (const auto& [name, host] : declaration_.hosts) {
      for (const Name& tool : host.extra_tools) tools_.insert(tool.text);
    }
  }

  void check_entrypoint(const Entry& entry);
  void check_entry_command(const std::string& key, const Node* exec);
  // A command of the host by its absolute path, or an entrypoint.
  void check_host_command(const std::string& key, const Node& command);
  void check_runner(const Entry& entry);
  void check_health(const Node& health, const std::string& key);
  // The arguments of a timer's command are written to its unit.
  void check_secrets(const std::string& key, const Node* words);
  // The hosts of a timer or runner must be declared.
  void check_hosts(const std::string& key, const Entry& entry);
  void needs_command(const std::string& key, const Node& list);

  // Refuses two services with the same unit on one host: the file of one would replace the file of
  // the other.
  void own_unit(const Entry& entry, const std::string& unit) {
    std::set<std::string> hosts;
    if (const Node* list = entry.value.find("hosts")) {
      for (const Node& host : list->items) hosts.insert(host.text);
    }
    for (const Owner& other : units_[unit]) {
      const bool apart = !hosts.empty() && !other.hosts.empty() &&
                         std::none_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
                           return other.hosts.contains(host);
                         });
      if (apart) continue;
      mistakes_.add(base::fail("declare.same-unit")
                        .with("name", shown(entry.key))
                        .with("other", shown(other.name))
                        .with("unit", shown(unit)),
                    entry.at, other.at);
      return;
    }
    units_[unit].push_back({entry.key, entry.at, std::move(hosts)});
  }

  // A timer or runner with the hosts that it is on; empty: all.
  struct Owner {
    std::string name;
    Span at;
    std::set<std::string> hosts;
  };

  const Node& root_;
  const Declaration& declaration_;
  Mistakes& mistakes_;
  std::set<std::string> tools_;  // tools and modules of all lists
  std::map<std::string, std::vector<Owner>> units_;
};

void ServiceRules::check_entrypoint(const Entry& entry) {
  if (entry.key == "cc-ci" || entry.key == "cc-ci-enter") {
    mistakes_.add(base::fail("declare.reserved")
                      .with("key", "entrypoints")
                      .with("name", entry.key)
                      .with("why", "it is a program of cc-ci itself"),
                  entry.at);
    return;
  }
  std::string owner = tools_.contains(entry.key) ? entry.key : std::string();
  for (const auto& [name, rule] : declaration_.packages) {
    if (!owner.empty() || !rule.commands) continue;
    for (const CommandRule& command : *rule.commands) {
      if (command.name == entry.key) owner = name;
    }
  }
  if (!owner.empty()) {
    mistakes_.add(base::fail("declare.entrypoint-clash")
                      .with("name", shown(entry.key))
                      .with("tool", shown(owner)),
                  entry.at);
  }
  const Node* exec = entry.value.find("exec");
  if (exec == nullptr || exec->items.empty()) return;
  needs_command("entrypoints." + shown(entry.key) + ".exec", *exec);
}

void ServiceRules::needs_command(const std::string& key, const Node& list) {
  if (!list.items.empty() && (list.items[0].bad || !list.items[0].text.empty())) return;
  mistakes_.add(base::fail("declare.value")
                    .with("key", key)
                    .with("expected", "a command first")
                    .with("found", ""),
                list.items.empty() ? list.at : list.items[0].at);
}

void ServiceRules::check_entry_command(const std::string& key, const Node* exec) {
  if (exec == nullptr || exec->bad || (!exec->items.empty() && exec->items[0].bad)) return;
  const std::string found = exec->items.empty() ? "" : exec->items[0].text;
  if (declaration_.entrypoints.contains(found)) return;
  if (mistakes_.damaged("entrypoints") || mistakes_.damaged("entrypoints.*")) return;
  base::Error error =
      base::fail("declare.no-entrypoint").with("key", key).with("found", shown(found));
  if (!mistakes_.crowded()) {
    std::vector<std::string> names;
    for (const auto& [name, entrypoint] : declaration_.entrypoints) names.push_back(name);
    constexpr std::size_t readable = 10;
    if (!names.empty() && names.size() <= readable) {
      error = std::move(error).with("known", base::join(names, ", "));
    }
    const std::string likely = base::likely(found, names);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
  }
  mistakes_.add(std::move(error), exec->items.empty() ? exec->at : exec->items[0].at);
}

void ServiceRules::check_host_command(const std::string& key, const Node& command) {
  const bool absolute = !command.items.empty() && command.items[0].text.starts_with('/');
  if (!absolute) check_entry_command(key, &command);
}

void ServiceRules::check_secrets(const std::string& key, const Node* words) {
  if (words == nullptr) return;
  for (const Node& word : words->items) {
    const std::string why = word.bad ? std::string() : secret_in_text(word.text);
    if (why.empty()) continue;
    mistakes_.add_secret(base::fail("declare.secret").with("key", key).with("why", why), word.at);
  }
}

void ServiceRules::check_hosts(const std::string& key, const Entry& entry) {
  const Node* list = entry.value.find("hosts");
  // Nobody knows whether "no host" or "every host" is meant.
  if (list != nullptr && !list->bad && list->items.empty()) {
    mistakes_.add(base::fail("declare.value")
                      .with("key", key + ".hosts")
                      .with("expected", "the name of a host or more")
                      .with("found", "")
                      .with("why", "without the key, every host is meant"),
                  list->at);
  }
  if (list == nullptr || mistakes_.damaged("hosts") || mistakes_.damaged("hosts.*")) return;
  std::vector<std::string> known;
  for (const auto& [name, host] : declaration_.hosts) known.push_back(name);
  for (const Node& host : list->items) {
    if (host.bad || declaration_.hosts.contains(host.text)) continue;
    base::Error error =
        base::fail("declare.no-host").with("key", key + ".hosts").with("found", shown(host.text));
    const std::string likely = base::likely(host.text, known);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    if (!known.empty()) error = std::move(error).with("known", base::join(known, ", "));
    mistakes_.add(std::move(error), host.at);
  }
}

void ServiceRules::check_runner(const Entry& entry) {
  check_hosts("runners." + shown(entry.key), entry);
  const Node* kind = entry.value.find("kind");
  const Node* unit = entry.value.find("unit");
  if (const Node* trigger = entry.value.find("trigger"); trigger != nullptr && !trigger->bad) {
    needs_command("runners." + shown(entry.key) + ".trigger", *trigger);
  }
  if (unit != nullptr) {
    if (unit->bad) return;
    if (const std::size_t at = unit->text.find("@."); at != std::string::npos) {
      const std::string instance = std::string(unit->text).insert(at + 1, "NAME");
      mistakes_.add(base::fail("declare.value")
                        .with("key", "runners." + shown(entry.key) + ".unit")
                        .with("expected", "an instance like '" + shown(instance) + "'")
                        .with("found", shown(unit->text))
                        .with("why", "a template never runs itself"),
                    unit->at);
      return;
    }
    own_unit(entry, unit->text);
    return;
  }
  if (kind == nullptr || kind->bad) return;
  if (runner_kind(kind->text).unit_required) {
    mistakes_.add(base::fail("declare.missing-key")
                      .with("key", "runners." + shown(entry.key) + ".unit")
                      .with("expected", "a string")
                      .with("example", "unit = \"" + shown(entry.key) + ".service\""),
                  entry.at);
  } else if (const std::string_view usual = runner_kind(kind->text).unit; !usual.empty()) {
    own_unit(entry, std::string(usual));
  }
}

void ServiceRules::check_health(const Node& health, const std::string& key) {
  std::map<std::string, Span> seen;
  if (const Node* units = health.find("units")) {
    for (const Node& unit : units->items) {
      const auto [first, is_new] = seen.emplace(unit.text, unit.at);
      if (is_new) continue;
      mistakes_.add(base::fail("declare.duplicate")
                        .with("key", key + ".units")
                        .with("name", shown(unit.text)),
                    unit.at, first->second);
    }
  }
  if (const Node* commands = health.find("commands"); commands != nullptr && !commands->bad) {
    for (const Node& command : commands->items) needs_command(key + ".commands", command);
  }
}

}  // namespace

void check_service_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes) {
  ServiceRules(root, declaration, mistakes).check();
}

}  // namespace ccci::declare
