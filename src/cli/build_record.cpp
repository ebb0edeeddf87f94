// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/build_record.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/text.hpp"
#include "declare/declaration.hpp"
#include "host/entrypoint_object.hpp"
#include "lock/lock.hpp"

namespace ccci::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_record = 16U << 20U;

// A program is taken for the same while nobody replaced or touched its file.
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

// For which build the rest is, and that no bit of it has changed.
std::string seal_of(const std::string& identity, const base::Json& roots,
                    const base::Json& result) {
  return base::sha256(identity + "\n" + roots.dump() + "\n" + result.dump()).hex();
}

}  // namespace

std::optional<BuildRecord> BuildRecord::open(const Invocation& invocation) {
  return open(invocation, invocation.operands());
}

std::optional<BuildRecord> BuildRecord::open(const Invocation& invocation,
                                             const std::vector<std::string>& names) {
  const fs::path file(invocation.globals().file);
  const auto declaration = base::read_file(file, declare::largest_declaration);
  const auto lock = base::read_file(fs::path(file).replace_extension(".lock"), lock::largest_lock);
  const auto launcher = host::find_launcher();
  if (!declaration || !lock || !launcher) return std::nullopt;
  const auto enters = identity_of(*launcher);
  const auto builds = identity_of("/proc/self/exe");
  if (!enters || !builds) return std::nullopt;
  std::error_code error;
  const fs::path place = fs::weakly_canonical(fs::absolute(file), error);
  const std::string hosts = base::join(names, " ");
  BuildRecord record;
  record.file_ = invocation.globals().state / "builds" /
                 (base::sha256(place.native() + "\n" + hosts).hex().substr(0, 32) + ".json");
  record.identity_ =
      base::sha256("build 1\n" + place.native() + "\n" + hosts + "\n" + *enters + "\n" + *builds +
                   "\n" + base::sha256(*declaration).hex() + "\n" + base::sha256(*lock).hex())
          .hex();
  return record;
}

std::optional<base::Json> BuildRecord::find(const store::Store& store) const {
  const auto text = base::read_file(file_, largest_record);
  if (!text) return std::nullopt;
  const base::Json json = base::Json::parse(*text, nullptr, false);
  const auto roots = json.find("roots");
  const auto result = json.find("result");
  const auto seal = json.find("seal");
  if (roots == json.end() || result == json.end() || seal == json.end()) return std::nullopt;
  // What is sealed was written by keep(): its shape needs no further look.
  if (*seal != seal_of(identity_, *roots, *result)) return std::nullopt;
  for (const auto& [name, object] : roots->items()) {
    const auto address =
        object.is_string() ? store::read_reference(object.get<std::string>()) : std::nullopt;
    std::error_code error;
    const fs::path target = fs::read_symlink(store.state() / "roots" / name, error);
    if (!address || error || target.filename() != address->directory() || !store.has(*address)) {
      return std::nullopt;
    }
  }
  return *result;
}

base::Result<void> BuildRecord::keep(const std::map<std::string, store::Address>& roots,
                                     const base::Json& result) const {
  base::Json json{{"schema", 1}, {"roots", base::Json::object()}, {"result", result}};
  for (const auto& [name, address] : roots) json["roots"][name] = store::reference(address);
  json["seal"] = seal_of(identity_, json["roots"], result);
  CCCI_CHECK(base::make_directories(file_.parent_path()));
  return base::replace_file(file_, json.dump() + "\n");
}

base::Json build_result(const host::Build& build) {
  const environment::Environment& environment = build.environment;
  base::Json json{{"schema", 1},
                  {"environment",
                   {{"hash", environment.address.hash},
                    {"digest", environment.digest},
                    {"path", environment.path},
                    {"root", environment.root},
                    {"bytes", environment.bytes},
                    {"entries", environment.entries},
                    {"paths", environment.paths()},
                    {"variables", environment.variables}}},
                  {"entrypoints", base::Json::object()},
                  {"hosts", base::Json::object()}};
  for (const auto& [name, entrypoint] : build.entrypoints) {
    json["entrypoints"][name] = {{"path", entrypoint.path}, {"digest", entrypoint.digest}};
  }
  for (const auto& [name, system] : build.systems) {
    json["hosts"][name] = {{"path", system.path},
                           {"digest", system.digest},
                           {"environment", system.environment->address.hash},
                           {"paths", system.paths}};
  }
  return json;
}

}  // namespace ccci::cli
