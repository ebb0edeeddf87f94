// SPDX-License-Identifier: GPL-3.0-or-later
#include "environment/libraries.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/files.hpp"
#include "base/text.hpp"
#include "environment/alternatives.hpp"

namespace ccci::environment {

namespace {

constexpr std::uint64_t smallest_program = 64;  // the header

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

bool is_library_name(std::string_view name) {
  return name.find(".so") != std::string_view::npos || name.ends_with(".node");
}

bool may_be_linked(const store::Entry& entry) {
  if (entry.type != store::Entry::Type::file || entry.size < smallest_program) return false;
  if (entry.path.ends_with(".debug") || entry.path.ends_with(".py")) return false;
  return entry.executable || is_library_name(last_name(entry.path));
}

std::string place_in_root(const Part& part, const std::string& path) {
  const std::string own = part.generated ? std::string() : own_directory(part.package);
  return own.empty() ? path : own + "/" + path;
}

// These come with the driver of a machine's graphics card, not with a package.
bool is_of_a_driver(std::string_view library) {
  return library.starts_with("libcuda.so") || library.starts_with("libnvidia") ||
         library.starts_with("libnvcuvid");
}

// The linker's own directories: /usr/lib and the one of the architecture below it.
bool is_linker_directory(std::string_view directory) {
  constexpr std::string_view place = "usr/lib/";
  if (directory == "usr/lib" || directory == "usr/lib64") return true;
  if (!directory.starts_with(place)) return false;
  directory.remove_prefix(place.size());
  return directory.find('/') == std::string_view::npos &&
         directory.find("-linux-gnu") != std::string_view::npos;
}

// What the linker can find in a root of these parts.
class Libraries {
 public:
  static base::Result<Libraries> of(const store::Store& store, const std::vector<Part>& parts) {
    Libraries all;
    std::set<std::string, std::less<>> more;  // directories of /etc/ld.so.conf.d
    for (const Part& part : parts) {
      all.packages_.emplace(part.package.name, &part.package);
      CCCI_CHECK(read_directories(store, part, more));
      for (const store::Entry& entry : part.manifest.entries) {
        if (entry.type == store::Entry::Type::directory) continue;
        if (!is_library_name(last_name(entry.path))) continue;
        all.add(place_in_root(part, entry.path), part);
      }
      const auto script = part.control.find("postinst");
      if (script == part.control.end()) continue;
      for (const Candidate& one : read_alternatives(script->second, part.package.name).found) {
        if (is_library_name(last_name(one.link))) all.add(one.link, part);
      }
    }
    for (const std::string& path : all.paths_) {
      const std::string_view directory = directory_of(path);
      if (is_linker_directory(directory) || more.contains(directory)) {
        all.found_by_linker_.insert(std::string(last_name(path)));
      }
    }
    return all;
  }

  bool has(const std::string& library, const Linked& by) const {
    if (library.find('/') != std::string::npos) {
      return !library.starts_with('/') || paths_.contains(merged_path(library));
    }
    if (found_by_linker_.contains(library)) return true;
    for (const std::string& directory : by.elf.search) {
      const std::string path = expanded(directory, directory_of(by.path));
      if (!path.empty() && paths_.contains(path + "/" + library)) return true;
    }
    return is_bundled(library, by.package);
  }

 private:
  void add(std::string path, const Part& part) {
    bundled_[std::string(last_name(path))].insert(part.package.name);
    paths_.insert(std::move(path));
  }

  static base::Result<void> read_directories(const store::Store& store, const Part& part,
                                             std::set<std::string, std::less<>>& into) {
    constexpr std::uint64_t largest = 64U << 10U;
    for (const store::Entry& entry : part.manifest.entries) {
      if (entry.type != store::Entry::Type::file || entry.size > largest ||
          !entry.path.starts_with("etc/ld.so.conf.d/") || !entry.path.ends_with(".conf")) {
        continue;
      }
      CCCI_TRY(const base::Fd root, base::open_path(store.path(part.object) / "root",
                                                    O_PATH | O_DIRECTORY | O_NOFOLLOW));
      CCCI_TRY(const std::string text, base::read_within(root.get(), entry.path, largest));
      for (const std::string_view line : base::split(text, '\n')) {
        const std::string_view directory = base::trim(line);
        if (directory.starts_with('/')) into.insert(merged_path(directory));
      }
    }
    return {};
  }

