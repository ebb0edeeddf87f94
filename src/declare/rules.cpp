// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "declare/package_rules.hpp"
#include "declare/recipe_rules.hpp"
#include "declare/secrets.hpp"
#include "declare/service_rules.hpp"
#include "declare/source_rules.hpp"
#include "declare/timezones.hpp"

namespace ccci::declare {

namespace {

// A tool or module that the declaration requests, and its position.
struct Use {
  std::string name;
  Span at;
};

// The entries that one list is checked against: its own entries, and the entries for all hosts.
struct Seen {
  const Seen* everywhere = nullptr;
  std::map<std::string, Use> names;
  std::map<std::string, Use> packages;  // Debian package -> the first use of it

  // Stores `use` under `key`, or returns the entry that is already there.
  const Use* earlier(std::map<std::string, Use> Seen::*entries, const std::string& key,
                     const Use& use) {
    if (everywhere != nullptr) {
      const auto found = (everywhere->*entries).find(key);
      if (found != (everywhere->*entries).end()) return &found->second;
    }
    const auto [first, is_new] = (this->*entries).emplace(key, use);
    return is_new ? nullptr : &first->second;
  }
};

class Rules {
 public:
  Rules(const Node& root, const Declaration& declaration, Mistakes& mistakes)
      : root_(root), declaration_(declaration), mistakes_(mistakes) {}

  void check() {
    check_tools();
    check_browsers();
    check_variables();
    each("images", [this](const Entry& e) { check_image(e); });
    each("sources", [this](const Entry& e) {
      each_item(e.value.find("packages"), [this](const Node& item) { use_choice(item); });
    });
    check_package_rules(root_, asked_, mistakes_);
  }

 private:
  template <typename Visit>
  void each(std::string_view table, Visit visit) const {
    const Node* node = root_.find(table);
    if (node == nullptr) return;
    for (const Entry& entry : node->entries) visit(entry);
  }

  template <typename Visit>
  static void each_item(const Node* list, Visit visit) {
    if (list == nullptr) return;
    for (const Node& item : list->items) visit(item);
  }

  const Node* runtime(std::string_view key) const {
    const Node* table = root_.find("runtime");
    return table == nullptr ? nullptr : table->find(key);
  }

  void check_tools();
  void use_tool(Seen& seen, const Node& item, const std::string& key);
  void use_module(Seen& seen, const Node& item);
  void use_library(Seen& seen, const Node& item);
  void use_choice(const Node& item);
  bool use_project(Seen& seen, const Use& use);
  void use_package(Seen& seen, const std::string& package, const Use& use);
  bool share_a_package(const std::string& a, const std::string& b) const;
  void check_browsers();
  void check_variables();
  void check_image(const Entry& image);
  bool is_npm(std::string_view name) const {
    const PackageRule* rule = declaration_.rule(name);
    return rule != nullptr && std::holds_alternative<NpmPackage>(rule->from);
  }

  void reserved(std::string_view key, const std::string& name, std::string_view why, Span at) {
    mistakes_.add(
        base::fail("declare.reserved").with("key", key).with("name", shown(name)).with("why", why),
        at);
  }

