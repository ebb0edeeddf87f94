// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/source_rules.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "declare/source_keys.hpp"

namespace ccci::declare {

namespace {

bool is_flat(const std::string& suite) { return suite.ends_with('/'); }

class SourceRules {
 public:
  SourceRules(const Node& root, const Declaration& declaration, Mistakes& mistakes)
      : root_(root), declaration_(declaration), mistakes_(mistakes) {}

  void check() {
    if (const Node* sources = root_.find("sources")) {
      for (const Entry& entry : sources->entries) check_source(entry);
    }
    if (const Node* packages = root_.find("packages")) {
      for (const Entry& entry : packages->entries) check_package(entry);
    }
  }

 private:
  // What one package is asked for, and where.
  struct Choice {
    std::string source;
    std::string suite;
    std::string version;
    Span at;
  };

  void check_source(const Entry& entry) {
    const Node& from = entry.value;
    const std::string key = "sources." + shown(entry.key);
    if (entry.key == debian_name) {
      const Node* snapshot = from.find("snapshot");
      if (snapshot != nullptr && from.find("uri") == nullptr) {
        mistakes_.add(base::fail("declare.snapshot").with("key", key), snapshot->at);
      }
      check_twice(entry.key, declaration_.debian.uri, all_suites(declaration_.debian), entry.at);
      return;
    }
    const auto source = declaration_.apt_sources.find(entry.key);
    if (source == declaration_.apt_sources.end()) return;
    const Node* components = from.find("components");
    for (const std::string& suite : source->second.suites) {
      if (!is_flat(suite) || components == nullptr) continue;
      mistakes_.add(base::fail("declare.flat").with("key", key).with("suite", shown(suite)),
                    components->at);
    }
    check_twice(entry.key, source->second.uri, source->second.suites, entry.at);
    const Node* packages = from.find("packages");
    if (packages == nullptr) return;
    for (const Node& item : packages->items) {
      if (!item.bad) choose(item.text, {entry.key, {}, {}, item.at});
    }
  }

  static std::vector<std::string> all_suites(const DebianSource& source) {
    std::vector<std::string> suites = source.further_suites;
    suites.insert(suites.begin(), source.suite);
    return suites;
  }

  // Where packages come from must be unambiguous, so no suite belongs to two sources.
  void check_twice(const std::string& name, std::string uri, const std::vector<std::string>& suites,
                   Span at) {
    if (uri.empty()) return;
    if (!uri.ends_with('/')) uri += '/';
    for (const std::string& suite : suites) {
      const auto [first, is_new] = places_.emplace(std::pair(uri, suite), std::pair(name, at));
      if (is_new) continue;
      mistakes_.add(base::fail("declare.same-archive")
                        .with("name", shown(name))
                        .with("other", shown(first->second.first))
                        .with("suite", shown(suite)),
                    at, first->second.second);
    }
  }

  void check_package(const Entry& entry) {
    const std::string key = "packages." + shown(entry.key);
    const PackageRule* rule = declaration_.rule(entry.key);
    const auto* package = rule == nullptr ? nullptr : std::get_if<DebianPackage>(&rule->from);
    const Node* source = entry.value.find("source");
    const Node* suite = entry.value.find("suite");
    if (package == nullptr) {
      for (const auto& [word, node] : {std::pair("source", source), std::pair("suite", suite)}) {
        if (node == nullptr) continue;
        mistakes_.add(base::fail("declare.no-archive").with("key", key).with("word", word),
                      node->at);
      }
      return;
    }
    check_version(entry, key);
    const bool known = source == nullptr || check_declared(*source, key);
    if (known && suite != nullptr && !suite->bad) check_suite(*package, *suite, key);
    if (!package->is_chosen()) return;
    const bool module = std::any_of(declaration_.python.begin(), declaration_.python.end(),
                                    [&](const Name& one) { return one.text == entry.key; });
    choose(
        module ? *declaration_.python_package(entry.key) : *declaration_.debian_package(entry.key),
        {package->source.text, package->suite.text, package->version.text, entry.at});
  }

  void check_version(const Entry& entry, const std::string& key) {
    const Node* version = entry.value.find("version");
    if (version == nullptr || version->bad) return;
    if (version->text.find_first_of("<>=!, ") == std::string::npos) return;
    mistakes_.add(base::fail("declare.value")
                      .with("key", key + ".version")
                      .with("expected", "a Debian version or a pattern with '*', like '1.9.*'")
                      .with("found", shown(version->text)),
                  version->at);
  }

  bool check_declared(const Node& source, const std::string& key) {
    if (source.bad || source.text == debian_name) return !source.bad;
    if (declaration_.apt_sources.contains(source.text)) return true;
    if (mistakes_.damaged("sources")) return false;
    std::vector<std::string> known = base::keys_of(declaration_.apt_sources);
    known.emplace_back(debian_name);
    base::Error error = base::fail("declare.no-source")
                            .with("key", key)
                            .with("found", shown(source.text))
                            .with("known", base::join(known, ", "));
    const std::string likely = base::likely(source.text, known);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    mistakes_.add(std::move(error), source.at);
    return false;
  }

  // One suite of Debian stands for all of the machine's entries that belong to it, as
  // "bookworm-backports" belongs to "bookworm".
  void check_suite(const DebianPackage& package, const Node& suite, const std::string& key) {
    std::vector<std::string> known;
    if (!package.source.text.empty()) {
      known = declaration_.apt_sources.at(package.source.text).suites;
    } else {
      const DebianSource& debian = declaration_.debian;
      if (debian.uri.empty() && debian.further_suites.empty()) return;
      known = all_suites(debian);
    }
    if (std::find(known.begin(), known.end(), suite.text) != known.end()) return;
    const std::string source =
        package.source.text.empty() ? std::string(debian_name) : package.source.text;
    mistakes_.add(base::fail("declare.no-suite")
                      .with("key", key)
                      .with("found", shown(suite.text))
                      .with("source", source)
                      .with("known", shown(base::join(known, ", "))),
                  suite.at);
  }

  // A package has one version in the lock, so all that is said about it must agree.
  void choose(const std::string& package, const Choice& choice) {
    const auto [first, is_new] = choices_.emplace(package, choice);
    const Choice& other = first->second;
    if (is_new || (other.source == choice.source && other.suite == choice.suite &&
                   other.version == choice.version)) {
      return;
    }
    const bool listed = choice.suite.empty() && choice.version.empty();
    const bool before = other.suite.empty() && other.version.empty();
    if (other.source == choice.source && (listed || before)) return;
    mistakes_.add(base::fail("declare.two-choices").with("package", shown(package)), choice.at,
                  other.at);
  }

  const Node& root_;
  const Declaration& declaration_;
  Mistakes& mistakes_;
  std::map<std::pair<std::string, std::string>, std::pair<std::string, Span>> places_;
  std::map<std::string, Choice> choices_;
};

}  // namespace

void check_source_rules(const Node& root, const Declaration& declaration, Mistakes& mistakes) {
  SourceRules(root, declaration, mistakes).check();
}

}  // namespace ccci::declare