  // A directory of a search path, in the root. Empty for one that depends on where a job runs.
  static std::string expanded(std::string directory, std::string_view origin) {
    for (const std::string_view word : {"${ORIGIN}", "$ORIGIN"}) {
      for (std::size_t at = 0; (at = directory.find(word, at)) != std::string::npos;) {
        directory.replace(at, word.size(), "/" + std::string(origin));
      }
    }
    if (!directory.starts_with('/')) return {};
    std::string plain = std::filesystem::path(directory).lexically_normal().native();
    while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
    return merged_path(plain);
  }

  // Whether the package brings the library itself, or what it depends on does.
  bool is_bundled(const std::string& library, const std::string& package) const {
    const auto owners = bundled_.find(library);
    if (owners == bundled_.end()) return false;
    std::vector<std::string> order{package};
    std::unordered_set<std::string> seen{package};
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (owners->second.contains(order[i])) return true;
      const auto found = packages_.find(order[i]);
      if (found == packages_.end()) continue;
      for (const std::string& next : found->second->depends) {
        const auto below = packages_.find(next);
        if (below == packages_.end() || !has_checked_files(*below->second)) continue;
        if (seen.insert(next).second) order.push_back(next);
      }
    }
    return false;
  }

  std::unordered_map<std::string, const source::Package*> packages_;
  std::unordered_map<std::string, std::set<std::string>> bundled_;  // name to packages
  std::unordered_set<std::string> paths_;
  std::unordered_set<std::string> found_by_linker_;
};

// Libraries whose package does not have the name of the rule.
struct Unruly {
  std::string_view library;  // how its name begins
  std::string_view package;
};

constexpr std::array unruly{
    Unruly{"libz.so.1", "zlib1g"},
    Unruly{"ld-linux", "libc6"},
    Unruly{"libm.so.", "libc6"},
    Unruly{"libdl.so.", "libc6"},
    Unruly{"libpthread.so.", "libc6"},
    Unruly{"librt.so.", "libc6"},
    Unruly{"libutil.so.", "libc6"},
    Unruly{"libresolv.so.", "libc6"},
    Unruly{"libnsl.so.1", "libc6"},
    Unruly{"libcrypto.so.3", "libssl3"},
    Unruly{"libcrypto.so.1.1", "libssl1.1"},
    Unruly{"libglib-2.0.so.", "libglib2.0-0"},
    Unruly{"libgthread-2.0.so.", "libglib2.0-0"},
    Unruly{"libgobject-2.0.so.", "libglib2.0-0"},
    Unruly{"libgio-2.0.so.", "libglib2.0-0"},
    Unruly{"libgmodule-2.0.so.", "libglib2.0-0"},
    Unruly{"libgdk-3.so.", "libgtk-3-0"},
    Unruly{"libgdk-x11-2.0.so.", "libgtk2.0-0"},
    Unruly{"libgtk-x11-2.0.so.", "libgtk2.0-0"},
    Unruly{"libsmime3.so", "libnss3"},
    Unruly{"libssl3.so", "libnss3"},
    Unruly{"libnssutil3.so", "libnss3"},
    Unruly{"libplc4.so", "libnspr4"},
    Unruly{"libplds4.so", "libnspr4"},
    Unruly{"libGLU.so.1", "libglu1-mesa"},
    Unruly{"libGLESv2.so.2", "libgles2"},
    Unruly{"libxml2.so.2", "libxml2"},
    Unruly{"libjpeg.so.62", "libjpeg62-turbo"},
    Unruly{"libsnappy.so.1", "libsnappy1v5"},
};

std::string by_the_rule(std::string_view library) {
  const std::size_t so = library.find(".so");
  if (so == std::string_view::npos) return {};
  std::string name(library.substr(0, so));
  std::string_view version = library.substr(so + 3);
  if (version.starts_with('.')) version.remove_prefix(1);
  const bool digit = !name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0;
  if (!version.empty()) name += (digit ? "-" : "") + std::string(version);
  for (char& byte : name) {
    byte = byte == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
  }
  return name;
}

}  // namespace

