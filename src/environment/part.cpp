// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/part.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/command_index.hpp"
#include "environment/script_rights.hpp"
#include "store/meta.hpp"
#include "store/npm_tarball.hpp"

namespace ccci::environment {

namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[i]))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string Part::field(std::string_view name) const {
  const auto file = control.find("control");
  if (file == control.end()) return {};
  std::string value;
  bool inside = false;
  for (const std::string_view line : base::split(file->second, '\n')) {
    if (inside && (line.starts_with(' ') || line.starts_with('\t'))) {
      value += ' ';
      value += base::trim(line);
      continue;
    }
    if (inside) break;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equal_ignoring_case(line.substr(0, colon), name))
      continue;
    inside = true;
    value = base::trim(line.substr(colon + 1));
  }
  return value;
}

bool Part::is_declared_package() const {
  const auto& reasons = package.because;
  return std::find(reasons.begin(), reasons.end(), "library " + package.name) != reasons.end();
}

bool Part::is_declared() const {
  const auto& reasons = package.because;
  return is_declared_package() ||
         std::any_of(reasons.begin(), reasons.end(),
                     [](const std::string& reason) { return reason.starts_with("tool "); });
}

std::vector<std::string> Part::names_in(std::string_view field_name) const {
  std::vector<std::string> names;
  const std::string value = field(field_name);
  for (const std::string_view group : base::split(value, ',')) {
    for (const std::string_view choice : base::split(group, '|')) {
      std::string_view name = base::trim(choice);
      name = name.substr(0, name.find_first_of(" (:["));
      if (!name.empty()) names.emplace_back(name);
    }
  }
  return names;
}

std::string Part::owner() const {
  if (!generated) return package.name;
  for (const auto& [name, problem] : outcome) {
    if (problem.empty()) return name;
  }
  return {};
}

std::string archive_directory(const std::string& package) {
  return "usr/lib/cc-ci/packages/" + package;
}

std::string own_directory(const source::Package& package) {
  if (package.origin == source::Origin::archive) return archive_directory(package.name);
  if (package.origin != source::Origin::npm) return {};
  const std::string place = package.name.substr(package.name.find(':') + 1);
  if (place.starts_with("./")) return std::string(npm_project) + place.substr(1);
  return std::string(npm_modules) + "/" + place;
}

store::PackageSource package_source(const source::Package& package,
                                    const std::filesystem::path& archive) {
  store::PackageSource source;
  source.name = package.name;
  source.version = package.version;
  source.sha256 = package.sha256;
  source.file = archive;
  switch (package.origin) {
    case source::Origin::debian:
      source.format = store::Format::deb;
      break;
    case source::Origin::archive:
      source.format = store::Format::archive;
      break;
    case source::Origin::pypi:
      source.format = store::Format::wheel;
      break;
    case source::Origin::npm:
      source.format = store::Format::npm;
      break;
  }
  return source;
}

store::Address object_address(const source::Package& package) {
  return store::package_address(package_source(package));
}

std::int64_t newest_time(const Part& part) {
  std::int64_t newest = store::normal_time;
  for (const store::Entry& entry : part.manifest.entries) {
    if (entry.type == store::Entry::Type::file) newest = std::max(newest, entry.time);
  }
  return newest;
}

std::int64_t newest_time(const std::vector<Part>& parts) {
  std::int64_t newest = store::normal_time;
  for (const Part& part : parts) newest = std::max(newest, newest_time(part));
  return newest;
}

