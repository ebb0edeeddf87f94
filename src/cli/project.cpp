// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/project.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "source/archive/archive.hpp"
#include "source/debian/archive.hpp"
#include "store/upkeep.hpp"

namespace ccci::cli {

namespace fs = std::filesystem;

fs::path Project::directory() const {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

namespace {

// Whoever stands in a directory of the project means its declaration: "../.."; empty without one.
std::string directory_above_with(const fs::path& file) {
  constexpr int farthest = 32;
  if (file.is_absolute() || file.has_parent_path()) return {};
  fs::path above = "..";
  std::error_code unreadable;
  for (int i = 0; i < farthest; ++i, above /= "..") {
    if (fs::is_regular_file(above / file, unreadable)) return above.native();
    if (fs::equivalent(above, "/", unreadable)) break;
  }
  return {};
}

}  // namespace

base::Result<Project> open_project(const Invocation& invocation) {
  Project project;
  project.file = invocation.globals().file;
  project.lock_file = fs::path(project.file).replace_extension(".lock");
  if (!fs::exists(project.file)) {
    const std::string above = directory_above_with(project.file);
    return base::unexpected(base::fail("cli.no-declaration")
                                .with("path", project.file.native())
                                .with("command", above.empty() ? std::string("cc-ci init")
                                                               : "cc-ci -C " + above + " …"));
  }
  CCCI_TRY(const std::string text, base::read_file(project.file, declare::largest_declaration));
  CCCI_TRY(project.declaration, declare::parse(text, project.file.native()));
  return project;
}

base::Result<std::optional<lock::Lock>> read_lock(const Project& project) {
  if (!fs::exists(project.lock_file)) return std::optional<lock::Lock>{};
  CCCI_TRY(const std::string text, base::read_file(project.lock_file, lock::largest_lock));
  CCCI_TRY(lock::Lock lock, lock::read(text, project.lock_file.native()));
  return std::optional(std::move(lock));
}

namespace {

std::set<std::string> reasons(const source::Query& query) {
  std::set<std::string> all;
  for (const source::Wanted& wanted : query.shared) {
    if (!wanted.optional) all.insert(wanted.because);
  }
  for (const auto& [host, extras] : query.hosts) {
    for (const source::Wanted& wanted : extras) all.insert(wanted.because);
  }
  return all;
}

std::set<std::string> reasons(const lock::Lock& lock) {
  std::set<std::string> all;
  for (const source::Package& package : lock.packages) {
    for (const std::string& reason : package.because) {
      const bool declared = reason.starts_with("tool ") || reason.starts_with("python ") ||
                            reason.starts_with("library ");
      if (declared) all.insert(reason);
    }
  }
  return all;
}

}  // namespace

std::optional<Disagreement> disagreement(const declare::Declaration& declaration,
                                         const lock::Lock& lock) {
  if (lock.asks == lock::fingerprint(declaration)) return std::nullopt;
  const std::set<std::string> asked = reasons(lock::query(declaration, nullptr, {}, false));
  const std::set<std::string> locked = reasons(lock);
  Disagreement result;
  std::set_difference(asked.begin(), asked.end(), locked.begin(), locked.end(),
                      std::back_inserter(result.missing));
  std::set_difference(locked.begin(), locked.end(), asked.begin(), asked.end(),
                      std::back_inserter(result.extra));
  result.other = result.missing.empty() && result.extra.empty();
  return result;
}

base::Result<lock::Lock> current_lock(const Project& project) {
  CCCI_TRY(std::optional<lock::Lock> lock, read_lock(project));
  if (!lock) {
    return base::unexpected(base::fail("cli.no-lock").with("path", project.lock_file.native()));
  }
  if (const std::optional<Disagreement> differs = disagreement(project.declaration, *lock)) {
    base::Error error = base::fail("cli.stale-lock")
                            .with("lock", project.lock_file.native())
                            .with("declaration", project.file.native());
    if (!differs->missing.empty()) {
      error = std::move(error).with("missing", base::join(differs->missing, ", "));
    }
    if (!differs->extra.empty()) {
      error = std::move(error).with("extra", base::join(differs->extra, ", "));
    }
    if (differs->other) error = std::move(error).with("other", "the sources or a package rule");
    return base::unexpected(std::move(error));
  }
  return *std::move(lock);
}

namespace {

// A pin of a file that is at hand is wrong now already, not at the next build. Where the file is
// not there the lock can still be made: only building needs it.
base::Result<void> check_local(const Project& project, const declare::PackageRule& rule,
                               const store::Store& store, base::Progress& progress) {
  const auto file =
      source::archive::local_file(std::get<declare::PinnedArchive>(rule.from), project.directory());
  std::error_code error;
  if (!file || !fs::exists(*file, error)) return {};
  return source::archive::fetch(rule, project.directory(), store.archives(), progress);
}

}  // namespace

base::Result<lock::Lock> resolve(const Project& project, Invocation& invocation,
                                 const lock::Lock* earlier, const std::vector<std::string>& update,
                                 bool update_all, bool offline) {
  const Globals& globals = invocation.globals();
  CCCI_TRY(const store::Store store, store::Store::open(globals.state));
  CCCI_TRY(source::debian::Archive archive,
           source::debian::Archive::open(globals.state / "apt", store.archives(),
                                         globals.offline || offline));
  CCCI_TRY(source::Answer answer,
           archive.resolve(lock::query(project.declaration, earlier, update, update_all),
                           invocation.progress()));
  std::vector<source::Package> pinned;
  std::vector<base::Error> errors;
  for (const auto& [name, rule] : project.declaration.packages) {
    if (!std::holds_alternative<declare::PinnedArchive>(rule.from)) continue;
    CCCI_TRY(source::Package package, source::archive::describe(rule));
    pinned.push_back(std::move(package));
    auto checked = check_local(project, rule, store, invocation.progress());
    if (!checked) errors.push_back(std::move(checked).error());
  }
  invocation.end_progress();
  if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
  return lock::make(project.declaration, std::move(answer), std::move(pinned),
                    source::debian::native_architecture());
}

base::Result<lock::Lock> lock_for_build(const Project& project, Invocation& invocation,
                                        bool resolves) {
  if (!resolves) return current_lock(project);
  CCCI_TRY(std::optional<lock::Lock> earlier, read_lock(project));
  if (earlier && !disagreement(project.declaration, *earlier)) return *std::move(earlier);
  CCCI_TRY(lock::Lock lock, resolve(project, invocation, earlier ? &*earlier : nullptr, {}, false));
  CCCI_CHECK(base::replace_file(project.lock_file, lock::write(lock)));
  return lock;
}

host::Fetch fetcher(const Project& project, Invocation& invocation, const store::Store& store) {
  return [&](const std::vector<source::Package>& packages) -> base::Result<void> {
    const Globals& globals = invocation.globals();
    CCCI_TRY(
        source::debian::Archive archive,
        source::debian::Archive::open(globals.state / "apt", store.archives(), globals.offline));
    std::vector<base::Error> errors;
    if (auto fetched = archive.fetch(packages, project.declaration.debian, invocation.progress());
        !fetched) {
      errors.push_back(std::move(fetched).error());
    }
    for (const source::Package& package : packages) {
      if (package.origin != source::Origin::archive) continue;
      const declare::PackageRule* rule = project.declaration.rule(package.name);
      if (rule == nullptr) continue;
      auto fetched =
          source::archive::fetch(*rule, project.directory(), store.archives(),
                                 invocation.progress(), {.root = {}, .offline = globals.offline});
      if (!fetched) errors.push_back(std::move(fetched).error());
    }
    if (!errors.empty()) return base::unexpected(base::together(std::move(errors)));
    return {};
  };
}

base::Result<std::vector<std::string>> hosts(const Project& project,
                                             const std::vector<std::string>& names) {
  std::vector<std::string> declared;
  for (const auto& [name, host] : project.declaration.hosts) declared.push_back(name);
  if (names.empty()) return declared;
  for (const std::string& name : names) {
    if (project.declaration.hosts.contains(name)) continue;
    base::Error error =
        base::fail("cli.unknown-host").with("name", name).with("file", project.file.native());
    const std::string likely = base::likely(name, declared);
    if (!likely.empty()) error = std::move(error).with("likely", likely);
    return base::unexpected(std::move(error));
  }
  return names;
}

namespace {

// "cc-ci-1a2b3c4d": the directory's name for people, its path's digest against namesakes.
std::string root_prefix(const Project& project) {
  const fs::path path = fs::weakly_canonical(fs::absolute(project.file));
  std::string name;
  const fs::path directory = path.parent_path().filename();
  for (const char c : directory.native()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name.push_back(plain ? c : '-');
  }
  return name.substr(0, 40) + "-" + base::sha256(path.native()).hex().substr(0, 8);
}

// The system of a declared host that was not built this time stays as it is.
bool still_wanted(const Project& project, const host::Build& build, const store::Root& root) {
  const std::string& host = root.object.label;
  return root.object.kind == store::Kind::system && project.declaration.hosts.contains(host) &&
         !build.systems.contains(host);
}

// New roots first, then the old ones go: at no moment is anything in use without one.
base::Result<void> replace_roots(const Project& project, store::Store& store,
                                 const host::Build& build) {
  const std::map<std::string, store::Address> wanted = root_names(project, build);
  CCCI_TRY(std::vector<store::Root> present, store::roots(store));
  // As people read it, a root's name says what it is: "root NAME".
  constexpr std::string_view kind = "root ";
  std::erase_if(present, [&](store::Root& root) {
    if (!root.name.starts_with(kind)) return true;
    root.name.erase(0, kind.size());
    return false;
  });
  std::set<std::string> there;
  for (const store::Root& root : present) {
    const auto same = wanted.find(root.name);
    if (same != wanted.end() && same->second == root.object) there.insert(root.name);
  }
  std::map<std::string, store::Address> missing = wanted;
  std::erase_if(missing, [&](const auto& root) { return there.contains(root.first); });
  CCCI_CHECK(store::add_roots(store, missing));
  const std::string prefix = root_prefix(project) + ".";
  std::vector<std::string> stale;
  for (const store::Root& root : present) {
    const bool ours = root.name.starts_with(prefix) && !wanted.contains(root.name);
    if (ours && !still_wanted(project, build, root)) stale.push_back(root.name);
  }
  return store::drop_roots(store, stale);
}

}  // namespace

std::map<std::string, store::Address> root_names(const Project& project, const host::Build& build) {
  const std::string prefix = root_prefix(project) + ".";
  std::map<std::string, store::Address> names;
  for (const store::Address& object : build.objects()) {
    names[prefix + std::string(store::kind_name(object.kind)) + "." + object.label + "." +
          object.hash.substr(0, 8)] = object;
  }
  return names;
}

base::Result<host::Build> build(const Project& project, Invocation& invocation, store::Store& store,
                                const lock::Lock& lock, const std::vector<std::string>& hosts) {
  CCCI_TRY(const store::Hold hold, store.hold());
  host::Builder builder(store, project.declaration, lock, fetcher(project, invocation, store),
                        invocation.progress());
  CCCI_TRY(host::Build build, builder.build(hosts));
  invocation.end_progress();
  CCCI_CHECK(replace_roots(project, store, build));
  return build;
}

}  // namespace ccci::cli