bool has_checked_files(const source::Package& package) {
  return package.origin != source::Origin::debian || !package.source.empty();
}

base::Result<std::vector<Linked>> linked_files(const store::Store& store,
                                               const std::vector<Part>& parts) {
  std::vector<Linked> all;
  for (const Part& part : parts) {
    if (part.generated || !has_checked_files(part.package)) continue;
    CCCI_TRY(const base::Fd root,
             base::open_path(store.path(part.object) / "root", O_PATH | O_DIRECTORY | O_NOFOLLOW));
    for (const store::Entry& entry : part.manifest.entries) {
      if (!may_be_linked(entry)) continue;
      CCCI_TRY(const base::Fd file, base::open_within(root.get(), entry.path));
      auto elf = read_elf(file.get());
      if (!elf || elf->needed.empty()) continue;
      all.push_back({part.package.name, place_in_root(part, entry.path), *std::move(elf)});
    }
  }
  return all;
}

base::Result<std::vector<MissingLibrary>> missing_libraries(
    const store::Store& store, const std::vector<Linked>& linked, const std::vector<Part>& parts,
    const std::vector<std::string>& absent) {
  std::vector<MissingLibrary> all;
  if (linked.empty()) return all;
  CCCI_TRY(const Libraries libraries, Libraries::of(store, parts));
  std::map<std::string, MissingLibrary> missing;
  for (const Linked& one : linked) {
    for (const std::string& needed : one.elf.needed) {
      if (is_of_a_driver(needed) || libraries.has(needed, one)) continue;
      if (std::find(absent.begin(), absent.end(), needed) != absent.end()) continue;
      missing.try_emplace(needed, MissingLibrary{needed, one.package, one.path});
    }
  }
  for (auto& [library, one] : missing) all.push_back(std::move(one));
  return all;
}

std::vector<std::string> library_packages(std::string_view library) {
  std::vector<std::string> names;
  for (const Unruly& one : unruly) {
    if (library.starts_with(one.library)) names.emplace_back(one.package);
  }
  if (library.starts_with("libicu")) {
    const std::size_t so = library.find(".so.");
    if (so != std::string_view::npos)
      names.push_back("libicu" + std::string(library.substr(so + 4)));
  }
  std::string rule = by_the_rule(library);
  if (!rule.empty()) names.push_back(std::move(rule));
  const std::size_t count = names.size();
  // Debian 13 and later name packages so whose ABI changed with the width of time_t.
  for (std::size_t i = 0; i < count; ++i) names.push_back(names[i] + "t64");
  return names;
}

base::Error missing_library(const MissingLibrary& missing) {
  return base::fail("environment.missing-library")
      .with("library", base::printable(missing.library))
      .with("name", missing.package)
      .with("file", "/" + missing.path);
}

base::Result<void> check_libraries(const store::Store& store, const std::vector<Part>& parts,
                                   const std::vector<std::string>& absent) {
  CCCI_TRY(const std::vector<Linked> linked, linked_files(store, parts));
  CCCI_TRY(const std::vector<MissingLibrary> missing,
           missing_libraries(store, linked, parts, absent));
  std::vector<base::Error> errors;
  for (const MissingLibrary& one : missing) {
    base::Error error = missing_library(one);
    const std::vector<std::string> names = library_packages(one.library);
    if (!names.empty()) error = std::move(error).with("perhaps", base::printable(names.front()));
    errors.push_back(std::move(error));
  }
  if (errors.empty()) return {};
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::environment
