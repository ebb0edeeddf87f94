// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/package_rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "declare/keys.hpp"

namespace ccci::declare {

namespace {

// Without an origin the entry is about Debian's package of its name, if it says anything of it.
bool says_something(const Entry& entry) {
  constexpr std::array words{"commands", "recommends", "scripts", "source", "suite", "version"};
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return entry.value.find(word) != nullptr; });
}

class PackageRules {
 public:
  PackageRules(const Node& root, const std::set<std::string>& asked, Mistakes& mistakes)
      : root_(root), asked_(asked), mistakes_(mistakes) {}

  void check() {
    const Node* packages = root_.find("packages");
    if (packages == nullptr) return;
    for (const Entry& entry : packages->entries) check_package(entry);
  }

 private:
  void check_package(const Entry& entry);
  void check_origin(const Entry& entry, const std::string& key, const std::string& origin);
  void check_pypi(const Entry& entry, const std::string& key);
  void check_npm(const Entry& entry, const std::string& key);
  bool has_tool(std::string_view name) const;
  void check_command_paths(const Entry& entry, const std::string& key, bool archive);
  void check_used(const Entry& entry);

  const Node& root_;
  const std::set<std::string>& asked_;
  Mistakes& mistakes_;
};

void PackageRules::check_package(const Entry& entry) {
  const std::string key = "packages." + shown(entry.key);
  std::vector<std::string> origins;
  for (const char* origin : {"debian", "pypi", "npm", "url", "file"}) {
    if (entry.value.find(origin) != nullptr) origins.emplace_back(origin);
  }
  if (origins.size() > 1) {
    mistakes_.add(
        base::fail("declare.origins").with("key", key).with("found", base::join(origins, " and ")),
        entry.at);
  } else if (origins.empty() && (entry.value.find("sha256") != nullptr || !says_something(entry))) {
    mistakes_.add(base::fail("declare.no-origin").with("key", key).with("name", shown(entry.key)),
                  entry.at);
  } else {
    check_origin(entry, key, origins.empty() ? "debian" : origins[0]);
  }
  check_used(entry);
}

void PackageRules::check_origin(const Entry& entry, const std::string& key,
                                const std::string& origin) {
  const bool pypi = origin == "pypi";
  const bool npm = origin == "npm";
  const bool archive = origin == "url" || origin == "file";
  const auto refuse = [&](const char* code, const char* word) {
    const Node* found = entry.value.find(word);
    if (found != nullptr) mistakes_.add(base::fail(code).with("key", key), found->at);
  };
  if (archive && entry.value.find("sha256") == nullptr) {
    mistakes_.add(base::fail("declare.unpinned").with("key", key).with("origin", origin),
                  entry.value.find(origin)->at);
  }
  if (!archive) refuse("declare.pinned-debian", "sha256");
  if (archive) refuse("declare.version", "version");
  if (archive || pypi || npm) refuse("declare.pinned-recommends", "recommends");
  if (!npm) refuse("declare.npm-scripts", "scripts");
  if (pypi) check_pypi(entry, key);
  if (npm) check_npm(entry, key);
  if (!pypi && !npm) check_command_paths(entry, key, archive);
}

// A wheel decides by itself which programs it has, so `commands` only chooses among them.
void PackageRules::check_pypi(const Entry& entry, const std::string& key) {
  const Node* commands = entry.value.find("commands");
  if (commands != nullptr && !commands->entries.empty()) {
    mistakes_.add(base::fail("declare.pypi-commands").with("key", key), commands->at);
  }
  if (!has_tool("python3") && !mistakes_.damaged("runtime.tools")) {
    mistakes_.add(base::fail("declare.needs-python").with("module", shown(entry.key)), entry.at);
  }
}

bool PackageRules::has_tool(std::string_view name) const {
  const Node* runtime = root_.find("runtime");
  const Node* tools = runtime == nullptr ? nullptr : runtime->find("tools");
  return tools != nullptr && std::any_of(tools->items.begin(), tools->items.end(),
                                         [&](const Node& tool) { return tool.text == name; });
}

// A package decides by itself which programs it has, as a wheel does.
void PackageRules::check_npm(const Entry& entry, const std::string& key) {
  const Node* commands = entry.value.find("commands");
  if (commands != nullptr && !commands->entries.empty()) {
    mistakes_.add(base::fail("declare.npm-commands").with("key", key), commands->at);
  }
  const Node* version = entry.value.find("version");
  if (version != nullptr && entry.value.find("npm")->kind == Kind::table) {
    mistakes_.add(base::fail("declare.npm-version").with("key", key), version->at);
  }
  if (!has_tool("nodejs") && !mistakes_.damaged("runtime.tools")) {
    mistakes_.add(base::fail("declare.needs-node").with("name", shown(entry.key)), entry.at);
  }
}

void PackageRules::check_command_paths(const Entry& entry, const std::string& key, bool archive) {
  const Node* commands = entry.value.find("commands");
  if (commands == nullptr) return;
  std::map<std::string, Span> names;
  for (const Node& item : commands->items) {
    const auto [first, is_new] = names.emplace(item.text, item.at);
    if (is_new) continue;
    mistakes_.add(base::fail("declare.duplicate")
                      .with("key", key + ".commands")
                      .with("name", shown(item.text)),
                  item.at, first->second);
  }
  for (const Entry& command : commands->entries) {
    if (command.value.bad || command.value.text.starts_with('/') != archive) continue;
    mistakes_.add(base::fail("declare.value")
                      .with("key", key + ".commands." + shown(command.key))
                      .with("expected", archive ? "a relative path in the archive"
                                                : "an absolute path like '/usr/bin/x'")
                      .with("found", shown(command.value.text)),
                  command.value.at);
  }
}

void PackageRules::check_used(const Entry& entry) {
  if (asked_.contains(entry.key)) return;
  for (const char* list : {"runtime", "runtime.tools", "runtime.python", "hosts", "hosts.*",
                           "hosts.*.extra_tools", "images", "images.*", "images.*.tools"}) {
    if (mistakes_.damaged(list)) return;
  }
  base::Error error = base::fail("declare.unused-package").with("name", shown(entry.key));
  if (!mistakes_.crowded()) {
    const std::vector<std::string> asked(asked_.begin(), asked_.end());
    const std::string likely = base::likely(entry.key, asked);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
  }
  mistakes_.add(std::move(error), entry.at);
}

}  // namespace

void check_package_rules(const Node& root, const std::set<std::string>& asked, Mistakes& mistakes) {
  PackageRules(root, asked, mistakes).check();
}

}  // namespace ccci::declare
