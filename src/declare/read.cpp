// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/read.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "declare/image_keys.hpp"
#include "declare/recipe_keys.hpp"
#include "declare/runner_kind.hpp"
#include "declare/source_keys.hpp"
#include "declare/span.hpp"

namespace ccci::declare {

namespace {

class DeclarationReader {
 public:
  DeclarationReader(const Lines& lines, const std::string& file) : lines_(lines) {
    result_.file = file;
  }

  Declaration read(const Node& root) {
    if (const Node* runtime = root.find("runtime")) {
      result_.tools = names(runtime->find("tools"));
      result_.python = names(runtime->find("python"));
      result_.library_packages = names(runtime->find("packages"));
      result_.browsers = names(runtime->find("browsers"));
      result_.host_files = texts(runtime->find("host_files"));
      std::sort(result_.host_files.begin(), result_.host_files.end());
      result_.absent_libraries = texts(runtime->find("absent_libraries"));
      std::sort(result_.absent_libraries.begin(), result_.absent_libraries.end());
      for (Name& path : names(runtime->find("certificates"))) {
        result_.certificates.push_back({std::move(path)});
      }
      each(runtime->find("variables"),
           [this](const Entry& entry) { result_.variables.emplace(entry.key, entry.value.text); });
    }
    if (const Node* sources = root.find("sources")) {
      archives(*sources);
      pypi(sources->find("pypi"));
      if (const Node* npm = sources->find("npm")) {
        result_.npm.registry = text(npm->find("registry"));
        each(npm->find("scopes"), [this](const Entry& scope) {
          result_.npm.scopes.emplace(scope.key, scope.value.text);
        });
      }
    }
    each(root.find("packages"), [this](const Entry& e) { package(e); });
    each(root.find("entrypoints"), [this](const Entry& e) {
      result_.entrypoints.emplace(e.key, Entrypoint{name(e), texts(e.value.find("exec"))});
    });
    services(root);
    each(root.find("images"),
         [this](const Entry& e) { result_.images.emplace(e.key, read_image(e, lines_)); });
    recipes(root.find("recipes"));
    if (const Node* sweep = root.find("sweep")) result_.sweep = read_sweep(*sweep, lines_);
    each(root.find("baselines"),
         [this](const Entry& e) { result_.baselines.emplace(e.key, baseline(e)); });
    each(root.find("waivers"),
         [this](const Entry& e) { result_.waivers.emplace(e.key, e.value.text); });
    if (const Node* prove = root.find("prove")) {
      each(prove->find("ignore"),
           [this](const Entry& e) { result_.ignored.emplace(e.key, e.value.text); });
    }
    return std::move(result_);
  }

 private:
  template <typename Visit>
  static void each(const Node* table, Visit visit) {
    if (table == nullptr) return;
    for (const Entry& entry : table->entries) visit(entry);
  }

  static std::string text(const Node* node) { return node == nullptr ? std::string() : node->text; }

  static std::vector<std::string> texts(const Node* list) {
    std::vector<std::string> result;
    if (list == nullptr) return result;
    for (const Node& item : list->items) result.push_back(item.text);
    return result;
  }

  Name name(const Entry& entry) const { return {entry.key, lines_.at(entry.at)}; }

  std::vector<Name> names(const Node* list) const {
    std::vector<Name> result;
    if (list == nullptr) return result;
    for (const Node& item : list->items) result.push_back({item.text, lines_.at(item.at)});
    return result;
  }

  Baseline baseline(const Entry& entry) const {
    Baseline result{name(entry), names(&entry.value)};
    if (const Node* from = entry.value.find("from"))
      result.from = {from->text, lines_.at(from->at)};
    return result;
  }

  void services(const Node& root) {
    each(root.find("timers"), [this](const Entry& e) {
      const Node& from = e.value;
      Timer timer{name(e), text(from.find("schedule")), texts(from.find("exec")),
                  text(from.find("directory")), text(from.find("user"))};
      timer.timeout = time_span(text(from.find("timeout"))).value_or(std::chrono::seconds(0));
      timer.on_failure = texts(from.find("on_failure"));
      timer.hosts = names(from.find("hosts"));
      timer.environment_files = texts(from.find("environment_files"));
      each(from.find("credentials"),
           [&](const Entry& one) { timer.credentials.emplace(one.key, one.value.text); });
      result_.timers.emplace(e.key, std::move(timer));
    });
    each(root.find("runners"), [this](const Entry& e) {
      const Node& from = e.value;
      result_.runners.emplace(e.key,
                              Runner{name(e), text(from.find("kind")), text(from.find("unit")),
                                     text(from.find("program")), texts(from.find("trigger")),
                                     names(from.find("hosts"))});
      keep_configuration(runner_kind(text(from.find("kind"))));
    });
    each(root.find("hosts"), [this](const Entry& e) {
      Host host{name(e), names(e.value.find("extra_tools")), text(e.value.find("address"))};
      health(e.value.find("health"), host.health);
      result_.hosts.emplace(e.key, std::move(host));
    });
    health(root.find("health"), result_.health);
    each(root.find("gates"),
         [this](const Entry& e) { result_.gates.emplace(e.key, texts(e.value.find("blocks"))); });
    if (const Node* notify = root.find("notify")) {
      const std::string schedule = text(notify->find("schedule"));
      result_.notify = {texts(notify->find("exec")), schedule.empty() ? "hourly" : schedule};
    }
    if (const Node* witness = root.find("witness")) result_.witness = texts(witness->find("exec"));
  }

