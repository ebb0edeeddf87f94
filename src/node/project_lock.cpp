// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/project_lock.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/json_fault.hpp"
#include "base/text.hpp"
#include "source/debian/entries.hpp"
#include "source/mirror_path.hpp"

namespace ccci::node {

namespace {

using base::Json;

constexpr std::string_view own_modules = "node_modules/";
constexpr std::array dependency_kinds{"dependencies", "devDependencies", "optionalDependencies"};

class LockReader {
 public:
  LockReader(const declare::Declaration& declaration, const std::string& path)
      : declaration_(declaration), tools_(declaration.npm_locks().at(path)) {
    result_.path = path;
    const auto* npm =
        std::get_if<declare::NpmPackage>(&declaration.rule(tools_.front().text)->from);
    at_ = npm->lock.at;
  }

  base::Result<ProjectLock> read() {
    CCCI_TRY(result_.lock, json(result_.path));
    const Json& lock = result_.lock;
    const auto version = lock["lockfileVersion"].number();
    if (!version || *version < 2 || *version > 3) {
      return base::unexpected(
          base::fail("node.lock-version")
              .with("path", result_.path)
              .with("found", version ? std::to_string(*version) : std::string("none"))
              .at(at_));
    }
    if (!lock["packages"].is_object()) return base::unexpected(form("it has no packages"));
    std::vector<base::Error> errors;
    if (auto workspaces = refused_workspaces()) errors.push_back(std::move(*workspaces));
    for (const auto& [place, entry] : lock["packages"].items()) {
      if (place.empty() || is_of_workspace(place, entry)) continue;
      if (auto fit = check(place, entry); !fit) errors.push_back(std::move(fit).error());
    }
    if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
    CCCI_CHECK(describe());
    add_wanted();
    return std::move(result_);
  }

 private:
  base::Error form(std::string_view cause) const {
    return base::fail("node.lock-form").with("path", result_.path).with("cause", cause).at(at_);
  }

  base::Result<Json> json(const std::string& path) const {
    const auto text = declaration_.npm.files.find(path);
    if (text == declaration_.npm.files.end()) {
      return base::unexpected(base::fail("node.missing-lock").with("path", path).at(at_));
    }
    auto parsed = Json::parse(text->second);
    if (!parsed || !parsed->is_object()) {
      const std::string cause = parsed ? "it is no JSON object" : base::json_fault(text->second);
      return base::unexpected(
          base::fail("node.lock-form").with("path", path).with("cause", cause).at(at_));
    }
    return std::move(*parsed);
  }

  base::Error refused(std::string_view place, std::string_view found) const {
    const std::string_view name =
        place.starts_with(own_modules) ? place.substr(own_modules.size()) : place;
    return base::fail("node.not-on-registry")
        .with("name", base::printable(name.substr(0, 200)))
        .with("found", base::printable(found.substr(0, 200)))
        .with("path", result_.path)
        .at(at_);
  }

  // A lock has each workspace twice, as a directory and as a link to it, and may have modules of
  // its own below the directory.
  bool is_of_workspace(const std::string& place, const Json& entry) const {
    const bool link = entry["link"].boolean().value_or(false);
    const std::string directory = link ? entry["resolved"].text_or_empty() : place;
    for (std::size_t end = 0; end != directory.npos;) {
      end = directory.find('/', end + 1);
      if (workspaces_.contains(directory.substr(0, end))) return true;
    }
    return false;
  }

  std::optional<base::Error> refused_workspaces() {
    constexpr std::size_t most_named = 5;
    for (const auto& [place, entry] : result_.lock["packages"].items()) {
      const std::string to = entry["resolved"].text_or_empty();
      const bool within = !to.empty() && !to.starts_with(".") && !to.starts_with(own_modules);
      const bool linked = within && entry["link"].boolean().value_or(false);
      if (linked && result_.lock["packages"].contains(to)) workspaces_.insert(to);
    }
    if (workspaces_.empty()) return std::nullopt;
    std::vector<std::string> named;
    for (const std::string& directory : workspaces_) {
      if (named.size() < most_named) named.push_back(base::printable(directory.substr(0, 200)));
    }
    if (workspaces_.size() > most_named) {
      named.push_back("and " + std::to_string(workspaces_.size() - most_named) + " more");
    }
    return base::fail("node.workspaces")
        .with("path", result_.path)
        .with("found", base::join(named, ", "))
        .at(at_);
  }