namespace {

// The seal of an object lists its files outside root/ with their digests.
base::Result<std::vector<store::Entry>> read_info(const store::Store& store,
                                                  const store::Address& object) {
  constexpr std::string_view directory = "control/";
  CCCI_TRY(const std::string text,
           base::read_file(store.path(object) / "seal", store::largest_manifest));
  CCCI_TRY(store::Manifest seal, store::read_seal(text, object.label));
  std::vector<store::Entry> info;
  for (store::Entry& entry : seal.entries) {
    if (entry.type != store::Entry::Type::file || !entry.path.starts_with(directory)) continue;
    entry.path.erase(0, directory.size());
    if (entry.path.find('/') == std::string::npos) info.push_back(std::move(entry));
  }
  return info;
}

bool is_program(const store::Entry& entry) {
  return std::any_of(program_directories.begin(), program_directories.end(),
                     [&](std::string_view directory) { return entry.path.starts_with(directory); });
}

// Whether a job calls the package's scripts by their paths. Scripts of a tool with programs may
// also be templates, which it copies into a project (automake's install-sh): they stay as they are.
bool is_declared_for_its_scripts(const Part& part) {
  if (part.is_declared_package()) return true;
  const auto& entries = part.manifest.entries;
  return part.is_declared() && std::none_of(entries.begin(), entries.end(), [](const auto& entry) {
           return entry.type != store::Entry::Type::directory && is_program(entry);
         });
}

// Reads the scripts of a package that is declared for its files.
base::Result<void> read_scripts(const store::Store& store, Part& part) {
  constexpr std::uint64_t largest = 256U << 10U;
  constexpr std::size_t most = 1000;
  CCCI_TRY(const base::Fd root,
           base::open_path(store.path(part.object) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW));
  for (const store::Entry& entry : part.manifest.entries) {
    if (entry.type != store::Entry::Type::file || !entry.executable || is_program(entry) ||
        entry.size > largest || part.scripts.size() >= most) {
      continue;
    }
    CCCI_TRY(std::string text, base::read_within(root.get(), entry.path, largest));
    if (text.starts_with("#!")) part.scripts.emplace(entry.path, std::move(text));
  }
  return {};
}

// Reads which revisions of browsers a package with Playwright looks for.
base::Result<void> read_browsers(const store::Store& store, Part& part) {
  constexpr std::uint64_t largest = 1U << 20U;
  for (const store::Entry& entry : part.manifest.entries) {
    const bool list = entry.path.ends_with("/driver/package/browsers.json") ||
                      (part.package.origin == source::Origin::npm && entry.path == "browsers.json");
    if (!list || entry.type != store::Entry::Type::file || entry.size > largest) continue;
    CCCI_TRY(const base::Fd root,
             base::open_path(store.path(part.object) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW));
    CCCI_TRY(part.browsers, base::read_within(root.get(), entry.path, largest));
  }
  return {};
}

base::Result<void> read_npm_commands(const store::Store& store, Part& part) {
  constexpr std::uint64_t largest = 16U << 20U;
  CCCI_TRY(const base::Fd root,
           base::open_path(store.path(part.object) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW));
  CCCI_TRY(const std::string text, base::read_within(root.get(), "package.json", largest));
  part.commands = store::npm_commands(text);
  return read_browsers(store, part);
}

}  // namespace

base::Result<Part> read_generated(const store::Store& store, const store::Address& object) {
  Part part;
  part.object = object;
  part.generated = true;
  CCCI_TRY(part.manifest, store::object_manifest(store, object));
  return part;
}

base::Result<std::vector<Part>> read_parts(const store::Store& store,
                                           const std::vector<source::Package>& packages) {
  // The files that composing reads. Only the store uses conffiles and md5sums.
  static constexpr std::array<const char*, 7> wanted{"control", "preinst", "postinst", "prerm",
                                                     "postrm",  "config",  "triggers"};
  // Of a larger file, dpkg -S knows only the merged names.
  constexpr std::uint64_t largest_sums = 1U << 20U;
  std::vector<Part> parts;
  parts.reserve(packages.size());
  for (const source::Package& package : packages) {
    Part part;
    part.package = package;
    part.object = object_address(package);
    CCCI_TRY(part.manifest, store::package_manifest(store, part.object));
    if (package.origin == source::Origin::debian) {
      CCCI_TRY(part.env_scripts, store::env_scripts(store, part.object));
      CCCI_TRY(part.info, read_info(store, part.object));
      if (is_declared_for_its_scripts(part)) CCCI_CHECK(read_scripts(store, part));
      CCCI_TRY(const base::Json meta, store::read_meta(store, part.object));
      if (const base::Json* dropped = meta.find("dropped")) {
        for (const base::Json& one : *dropped) part.dropped.emplace_back(one.text_or_empty());
      }
      const auto sums = std::find_if(part.info.begin(), part.info.end(),
                                     [](const auto& entry) { return entry.path == "md5sums"; });
      if (sums != part.info.end() && sums->size < largest_sums) {
        CCCI_TRY(part.md5sums, store::control_file(store, part.object, "md5sums"));
      }
      for (const char* name : wanted) {
        CCCI_TRY(std::string text, store::control_file(store, part.object, name));
        if (!text.empty()) part.control.emplace(name, std::move(text));
      }
      if (const auto script = part.control.find("postinst"); script != part.control.end()) {
        for (std::string& right : rights_of_script(script->second, part.manifest))
          part.dropped.push_back(std::move(right));
      }
    }
    if (package.origin == source::Origin::pypi) CCCI_CHECK(read_browsers(store, part));
    if (package.origin == source::Origin::npm) CCCI_CHECK(read_npm_commands(store, part));
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace ccci::environment