  const Node& root_;
  const Declaration& declaration_;
  Mistakes& mistakes_;
  std::map<std::string, Span> tags_;  // of all images
  std::set<std::string> asked_;       // every tool and module, of all lists
};

void Rules::check_tools() {
  Seen shared;
  each_item(runtime("tools"), [&](const Node& i) { use_tool(shared, i, "runtime.tools"); });
  each_item(runtime("python"), [&](const Node& i) { use_module(shared, i); });
  each("hosts", [&](const Entry& host) {
    if (host.key == "shared") {
      reserved("hosts", host.key, "the lock uses this name for what all hosts share", host.at);
    }
    Seen own;
    own.everywhere = &shared;
    const std::string key = "hosts." + shown(host.key) + ".extra_tools";
    each_item(host.value.find("extra_tools"), [&](const Node& i) { use_tool(own, i, key); });
  });
  // A host may list as an extra tool a package that the jobs get without PATH.
  Seen hidden;
  hidden.everywhere = &shared;
  each_item(runtime("packages"), [&](const Node& i) { use_library(hidden, i); });
  const Node* python = runtime("python");
  const bool needs_python = python != nullptr && !python->items.empty();
  if (needs_python && !shared.names.contains("python3") && !mistakes_.damaged("runtime.tools")) {
    mistakes_.add(base::fail("declare.needs-python").with("module", shown(python->items[0].text)),
                  python->items[0].at);
  }
}

void Rules::use_tool(Seen& seen, const Node& item, const std::string& key) {
  if (item.text == "essential") {
    reserved(key, item.text, "it is the PATH directory of Debian's essential packages", item.at);
  }
  asked_.insert(item.text);
  if (item.bad) return;
  const Use use{item.text, item.at};
  if (const Use* first = seen.earlier(&Seen::names, item.text, use)) {
    mistakes_.add(base::fail("declare.duplicate").with("key", key).with("name", shown(item.text)),
                  item.at, first->at);
    return;
  }
  if (const auto package = declaration_.debian_package(item.text)) {
    use_package(seen, *package, use);
  } else {
    use_project(seen, use);
  }
}

// Names that differ in case, '-', '_' and '.' only are one project of the index.
bool Rules::use_project(Seen& seen, const Use& use) {
  const PackageRule* rule = declaration_.rule(use.name);
  const auto* pypi = rule == nullptr ? nullptr : std::get_if<PypiPackage>(&rule->from);
  const auto* npm = rule == nullptr ? nullptr : std::get_if<NpmPackage>(&rule->from);
  if (pypi == nullptr && npm == nullptr) return false;
  if (npm != nullptr && !npm->lock.text.empty()) return true;  // several tools may name one lock
  const std::string package = npm != nullptr ? "npm:" + npm->name : pypi_package(pypi->name);
  const Use* first = seen.earlier(&Seen::packages, package, use);
  if (first == nullptr || share_a_package(first->name, use.name)) return true;
  mistakes_.add(base::fail("declare.same-project")
                    .with("name", shown(use.name))
                    .with("other", shown(first->name))
                    .with("package", package.substr(package.find(':') + 1)),
                use.at, first->at);
  return true;
}

void Rules::use_module(Seen& seen, const Node& item) {
  asked_.insert(item.text);
  if (item.bad) return;
  const Use use{item.text, item.at};
  if (const Use* first = seen.earlier(&Seen::names, item.text, use)) {
    mistakes_.add(base::fail("declare.duplicate")
                      .with("key", "runtime.python")
                      .with("name", shown(item.text)),
                  item.at, first->at);
    return;
  }
  if (const auto package = declaration_.python_package(item.text)) {
    use_package(seen, *package, use);
  } else if (is_npm(item.text) || !use_project(seen, use)) {
    mistakes_.add(base::fail("declare.python-archive").with("module", shown(item.text)), item.at);
  }
}

// These names are Debian package names. Of a [packages] table, only the archive, the suite and the
// version apply to them.
void Rules::use_library(Seen& seen, const Node& item) {
  use_choice(item);
  if (item.bad) return;
  const Use use{item.text, item.at};
  if (const Use* first = seen.earlier(&Seen::names, item.text, use)) {
    mistakes_.add(base::fail("declare.duplicate")
                      .with("key", "runtime.packages")
                      .with("name", shown(item.text)),
                  item.at, first->at);
    return;
  }
  use_package(seen, item.text, use);
}

void Rules::use_choice(const Node& item) {
  const PackageRule* rule = declaration_.rule(item.text);
  const auto* package = rule == nullptr ? nullptr : std::get_if<DebianPackage>(&rule->from);
  if (package != nullptr && package->name.empty() && package->is_chosen()) asked_.insert(item.text);
}

void Rules::use_package(Seen& seen, const std::string& package, const Use& use) {
  const Use* first = seen.earlier(&Seen::packages, package, use);
  if (first == nullptr || share_a_package(first->name, use.name)) return;
  mistakes_.add(base::fail("declare.same-package")
                    .with("name", shown(use.name))
                    .with("other", shown(first->name))
                    .with("package", package),
                use.at, first->at);
}

// Two tools may share one package if each of them lists its commands and no command is in both.
bool Rules::share_a_package(const std::string& a, const std::string& b) const {
  const PackageRule* one = declaration_.rule(a);
  const PackageRule* other = declaration_.rule(b);
  if (one == nullptr || other == nullptr || !one->commands || !other->commands) return false;
  return std::none_of(one->commands->begin(), one->commands->end(), [&](const CommandRule& c) {
    return std::any_of(other->commands->begin(), other->commands->end(),
                       [&](const CommandRule& d) { return c.name == d.name; });
  });
}

void Rules::check_browsers() {
  Seen seen;
  each_item(runtime("browsers"), [&](const Node& item) {
    const Use* first = seen.earlier(&Seen::names, item.text, {item.text, item.at});
    if (first == nullptr) return;
    mistakes_.add(base::fail("declare.duplicate")
                      .with("key", "runtime.browsers")
                      .with("name", shown(item.text)),
                  item.at, first->at);
  });
}

// The reason why the variable must not be set for a job, or an empty string.
std::string_view variable_objection(std::string_view name) {
  if (name == "PATH") return "cc-ci sets it to the commands of the declared tools";
  if (name.starts_with("CC_CI_")) return "cc-ci sets these itself";
  constexpr std::string_view loader = "it decides where programs load code from";
  if (name.starts_with("LD_")) return loader;
  constexpr std::array names{
      "BASH_ENV",   "ENV",        "GCONV_PATH", "GETCONF_DIR", "GIT_EXEC_PATH", "GLIBC_TUNABLES",
      "LOCPATH",    "NLSPATH",    "NODE_PATH",  "PERL5LIB",    "PERL5OPT",      "PERLLIB",
      "PYTHONHOME", "PYTHONPATH", "RUBYLIB",    "RUBYOPT"};
  return std::find(names.begin(), names.end(), name) != names.end() ? loader : std::string_view();
}

void Rules::check_variables() {
  const Node* variables = runtime("variables");
  if (variables == nullptr) return;
  for (const Entry& entry : variables->entries) {
    const std::string_view why = variable_objection(entry.key);
    if (!why.empty()) reserved("runtime.variables", entry.key, why, entry.at);
    if (entry.value.bad) continue;
    if (entry.key == "TZ" && !is_tz_value(entry.value.text)) {
      base::Error error = base::fail("declare.value")
                              .with("key", "runtime.variables.TZ")
                              .with("expected", "a time zone like 'Europe/Berlin'")
                              .with("found", shown(entry.value.text))
                              .with("why", "programs would take it as UTC and say nothing");
      const std::string likely = likely_timezone(entry.value.text);
      if (!likely.empty()) error = std::move(error).with("likely", likely);
      mistakes_.add(std::move(error), entry.value.at);
    }
    const std::string secret = secret_in_variable(entry.key, entry.value.text);
    if (secret.empty()) continue;
    mistakes_.add_secret(base::fail("declare.secret")
                             .with("key", "runtime.variables." + shown(entry.key))
                             .with("name", shown(entry.key))
                             .with("why", secret),
                         entry.at);
  }
}

// An image takes Debian packages only: an archive has no place in the usual directories.
void Rules::check_image(const Entry& image) {
  const std::string key = "images." + shown(image.key);
  Seen seen;
  each_item(image.value.find("tools"), [&](const Node& item) {
    use_tool(seen, item, key + ".tools");
    if (!item.bad && !declaration_.debian_package(item.text))
      mistakes_.add(base::fail("declare.image-archive")
                        .with("key", key + ".tools")
                        .with("name", shown(item.text)),
                    item.at);
  });
  each_item(image.value.find("packages"), [&](const Node& item) { use_choice(item); });
  each_item(image.value.find("tags"), [&](const Node& item) {
    const auto [first, is_new] = tags_.emplace(item.text, item.at);
    if (!is_new)
      mistakes_.add(
          base::fail("declare.duplicate").with("key", key + ".tags").with("name", shown(item.text)),
          item.at, first->second);
  });
}

}  // namespace

void check_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes) {
  Rules(root, declaration, mistakes).check();
  check_service_rules(root, declaration, mistakes);
  check_recipe_rules(root, declaration, mistakes);
  check_source_rules(root, declaration, mistakes);
}

}  // namespace ccci::declare
