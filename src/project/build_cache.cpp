// SPDX-License-Identifier: GPL-3.0-or-later
#include "project/build_cache.hpp"

#include <sys/stat.h>

#include "base/checkout.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "declare/declaration.hpp"
#include "host/entrypoint_object.hpp"
#include "host/small_object.hpp"
#include "lock/lock.hpp"
#include "project/project.hpp"

namespace ccci::project {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_record = 16U << 20U;

// A program counts as the same if its file was neither replaced nor changed.
std::optional<std::string> identity_of(const fs::path& program) {
  struct stat status {};
  if (stat(program.c_str(), &status) != 0) return std::nullopt;
  std::string text = program.native();
  for (const long long number :
       {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
        static_cast<long long>(status.st_size), static_cast<long long>(status.st_mtim.tv_sec),
        static_cast<long long>(status.st_mtim.tv_nsec)}) {
    text += " " + std::to_string(number);
  }
  return text;
}

// Binds the result to its build, and detects damage.
std::string seal_of(const std::string& identity, const base::Json& roots, const base::Json& files,
                    const base::Json& result) {
  return base::sha256(identity + "\n" + roots.dump() + "\n" + files.dump() + "\n" + result.dump())
      .hex();
}

bool is_same(const fs::path& file, const base::Json& sha256) {
  constexpr std::uint64_t largest = 64U << 20U;
  const auto text = base::read_file(file, largest);
  return text && base::sha256(*text).hex() == sha256.text_or_empty();
}

}  // namespace

std::optional<BuildCache> BuildCache::open(const fs::path& file, const fs::path& state,
                                           const std::vector<std::string>& names) {
  const auto declaration = base::read_of_project(file, declare::largest_declaration);
  const auto lock = base::read_of_project(lock_file_of(file), lock::largest_lock);
  const auto launcher = host::find_launcher();
  if (!declaration || !lock || !launcher) return std::nullopt;
  const auto enters = identity_of(*launcher);
  const auto builds = identity_of("/proc/self/exe");
  if (!enters || !builds) return std::nullopt;
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(file), error);
  const std::string hosts = base::join(names, " ");
  BuildCache cache;
  cache.declaration_ = place;
  cache.directory_ = place.parent_path();
  cache.file_ = state / "builds" /
                (base::sha256(place.native() + "\n" + hosts).hex().substr(0, 32) + ".json");
  cache.identity_ =
      base::sha256("build 2\n" + place.native() + "\n" + hosts + "\n" + *enters + "\n" + *builds +
                   "\n" + base::sha256(*declaration).hex() + "\n" + base::sha256(*lock).hex())
          .hex();
  return cache;
}

std::optional<base::Json> BuildCache::find(const store::Store& store) const {
  const auto text = base::read_file(file_, largest_record);
  if (!text) return std::nullopt;
  const base::Json json = base::Json::parse(*text).value_or(base::Json());
  const base::Json* const roots = json.find("roots");
  const base::Json* const files = json.find("files");
  const base::Json* const result = json.find("result");
  if (roots == nullptr || files == nullptr || result == nullptr) return std::nullopt;
  // If the seal matches, keep() wrote this result, so its structure is known.
  if (json["seal"] != seal_of(identity_, *roots, *files, *result)) return std::nullopt;
  for (const auto& [name, object] : roots->items()) {
    const auto address = object.is_string() ? store::read_reference(*object.text()) : std::nullopt;
    std::error_code error;
    const fs::path target = fs::read_symlink(store.state() / "roots" / name, error);
    if (!address || error || target.filename() != address->directory() || !store.has(*address)) {
      return std::nullopt;
    }
  }
  for (const auto& [name, sha256] : files->items()) {
    if (!is_same(directory_ / name, sha256)) return std::nullopt;
  }
  return *result;
}

std::optional<store::Address> BuildCache::find_system(const store::Store& store,
                                                      const std::string& host) const {
  const std::optional<const base::Json> known = find(store);
  if (!known) return std::nullopt;
  const auto address =
      host::object_at(store::Kind::system, (*known)["hosts"][host]["path"].text_or_empty());
  return address ? std::optional(*address) : std::nullopt;
}

base::Result<void> BuildCache::keep(const std::map<std::string, store::Address>& roots,
                                    const std::map<std::string, std::string>& files,
                                    const base::Json& result) const {
  base::Json json{{"schema", 1},
                  {"declaration", base::printable(declaration_.native())},
                  {"roots", base::Json::object()},
                  {"files", base::Json::object()},
                  {"result", result}};
  for (const auto& [name, sha256] : files) json["files"][name] = sha256;
  for (const auto& [name, address] : roots) json["roots"][name] = store::reference(address);
  json["seal"] = seal_of(identity_, json["roots"], json["files"], result);
  CCCI_CHECK(base::make_directories(file_.parent_path()));
  return base::replace_file(file_, json.dump() + "\n");
}

}  // namespace ccci::project
