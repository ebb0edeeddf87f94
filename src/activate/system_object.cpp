// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/system_object.hpp"

#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json_reader.hpp"
#include "host/attachment.hpp"
#include "store/meta.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_text = 1U << 20U;
constexpr std::uint64_t largest_description = 16U << 20U;

base::unexpected<base::Error> refuse(const store::Address& address, std::string_view problem) {
  return base::unexpected(
      base::fail("activate.system").with("system", address.directory()).with("problem", problem));
}

base::Result<std::map<std::string, std::string>> read_units(const SystemObject& system,
                                                            const base::Json& listed) {
  std::map<std::string, std::string> units;
  for (const auto& [path, digest] : listed.items()) {
    if (!is_unit_path(path)) return refuse(system.address, "'" + path + "' is not a unit of cc-ci");
    CCCI_TRY(std::string text,
             base::read_file(fs::path(system.root) / "systemd" / path, largest_text));
    if (digest != base::sha256(text).hex()) {
      return refuse(system.address, "'" + path + "' differs from system.json");
    }
    units[path] = std::move(text);
  }
  return units;
}

}  // namespace

Generation SystemObject::generation(const store::Store& store) const {
  Generation generation;
  generation.host = host;
  generation.system = address.directory();
  generation.system_path = root;
  generation.digest = digest;
  generation.environment = environment;
  generation.state = store.state().native();
  generation.health = health;
  for (const auto& [path, text] : units) generation.units[path] = base::sha256(text).hex();
  for (const std::string& unit : attached_of(generation)) {
    const std::string inside =
        told_environment(units.at(unit + ".d/" + std::string(host::drop_in_name)));
    if (!inside.empty()) generation.attached[unit] = inside;
  }
  return generation;
}

base::Result<SystemObject> read_system(const store::Store& store, const store::Address& address) {
  SystemObject system;
  system.address = address;
  CCCI_TRY(const base::Json meta, store::read_meta(store, address));
  const fs::path root = store.path(address) / "root";
  system.root = root.native();
  CCCI_TRY(const std::string text, base::read_file(root / "system.json", largest_description));
  const base::Json json = base::Json::parse(text).value_or(base::Json());
  if (!json.is_object()) return refuse(address, "its system.json is not a JSON object");
  base::JsonReader meta_members(meta);
  base::JsonReader members(json);
  system.digest = meta_members.text("digest");
  system.host = members.text("host");
  system.environment = members.text("environment");
  const base::Json& units = members.object("units");
  for (const base::JsonReader* reader : {&meta_members, &members}) {
    if (!reader->good()) return refuse(address, reader->fault());
  }
  CCCI_TRY(system.units, read_units(system, units));
  if (const base::Json* const health = json.find("health")) {
    CCCI_TRY(system.health, health_rules(*health, (root / "system.json").native()));
  }
  return system;
}

base::Result<store::Address> find_system(const store::Store& store, const std::string& name) {
  if (name.find('/') == std::string::npos) {
    CCCI_TRY(store::Address address, store.find(name));
    if (address.kind != store::Kind::system) return refuse(address, "it is not a system");
    return address;
  }
  fs::path path = fs::path(name).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.filename() == "root") path = path.parent_path();
  const auto address = store::read_directory(store::Kind::system, path.filename().native());
  if (!address || !store.has(*address)) {
    return base::unexpected(base::fail("store.unknown").with("object", name));
  }
  return *address;
}

base::Result<std::vector<store::Address>> closure(const store::Store& store,
                                                  const store::Address& system) {
  std::set<store::Address> seen;
  std::vector<store::Address> todo{system};
  while (!todo.empty()) {
    const store::Address address = todo.back();
    todo.pop_back();
    if (address.kind == store::Kind::package || !seen.insert(address).second) continue;
    CCCI_TRY(const std::vector<store::Address> needed, store::needs(store, address));
    todo.insert(todo.end(), needed.begin(), needed.end());
  }
  return std::vector<store::Address>(seen.begin(), seen.end());
}

base::Result<void> verify_new(const store::Store& store, const store::Address& system,
                              const std::optional<store::Address>& known,
                              base::Progress& progress) {
  CCCI_TRY(std::vector<store::Address> objects, closure(store, system));
  if (known && store.has(*known)) {
    // If the active system is damaged, it must still be possible to leave it.
    const auto before = closure(store, *known);
    if (before) {
      std::erase_if(objects, [&](const store::Address& object) {
        return std::find(before->begin(), before->end(), object) != before->end();
      });
    }
  }
  if (objects.empty()) return {};
  CCCI_TRY(const store::Verification verification, store::verify(store, objects, progress));
  if (verification.findings.empty()) return {};
  std::vector<base::Error> errors;
  for (const store::Finding& finding : verification.findings) {
    errors.push_back(base::fail("activate.damaged")
                         .with("object", store::reference(finding.object))
                         .with("path", finding.path));
    if (errors.size() == 10) break;
  }
  return base::unexpected(base::together(std::move(errors)));
}

}  // namespace ccci::activate