  base::Result<void> check(const std::string& place, const Json& entry) const {
    if (entry["inBundle"].boolean().value_or(false)) return {};
    if (!place.starts_with(own_modules)) {
      return base::unexpected(refused(place, "a directory of the project"));
    }
    if (!source::is_npm_place(place.substr(own_modules.size()))) {
      return base::unexpected(refused(place, "a place that npm does not use"));
    }
    const std::string url = source::debian::without_password(entry["resolved"].text_or_empty());
    if (entry["link"].boolean().value_or(false)) {
      return base::unexpected(refused(place, "a link to '" + url + "'"));
    }
    // Without an address, npm takes the package from the registry.
    const bool web = url.empty() || url.starts_with("https://") || url.starts_with("http://");
    if (!web) return base::unexpected(refused(place, url));
    if (!entry["version"].is_string()) return base::unexpected(refused(place, "no version"));
    const std::string integrity = entry["integrity"].text_or_empty();
    for (const char* kind : {"sha512-", "sha384-", "sha256-", "sha1-"}) {
      if (integrity.find(kind) != std::string::npos) return {};
    }
    return base::unexpected(base::fail("node.no-integrity")
                                .with("name", base::printable(place.substr(own_modules.size())))
                                .with("path", result_.path)
                                .at(at_));
  }

  // npm ci compares package.json with the lock. Without one, the lock's own record of it serves.
  base::Result<void> describe() {
    const std::string path = declare::npm_description(result_.path);
    const Json& lock = result_.lock;
    Json all = lock["packages"][""];
    if (declaration_.npm.files.contains(path)) {
      CCCI_TRY(all, json(path));
    }
    Json kept{{"name", "cc-ci"}, {"version", "0.0.0"}, {"private", true}};
    for (const char* key :
         {"dependencies", "devDependencies", "optionalDependencies", "peerDependencies",
          "peerDependenciesMeta", "overrides", "bundleDependencies", "engines"}) {
      if (const Json* value = all.find(key)) kept[key] = *value;
    }
    result_.description = std::move(kept);
    return {};
  }

  void add_wanted() {
    const Json& description = result_.description;
    std::set<std::string> names;
    for (const char* kind : dependency_kinds) {
      for (const auto& [name, range] : description[kind].items()) names.insert(name);
    }
    const std::set<std::string> direct = names;
    for (const declare::Name& tool : tools_) {
      std::set<std::string> own = direct;
      own.insert(tool.text);  // a tool may be a package that another one needs
      for (const std::string& name : own) {
        for (const std::string& set : sets_of(tool)) {
          result_.wanted.push_back({name, {}, "tool " + tool.text, set, tool.at});
        }
      }
    }
  }

  std::vector<std::string> sets_of(const declare::Name& tool) const {
    const auto named = [&](const std::vector<declare::Name>& names) {
      return std::any_of(names.begin(), names.end(),
                         [&](const declare::Name& one) { return one.text == tool.text; });
    };
    if (named(declaration_.tools)) return {"shared"};
    std::vector<std::string> sets;
    for (const auto& [name, host] : declaration_.hosts) {
      if (named(host.extra_tools)) sets.push_back(name);
    }
    return sets;
  }

  const declare::Declaration& declaration_;
  std::vector<declare::Name> tools_;
  declare::Position at_;
  ProjectLock result_;
  std::set<std::string> workspaces_;  // their directories, from that of the lock
};

}  // namespace

base::Result<ProjectLock> read_project_lock(const declare::Declaration& declaration,
                                            const std::string& path) {
  return LockReader(declaration, path).read();
}

std::vector<lock::Elsewhere> read_elsewhere(const Json& lock, const Json& tree,
                                            std::string_view prefix) {
  std::vector<lock::Elsewhere> all;
  for (const auto& [place, entry] : lock["packages"].items()) {
    const bool optional = entry["optional"].boolean().value_or(false) ||
                          entry["devOptional"].boolean().value_or(false);
    if (!place.starts_with(own_modules) || !optional || tree["packages"].contains(place)) continue;
    if (entry["inBundle"].boolean().value_or(false)) continue;
    const std::string version = entry["version"].text_or_empty();
    const std::string integrity = entry["integrity"].text_or_empty();
    if (version.empty() || integrity.empty()) continue;
    all.push_back(
        {"npm:" + std::string(prefix) + place.substr(own_modules.size()), version, integrity});
  }
  return all;
}

}  // namespace ccci::node
