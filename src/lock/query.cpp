// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>

#include "lock/lock.hpp"

namespace ccci::lock {

namespace {

void add_tools(const declare::Declaration& declaration, const std::vector<declare::Name>& tools,
               std::vector<source::Wanted>& wanted) {
  for (const declare::Name& tool : tools) {
    const auto package = declaration.debian_package(tool.text);
    if (package) {
      wanted.push_back({.package = *package,
                        .because = "tool " + tool.text,
                        .at = tool.at,
                        .recommends = declaration.takes_recommended(tool.text)});
    }
  }
}

// Without a font, pages have no text, and no error says so.
void add_browsers(const declare::Declaration& declaration, std::vector<source::Wanted>& wanted) {
  for (const declare::Name& browser : declaration.browsers) {
    const std::string because = "browser " + browser.text;
    wanted.push_back({.package = browser.text, .because = because, .at = browser.at});
    // Not every suite has it. It starts in half of the time.
    wanted.push_back({.package = browser.text + "-headless-shell",
                      .because = because,
                      .at = browser.at,
                      .optional = true});
    wanted.push_back({.package = "fonts-liberation", .because = because, .at = browser.at});
  }
}

// The same for a browser that is declared as a tool or package: Debian's only recommend a font.
bool has_browser(const declare::Declaration& declaration) {
  static constexpr std::array<std::string_view, 8> browsers{
      "chromium",    "chromium-headless-shell", "chromium-shell", "firefox",
      "firefox-esr", "epiphany-browser",        "falkon",         "wkhtmltopdf"};
  const auto is_browser = [&](const std::optional<std::string>& package) {
    return package && std::find(browsers.begin(), browsers.end(), *package) != browsers.end();
  };
  const auto has_one = [&](const std::vector<declare::Name>& tools) {
    return std::any_of(tools.begin(), tools.end(), [&](const declare::Name& tool) {
      return is_browser(declaration.debian_package(tool.text));
    });
  };
  const auto& packages = declaration.library_packages;
  return has_one(declaration.tools) ||
         std::any_of(packages.begin(), packages.end(),
                     [&](const declare::Name& name) { return is_browser(name.text); }) ||
         std::any_of(declaration.hosts.begin(), declaration.hosts.end(),
                     [&](const auto& host) { return has_one(host.second.extra_tools); });
}

}  // namespace

source::Query query(const declare::Declaration& declaration, const Lock* earlier,
                    const std::vector<std::string>& update, bool update_all) {
  source::Query query;
  query.source = declaration.debian;
  query.others = declaration.apt_sources;
  for (const auto& [package, choice] : declaration.chosen_packages()) {
    const declare::Name& first = !choice.version.text.empty()  ? choice.version
                                 : !choice.source.text.empty() ? choice.source
                                                               : choice.suite;
    query.choices[package] = {.source = choice.source.text,
                              .suite = choice.suite.text,
                              .version = choice.version.text,
                              .at = first.at};
  }
  query.update_all = update_all;
  add_tools(declaration, declaration.tools, query.shared);
  for (const declare::Name& module : declaration.python) {
    const auto package = declaration.python_package(module.text);
    if (package) {
      // The index may have what Debian does not.
      const bool optional = declaration.uses_pypi() && declaration.rule(module.text) == nullptr;
      query.shared.push_back({.package = *package,
                              .because = "python " + module.text,
                              .at = module.at,
                              .optional = optional,
                              .recommends = declaration.takes_recommended(module.text)});
    }
  }
  for (const declare::Name& name : declaration.library_packages) {
    query.shared.push_back(
        {.package = name.text, .because = "library " + name.text, .at = name.at});
  }
  add_browsers(declaration, query.shared);
  // TLS does not work without a CA bundle, and packages that use TLS only recommend this package.
  query.shared.push_back({.package = "ca-certificates",
                          .because = "environment certificates",
                          .at = {},
                          .optional = true});
  // The host's /etc/localtime is a link to a file of this package.
  query.shared.push_back(
      {.package = "tzdata", .because = "environment time zones", .at = {}, .optional = true});
  if (declaration.browsers.empty() && has_browser(declaration)) {
    query.shared.push_back({.package = "fonts-liberation",
                            .because = "environment fonts",
                            .at = {},
                            .optional = true});
  }
  for (const auto& [name, host] : declaration.hosts) {
    std::vector<source::Wanted> wanted;
    add_tools(declaration, host.extra_tools, wanted);
    if (!wanted.empty()) query.hosts.emplace(name, std::move(wanted));
  }
  for (const auto& [name, image] : declaration.images) {
    source::WantedImage& wanted = query.images[name];
    wanted.essential = image.essential;
    add_tools(declaration, image.tools, wanted.wanted);
    for (const declare::Name& package : image.packages)
      wanted.wanted.push_back({.package = package.text, .because = {}, .at = package.at});
    for (source::Wanted& one : wanted.wanted) one.because = "image " + name + " " + one.package;
  }
  if (declaration.uses_pypi()) {
    // Most binary wheels need these, and a wheel cannot say so.
    for (const char* library : {"libstdc++6", "libatomic1"}) {
      query.shared.push_back(
          {.package = library, .because = "environment wheels", .at = {}, .optional = true});
    }
    query.hosts[pypi_resolver] = {
        {.package = "python3-pip-whl", .because = "resolver pip", .at = {}}};
  }
  if (declaration.uses_npm()) {
    query.hosts[npm_resolver] = {{.package = "npm", .because = "resolver npm", .at = {}}};
  }
  if (earlier != nullptr) {
    query.releases = earlier->releases;
    std::copy_if(
        earlier->packages.begin(), earlier->packages.end(), std::back_inserter(query.keep),
        [](const source::Package& package) { return package.origin == source::Origin::debian; });
  }
  // A name may be the name of a tool, a module or a package.
  const auto is_named = [](const std::vector<declare::Name>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const declare::Name& one) { return one.text == name; });
  };
  for (const std::string& name : update) {
    const auto package = is_named(declaration.python, name) ? declaration.python_package(name)
                                                            : declaration.debian_package(name);
    query.update.insert(package.value_or(name));
  }
  return query;
}

}  // namespace ccci::lock
