// SPDX-License-Identifier: GPL-3.0-or-later
#include "learn/host_packages.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"

namespace ccci::learn {

// Fields end with a unit separator, because package relations can contain most other characters.
const char* const facts_format =
    "${db:Status-Status}\x1f${Package}\x1f${source:Package}\x1f${Essential}\x1f"
    "${Pre-Depends}, ${Depends}\x1f${Provides}\n";

namespace {

// "libc6 (>= 2.36) | libc6-udeb, perl:any" -> libc6, libc6-udeb, perl
std::vector<std::string> names_of(std::string_view relations) {
  std::vector<std::string> names;
  for (const std::string_view part : base::split(relations, ',')) {
    for (const std::string_view one : base::split(part, '|')) {
      const std::string_view text = base::trim(one);
      const std::string_view name = text.substr(0, text.find_first_of(" (:["));
      if (!name.empty()) names.emplace_back(name);
    }
  }
  return names;
}

// One call for many names takes dpkg little longer than for one name. The kernel limits the size of
// the arguments.
constexpr std::size_t batch = 400;
constexpr int most_links = 40;  // as the kernel follows

base::Result<std::string> search(const std::vector<std::string>& names,
                                 base::ProcessRunner& processes) {
  std::string all;
  for (std::size_t begin = 0; begin < names.size(); begin += batch) {
    base::Command command;
    command.argv = {"dpkg-query", "--search", "--"};
    command.environment =
        std::vector<std::string>{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
    for (std::size_t i = begin; i < std::min(names.size(), begin + batch); ++i) {
      command.argv.push_back(names[i]);
    }
    // The status is 1 if one name has no owner; the output still has the others.
    CCCI_TRY(const base::Outcome outcome, processes.run(command));
    all += outcome.out;
  }
  return all;
}

// The source file of Python byte code, which no package owns: x/y.py for
// x/__pycache__/y.cpython-311.pyc. An empty string for other files.
std::string source_of_byte_code(const std::string& path) {
  constexpr std::string_view folder = "/__pycache__/";
  const std::size_t at = path.rfind(folder);
  if (at == std::string::npos || !path.ends_with(".pyc")) return {};
  const std::size_t begin = at + folder.size();
  const std::string_view name = std::string_view(path).substr(begin, path.find('.', begin) - begin);
  return path.substr(0, at + 1) + std::string(name) + ".py";
}

bool has_wildcard(const std::string& path) {
  return path.find_first_of("*?[]\\\n") != std::string::npos;
}

}  // namespace

const std::string* HostPackages::owner(std::string_view path) const {
  const auto found = owners.find(path);
  return found == owners.end() ? nullptr : &found->second;
}

std::set<std::string> HostPackages::closure(const std::set<std::string>& names) const {
  std::map<std::string_view, std::vector<std::string_view>> providers;
  for (const auto& [name, facts] : packages) {
    for (const std::string& provided : facts.provides) providers[provided].push_back(name);
  }
  std::set<std::string> reached;
  std::vector<std::string> ahead(names.begin(), names.end());
  while (!ahead.empty()) {
    const std::string name = std::move(ahead.back());
    ahead.pop_back();
    if (!reached.insert(name).second) continue;
    if (const auto real = packages.find(name); real != packages.end()) {
      ahead.insert(ahead.end(), real->second.depends.begin(), real->second.depends.end());
    }
    if (const auto found = providers.find(name); found != providers.end()) {
      ahead.insert(ahead.end(), found->second.begin(), found->second.end());
    }
  }
  return reached;
}

std::map<std::string, PackageFacts, std::less<>> read_facts(std::string_view output) {
  std::map<std::string, PackageFacts, std::less<>> all;
  for (const std::string_view line : base::split(output, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, '\x1f');
    if (fields.size() != 6 || fields[0] != "installed") continue;
    PackageFacts facts;
    facts.name = fields[1];
    facts.source = fields[2];
    facts.essential = fields[3] == "yes";
    facts.depends = names_of(fields[4]);
    facts.provides = names_of(fields[5]);
    std::string name = facts.name;
    all.emplace(std::move(name), std::move(facts));
  }
  return all;
}

std::map<std::string, std::string, std::less<>> read_owners(std::string_view output) {
  std::map<std::string, std::string, std::less<>> owners;
  for (const std::string_view line : base::split(output, '\n')) {
    if (line.starts_with("diversion by ") || line.starts_with("local diversion ")) continue;
    const std::size_t colon = line.find(": /");
    if (colon == std::string_view::npos) continue;
    const std::string_view who = line.substr(0, colon);
    if (who.find(',') != std::string_view::npos) continue;
    owners.emplace(line.substr(colon + 2), who.substr(0, who.find(':')));
  }
  return owners;
}

std::vector<std::string> spellings(const std::string& path) {
  std::vector<std::string> all;
  const auto add = [&](const std::string& one) {
    if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  };
  const auto with_twin = [&](const std::string& one) {
    add(one);
    for (const std::string_view top : {"/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/"}) {
      if (one.starts_with(top)) add("/usr" + one);
      if (one.starts_with("/usr" + std::string(top))) add(one.substr(4));
    }
  };
  with_twin(path);
  with_twin(source_of_byte_code(path));
  // Each link on the way: /usr/bin/cc is an alternative, a link to gcc, which the package gcc has.
  // What gcc is a link to belongs to gcc-12, which brings no cc.
  namespace fs = std::filesystem;
  std::error_code ignored;
  fs::path at = path;
  for (int i = 0; i < most_links && fs::is_symlink(at, ignored); ++i) {
    const fs::path target = fs::read_symlink(at, ignored);
    if (ignored) break;
    // An absolute target replaces what is before it.
    at = (at.parent_path() / target).lexically_normal();
    with_twin(at.string());
  }
  with_twin(fs::canonical(path, ignored).string());
  return all;
}

base::Result<HostPackages> ask_host(const std::vector<std::string>& paths,
                                    base::ProcessRunner& processes) {
  HostPackages host;
  base::Command show;
  show.argv = {"dpkg-query", "--show", "--showformat", facts_format};
  show.output_limit = 64U << 20U;
  CCCI_TRY(const base::Outcome facts, processes.run(show));
  host.packages = read_facts(facts.out);
  std::map<std::string, std::vector<std::string>> names;
  std::set<std::string> every;
  std::set<std::string> modules;
  for (const std::string& path : paths) {
    if (std::string directory = module_directory(path); !directory.empty())
      modules.insert(std::move(directory));
    if (has_wildcard(path)) continue;
    std::vector<std::string>& own = names[path] = spellings(path);
    std::erase_if(own, has_wildcard);
    every.insert(own.begin(), own.end());
  }
  CCCI_TRY(const std::string found, search({every.begin(), every.end()}, processes));
  host.pip = read_pip_projects(modules);
  const auto owners = read_owners(found);
  for (const auto& [path, own] : names) {
    for (const std::string& name : own) {
      const auto owner = owners.find(name);
      if (owner == owners.end()) continue;
      host.owners[path] = owner->second;
      break;
    }
  }
  return host;
}

}  // namespace ccci::learn
