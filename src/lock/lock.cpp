// SPDX-License-Identifier: GPL-3.0-or-later
#include "lock/lock.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "lock/text.hpp"

namespace ccci::lock {

namespace {

bool in_set(const source::Package& package, std::string_view set) {
  return std::find(package.sets.begin(), package.sets.end(), set) != package.sets.end();
}

bool by_name(const source::Package& package, std::string_view name) { return package.name < name; }

// What a name in the declaration means for the lock. The commands that a rule exposes are left out:
// they do not change the packages.
std::string meaning(const declare::Declaration& declaration, const std::string& name,
                    const std::optional<std::string>& package) {
  if (package) return "debian " + escape(*package, true);
  const declare::PackageRule* rule = declaration.rule(name);
  if (rule != nullptr) {
    if (const auto* pypi = std::get_if<declare::PypiPackage>(&rule->from)) {
      return escape(declare::pypi_package(pypi->name), true) + " " + escape(pypi->version, true);
    }
  }
  const auto* npm = rule == nullptr ? nullptr : std::get_if<declare::NpmPackage>(&rule->from);
  if (npm != nullptr && !npm->lock.text.empty()) return "npm-lock " + escape(npm->lock.text, true);
  if (npm != nullptr) return "npm " + escape(npm->name, true) + " " + escape(npm->version, true);
  const auto* archive =
      rule == nullptr ? nullptr : std::get_if<declare::PinnedArchive>(&rule->from);
  if (archive == nullptr) return "nothing";
  return "archive " + escape(archive->url, true) + " " + escape(archive->file, true) + " " +
         archive->sha256;
}

std::string tool_line(const declare::Declaration& declaration, std::string_view where,
                      const std::string& name) {
  return std::string(where) + " " + escape(name, true) + " " +
         meaning(declaration, name, declaration.debian_package(name)) +
         (declaration.takes_recommended(name) ? " recommends" : "");
}

// What a declaration without other archives, suites and versions does not have. So the digest of
// such a declaration stays as it was before they existed.
std::vector<std::string> archive_lines(const declare::Declaration& declaration) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& start, const std::string& value) {
    if (!value.empty()) lines.push_back(start + " " + escape(value, true));
  };
  const declare::DebianSource& debian = declaration.debian;
  for (const std::string& suite : debian.further_suites) add("further-suite", suite);
  add("snapshot", debian.snapshot);
  for (const auto& [name, source] : declaration.apt_sources) {
    const std::string start = "source " + name;
    add(start + " uri", source.uri);
    add(start + " signed-by", source.signed_by);
    add(start + " snapshot", source.snapshot);
    for (const std::string& suite : source.suites) add(start + " suite", suite);
    for (const std::string& component : source.components) add(start + " component", component);
  }
  for (const auto& [package, choice] : declaration.chosen_packages()) {
    const std::string start = "choice " + escape(package, true);
    add(start + " source", choice.source.text);
    add(start + " suite", choice.suite.text);
    add(start + " version", choice.version.text);
  }
  return lines;
}

// What of a package.json must agree with its lock. A new script or version number changes nothing.
std::string asked_of_npm(std::string_view text) {
  const auto json = base::Json::parse(text);
  if (!json) return std::string(text);
  std::string all;
  for (const char* key : {"dependencies", "devDependencies", "optionalDependencies",
                          "peerDependencies", "overrides", "workspaces", "engines"}) {
    all += (*json)[key].dump() + "\n";
  }
  return all;
}

}  // namespace

const source::Package* Lock::find(std::string_view name) const {
  const auto found = std::lower_bound(packages.begin(), packages.end(), name, by_name);
  return found != packages.end() && found->name == name ? &*found : nullptr;
}

std::vector<source::Package> Lock::closure(std::string_view set) const {
  std::vector<source::Package> result;
  for (const source::Package& package : packages) {
    if (in_set(package, "shared") || in_set(package, set)) result.push_back(package);
  }
  return result;
}

std::vector<source::Package> Lock::image_closure(const std::string& image) const {
  const std::string set = source::image_set(image);
  std::vector<source::Package> result;
  for (const source::Package& package : packages) {
    if (in_set(package, set)) result.push_back(package);
  }
  return result;
}

std::string fingerprint(const declare::Declaration& declaration) {
  std::vector<std::string> lines;
  for (const declare::Name& tool : declaration.tools) {
    lines.push_back(tool_line(declaration, "tool", tool.text));
  }
  for (const declare::Name& module : declaration.python) {
    lines.push_back("python " + escape(module.text, true) + " " +
                    meaning(declaration, module.text, declaration.python_package(module.text)) +
                    (declaration.takes_recommended(module.text) ? " recommends" : ""));
  }
  for (const declare::Name& name : declaration.library_packages) {
    lines.push_back("library " + escape(name.text, true));
  }
  for (const declare::Name& name : declaration.browsers) {
    lines.push_back("browser " + escape(name.text, true));
  }
  for (const auto& [name, host] : declaration.hosts) {
    for (const declare::Name& tool : host.extra_tools) {
      lines.push_back(tool_line(declaration, "host " + escape(name, true), tool.text));
    }
  }
  for (const auto& [name, image] : declaration.images) {
    const std::string where = "image " + escape(name, true);
    lines.push_back(where + (image.essential ? " essential" : " bare"));
    for (const declare::Name& tool : image.tools)
      lines.push_back(tool_line(declaration, where + " tool", tool.text));
    for (const declare::Name& package : image.packages)
      lines.push_back(where + " library " + escape(package.text, true));
  }
  const declare::DebianSource& debian = declaration.debian;
  lines.push_back("suite " + escape(debian.suite, true));
  lines.push_back("uri " + escape(debian.uri, true));
  lines.push_back("signed-by " + escape(debian.signed_by, true));
  for (const std::string& component : debian.components) {
    lines.push_back("component " + escape(component, true));
  }
  for (std::string& line : archive_lines(declaration)) lines.push_back(std::move(line));
  if (declaration.uses_pypi()) {
    lines.push_back("pypi-index " + escape(declaration.pypi.index, true));
    lines.push_back("pypi-requirements " + escape(declaration.pypi.requirements.text, true));
    lines.push_back("pypi-constraints " + escape(declaration.pypi.constraints.text, true));
    for (const auto& [path, text] : declaration.pypi.files) {
      lines.push_back("pypi-file " + escape(path, true) + " " + base::sha256(text).hex());
    }
  }
  if (declaration.uses_npm()) {
    lines.push_back("npm-registry " + escape(declaration.npm.registry, true));
    for (const auto& [scope, registry] : declaration.npm.scopes) {
      lines.push_back("npm-scope " + escape(scope, true) + " " + escape(registry, true));
    }
    for (const auto& [path, text] : declaration.npm.files) {
      const bool description = path.ends_with("package.json");
      lines.push_back("npm-file " + escape(path, true) + " " +
                      base::sha256(description ? asked_of_npm(text) : text).hex());
    }
  }
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return base::sha256(text).hex();
}