  // The daemon reads its own files where its unit says, although /etc is the environment's.
  void keep_configuration(const RunnerKind& kind) {
    std::vector<std::string>& files = result_.host_files;
    if (kind.configuration.empty()) return;
    const auto at = std::lower_bound(files.begin(), files.end(), kind.configuration);
    if (at == files.end() || *at != kind.configuration) files.emplace(at, kind.configuration);
  }

  static void health(const Node* node, Health& health) {
    if (node == nullptr) return;
    health.units = texts(node->find("units"));
    if (const Node* commands = node->find("commands")) {
      for (const Node& command : commands->items) health.commands.push_back(texts(&command));
    }
    const auto deadline = time_span(text(node->find("deadline")));
    if (deadline) health.deadline = *deadline;
  }

  void recipes(const Node* table) {
    if (table == nullptr || table->entries.empty()) return;
    result_.recipes = read_recipes(*table, lines_);
    result_.catalogue = read_catalogue(*table);
    result_.recipe_engine = text(table->find("engine"));
    for (const std::string& package : recipe_packages()) {
      if (!provides(package)) result_.library_packages.push_back({package, lines_.at(table->at)});
    }
  }

  bool provides(const std::string& package) const {
    const auto named = [&](const Name& name) { return name.text == package; };
    const auto supplied = [&](const Name& tool) {
      return result_.debian_package(tool.text) == package;
    };
    return std::any_of(result_.library_packages.begin(), result_.library_packages.end(), named) ||
           std::any_of(result_.tools.begin(), result_.tools.end(), supplied);
  }

  void archives(const Node& sources) {
    for (const Entry& entry : sources.entries) {
      const Key* row = find_key("sources", entry.key);
      if (entry.key == debian_name) {
        result_.debian = read_debian_source(entry.value);
      } else if (row != nullptr && row->last() == "*") {
        result_.apt_sources.emplace(entry.key, read_apt_source(entry, lines_));
      }
    }
  }

  void pypi(const Node* node) {
    if (node == nullptr) return;
    const auto file = [&](const char* key) {
      const Node* value = node->find(key);
      return value == nullptr ? Name{} : Name{value->text, lines_.at(value->at)};
    };
    result_.pypi = {true, text(node->find("index")), file("requirements"), file("constraints"), {}};
  }

  void package(const Entry& entry) {
    PackageRule rule;
    rule.name = name(entry);
    const bool archive = entry.value.find("url") != nullptr || entry.value.find("file") != nullptr;
    if (archive) {
      rule.from = PinnedArchive{text(entry.value.find("url")), text(entry.value.find("file")),
                                text(entry.value.find("sha256"))};
    } else if (const Node* pypi = entry.value.find("pypi")) {
      rule.from = PypiPackage{pypi->text, text(entry.value.find("version"))};
    } else if (const Node* npm = entry.value.find("npm")) {
      rule.from = npm_package(*npm, entry.value);
    } else {
      rule.from = read_debian_package(entry.value, lines_);
    }
    if (const Node* commands = entry.value.find("commands"))
      rule.commands = read_commands(*commands, archive);
    result_.packages.emplace(entry.key, std::move(rule));
  }

  NpmPackage npm_package(const Node& npm, const Node& rule) const {
    NpmPackage package{npm.text, text(rule.find("version"))};
    if (const Node* lock = npm.find("lock")) package.lock = {lock->text, lines_.at(lock->at)};
    package.scripts = texts(rule.find("scripts"));
    std::sort(package.scripts.begin(), package.scripts.end());
    return package;
  }

  // In a list, each program has the same name as its command. An archive has them at its top level.
  static std::vector<CommandRule> read_commands(const Node& node, bool archive) {
    std::vector<CommandRule> rules;
    for (const Node& item : node.items) rules.push_back({item.text, archive ? item.text : ""});
    for (const Entry& entry : node.entries) rules.push_back({entry.key, entry.value.text});
    return rules;
  }

  const Lines& lines_;
  Declaration result_;
};

}  // namespace

Declaration read_declaration(const Node& root, const Lines& lines, const std::string& file) {
  return DeclarationReader(lines, file).read(root);
}

}  // namespace ccci::declare
