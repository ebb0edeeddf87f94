// SPDX-License-Identifier: GPL-3.0-or-later
#include "declare/declaration.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "declare/document.hpp"
#include "declare/mistakes.hpp"
#include "declare/read.hpp"
#include "declare/rules.hpp"
#include "declare/shape.hpp"

namespace ccci::declare {

std::string pypi_package(std::string_view name) {
  std::string normal;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      if (!normal.ends_with('-')) normal += '-';
    } else {
      normal += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return "pypi:" + normal;
}

std::string npm_place(std::string_view lock) {
  const std::size_t slash = lock.rfind('/');
  const std::string_view directory =
      slash == std::string_view::npos ? std::string_view() : lock.substr(0, slash + 1);
  return "./" + std::string(directory) + "node_modules/";
}

std::string npm_description(std::string_view lock) {
  return std::string(lock.substr(0, lock.rfind('/') + 1)) + "package.json";
}

const PackageRule* Declaration::rule(std::string_view name) const {
  const auto found = packages.find(std::string(name));
  return found == packages.end() ? nullptr : &found->second;
}

namespace {

// Debian's package of a module of this name.
std::string debian_module(std::string_view module) {
  std::string package = "python3-";
  for (const char c : module) {
    const bool separator = c == '_' || c == '.';
    package += separator ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return package;
}

std::optional<std::string> package_of(const PackageRule* rule, std::string own) {
  if (rule == nullptr) return own;
  if (const auto* debian = std::get_if<DebianPackage>(&rule->from)) {
    return debian->name.empty() ? own : debian->name;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Declaration::debian_package(std::string_view tool) const {
  return package_of(rule(tool), std::string(tool));
}

std::optional<std::string> Declaration::python_package(std::string_view module) const {
  return package_of(rule(module), debian_module(module));
}

std::vector<std::string> Declaration::tool_packages(std::string_view tool) const {
  if (const auto package = debian_package(tool)) return {*package};
  if (const auto* project = std::get_if<PypiPackage>(&rule(tool)->from)) {
    return {pypi_package(project->name), debian_module(project->name)};
  }
  if (const auto* own = std::get_if<NpmPackage>(&rule(tool)->from)) {
    const bool locked = !own->lock.text.empty();
    return {"npm:" + (locked ? npm_place(own->lock.text) + std::string(tool) : own->name)};
  }
  return {std::string(tool)};
}

std::vector<std::string> Declaration::module_packages(std::string_view module) const {
  if (rule(module) != nullptr) {
    const auto package = python_package(module);
    return package ? std::vector{*package} : tool_packages(module);
  }
  std::vector<std::string> names{debian_module(module)};
  if (uses_pypi()) names.push_back(pypi_package(module));
  return names;
}

bool Declaration::uses_pypi() const {
  return pypi.declared || std::any_of(packages.begin(), packages.end(), [](const auto& item) {
           return std::holds_alternative<PypiPackage>(item.second.from);
         });
}

std::map<std::string, DebianPackage> Declaration::chosen_packages() const {
  std::map<std::string, DebianPackage> chosen;
  for (const auto& [key, rule] : packages) {
    const auto* package = std::get_if<DebianPackage>(&rule.from);
    if (package == nullptr || !package->is_chosen()) continue;
    const std::string_view name = key;
    const bool module = std::any_of(python.begin(), python.end(),
                                    [&](const Name& one) { return one.text == name; });
    chosen.emplace(module ? *python_package(name) : *debian_package(name), *package);
  }
  for (const auto& [name, source] : apt_sources) {
    for (const Name& package : source.packages) {
      chosen.emplace(package.text, DebianPackage{.name = {}, .source = {name, package.at}});
    }
  }
  return chosen;
}

bool Declaration::uses_npm() const {
  return std::any_of(packages.begin(), packages.end(), [](const auto& item) {
    return std::holds_alternative<NpmPackage>(item.second.from);
  });
}

std::map<std::string, std::vector<Name>> Declaration::npm_locks() const {
  std::map<std::string, std::vector<Name>> locks;
  const auto add = [&](const std::vector<Name>& names) {
    for (const Name& name : names) {
      const PackageRule* own = rule(name.text);
      const auto* package = own == nullptr ? nullptr : std::get_if<NpmPackage>(&own->from);
      if (package != nullptr && !package->lock.text.empty())
        locks[package->lock.text].push_back(name);
    }
  };
  add(tools);
  for (const auto& [name, host] : hosts) add(host.extra_tools);
  return locks;
}

bool Declaration::takes_recommended(std::string_view name) const {
  const PackageRule* own = rule(name);
  const auto* package = own == nullptr ? nullptr : std::get_if<DebianPackage>(&own->from);
  return package != nullptr && package->recommends;
}

bool is_on(const std::vector<Name>& hosts, std::string_view host) {
  return hosts.empty() || std::any_of(hosts.begin(), hosts.end(),
                                      [&](const Name& name) { return name.text == host; });
}

Health health_of(const Declaration& declaration, const std::string& host) {
  Health health = declaration.health;
  const auto found = declaration.hosts.find(host);
  if (found == declaration.hosts.end()) return health;
  const Health& own = found->second.health;
  for (const std::string& unit : own.units) {
    if (std::find(health.units.begin(), health.units.end(), unit) == health.units.end())
      health.units.push_back(unit);
  }
  health.commands.insert(health.commands.end(), own.commands.begin(), own.commands.end());
  if (own.deadline.count() > 0) health.deadline = own.deadline;
  return health;
}

Declaration for_host(const Declaration& declaration, const std::string& host) {
  Declaration own = declaration;
  std::erase_if(own.timers, [&](const auto& timer) { return !is_on(timer.second.hosts, host); });
  std::erase_if(own.runners, [&](const auto& runner) { return !is_on(runner.second.hosts, host); });
  own.health = health_of(declaration, host);
  return own;
}

namespace {

// What the byte order mark names, or, without one, the zeros that ASCII has in UTF-16 and UTF-32.
// Empty for UTF-8.
std::string other_encoding(std::string_view text) {
  using namespace std::string_view_literals;
  constexpr std::array marks{
      std::pair{"\xff\xfe\0\0"sv, "UTF-32LE"sv}, std::pair{"\0\0\xfe\xff"sv, "UTF-32BE"sv},
      std::pair{"\xff\xfe"sv, "UTF-16LE"sv}, std::pair{"\xfe\xff"sv, "UTF-16BE"sv}};
  for (const auto& [mark, encoding] : marks) {
    if (text.starts_with(mark)) return std::string(encoding);
  }
  if (text.size() < 4) return {};
  const bool no_first = text[0] == '\0';
  const bool no_second = text[1] == '\0';
  if (no_first == no_second) return {};
  return no_first ? "UTF-16BE" : "UTF-16LE";
}

}  // namespace

base::Result<Declaration> parse(std::string_view text, const std::string& file) {
  if (text.size() > largest_declaration) {
    return base::unexpected(base::fail("declare.too-large")
                                .with("file", file)
                                .with("bytes", static_cast<long long>(text.size()))
                                .with("limit", static_cast<long long>(largest_declaration)));
  }
  if (const std::string encoding = other_encoding(text); !encoding.empty()) {
    return base::unexpected(
        base::fail("declare.encoding").with("file", file).with("found", encoding));
  }
  const Lines lines(text, file);
  CCCI_TRY(Node root, read_document(text, lines));
  Mistakes mistakes;
  check_shape(root, mistakes);
  Declaration declaration = read_declaration(root, lines, file);
  check_rules(root, declaration, mistakes);
  if (!mistakes.none()) return base::unexpected(std::move(mistakes).together(lines));
  return declaration;
}

}  // namespace ccci::declare