base::Result<Lock> make(const declare::Declaration& declaration, source::Answer answer,
                        std::vector<source::Package> pinned_archives, std::string architecture) {
  Lock lock;
  lock.architecture = std::move(architecture);
  lock.asks = fingerprint(declaration);
  lock.releases = std::move(answer.releases);
  lock.packages = std::move(answer.packages);
  const bool of_others =
      std::any_of(lock.packages.begin(), lock.packages.end(),
                  [](const source::Package& package) { return !package.source.empty(); });
  if (of_others) lock.format = 3;
  std::sort(lock.releases.begin(), lock.releases.end());
  std::sort(lock.packages.begin(), lock.packages.end());
  std::vector<source::Package> archives;
  for (source::Package& archive : pinned_archives) {
    if (lock.find(archive.name) != nullptr) {
      base::Error error = base::fail("lock.name-taken").with("name", archive.name);
      if (const auto* rule = declaration.rule(archive.name)) {
        error.where.push_back(rule->name.at);
      }
      return base::unexpected(std::move(error));
    }
    const auto named = [&](const std::vector<declare::Name>& names) {
      return std::any_of(names.begin(), names.end(),
                         [&](const declare::Name& name) { return name.text == archive.name; });
    };
    if (named(declaration.python)) archive.because.push_back("python " + archive.name);
    bool tool = named(declaration.tools);
    if (tool || named(declaration.python)) archive.sets.emplace_back("shared");
    for (const auto& [name, host] : declaration.hosts) {
      if (!named(host.extra_tools)) continue;
      tool = true;
      if (archive.sets.empty() || archive.sets.front() != "shared") archive.sets.push_back(name);
    }
    if (tool) archive.because.push_back("tool " + archive.name);
    // A rule that is not used requests no package.
    if (!archive.because.empty()) archives.push_back(std::move(archive));
  }
  std::move(archives.begin(), archives.end(), std::back_inserter(lock.packages));
  std::sort(lock.packages.begin(), lock.packages.end());
  return lock;
}

void keep_releases(Lock& lock, const Lock& earlier) {
  for (const source::Release& release : earlier.releases) {
    const auto is_of = [&](const auto& one) { return one.suite == release.suite; };
    const bool wanted = std::any_of(lock.packages.begin(), lock.packages.end(), is_of);
    const bool there = std::any_of(lock.releases.begin(), lock.releases.end(), is_of);
    if (wanted && !there) lock.releases.push_back(release);
  }
  std::sort(lock.releases.begin(), lock.releases.end());
}

void add_pypi(Lock& lock, std::vector<source::Package> packages,
              const std::map<std::string, std::vector<std::string>>& supplied) {
  if (!packages.empty()) lock.format = std::max(lock.format, 2);
  for (source::Package& package : lock.packages) {
    const auto more = supplied.find(package.name);
    if (more == supplied.end()) continue;
    for (const std::string& reason : more->second) package.because.push_back(reason);
    std::sort(package.because.begin(), package.because.end());
    package.because.erase(std::unique(package.because.begin(), package.because.end()),
                          package.because.end());
  }
  std::move(packages.begin(), packages.end(), std::back_inserter(lock.packages));
  std::sort(lock.packages.begin(), lock.packages.end());
}

void add_npm(Lock& lock, std::vector<source::Package> packages, std::vector<Elsewhere> elsewhere) {
  const bool of_project = std::any_of(packages.begin(), packages.end(), [](const auto& package) {
    return package.name.starts_with("npm:./");
  });
  if (!packages.empty()) lock.format = of_project || !elsewhere.empty() ? 4 : 3;
  lock.elsewhere = std::move(elsewhere);
  std::sort(lock.elsewhere.begin(), lock.elsewhere.end());
  std::move(packages.begin(), packages.end(), std::back_inserter(lock.packages));
  std::sort(lock.packages.begin(), lock.packages.end());
}

base::Result<void> check_browsers(const declare::Declaration& declaration, const Lock& lock) {
  if (declaration.browsers.empty() || lock.find("pypi:playwright") != nullptr ||
      lock.find("npm:playwright-core") != nullptr) {
    return {};
  }
  const declare::Name& browser = declaration.browsers.front();
  return base::unexpected(
      base::fail("lock.no-playwright").with("name", browser.text).at(browser.at));
}

}  // namespace ccci::lock
