// SPDX-License-Identifier: GPL-3.0-or-later
#include "host/entrypoint_object.hpp"

#include <unistd.h>

#include <array>

#include "base/hash.hpp"
#include "enter/entrypoint_text.hpp"
#include "host/small_object.hpp"

namespace ccci::host {

namespace {

constexpr const char* launcher_name = "cc-ci-enter";
constexpr std::uint64_t largest_launcher = 64U << 20U;

}  // namespace

base::Result<std::filesystem::path> find_launcher() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return base::unexpected(base::fail("host.no-proc").with_errno(error.value()));
  }
  const std::filesystem::path beside = self.parent_path() / launcher_name;
  const std::filesystem::path library =
      self.parent_path().parent_path() / "lib/cc-ci" / launcher_name;
  for (const std::filesystem::path& place : {beside, library}) {
    if (access(place.c_str(), X_OK) == 0) return place;
  }
  return base::unexpected(base::fail("host.no-launcher")
                              .with("first", beside.native())
                              .with("second", library.native()));
}

base::Result<PlannedLauncher> plan_launcher(const store::Store& store,
                                            const std::filesystem::path& from) {
  CCCI_TRY(std::string program, base::read_file(from, largest_launcher));
  PlannedLauncher result;
  result.planned.address =
      store::address(store::Kind::launcher, launcher_name, base::sha256(program).hex());
  result.planned.object.files.push_back({launcher_name, std::move(program), true});
  result.path = (store.path(result.planned.address) / "root" / launcher_name).native();
  return result;
}

base::Result<PlannedEntrypoint> plan_entrypoint(const store::Store& store,
                                                const std::string& launcher,
                                                const environment::Environment& environment,
                                                const std::string& name,
                                                const std::vector<std::string>& exec) {
  enter::Entrypoint entrypoint;
  entrypoint.launcher = launcher;
  entrypoint.name = name;
  entrypoint.environment = environment.address.hash;
  entrypoint.root = environment.root;
  entrypoint.paths = environment.paths();
  entrypoint.places = environment.places;
  entrypoint.variables.assign(environment.variables.begin(), environment.variables.end());
  entrypoint.exec = exec;
  // Python packages in the caller's ~/.local belong to the host, not to the environment.
  if (!environment.variables.contains("PYTHONNOUSERSITE")) {
    entrypoint.variables.emplace_back("PYTHONNOUSERSITE", "1");
  }
  const std::string problem = enter::entrypoint_problem(entrypoint);
  if (!problem.empty()) {
    return base::unexpected(
        base::fail("host.entrypoint").with("name", name).with("problem", problem));
  }
  const std::string text = enter::write_entrypoint(entrypoint);
  PlannedEntrypoint result;
  result.entrypoint.name = name;
  result.entrypoint.digest = base::sha256(text).hex();
  result.entrypoint.address = store::address(store::Kind::entrypoint, name, text);
  result.planned.address = result.entrypoint.address;
  SmallObject& object = result.planned.object;
  object.files.push_back({name, text, true});
  object.needs = {environment.address};
  const std::filesystem::path program(launcher);
  CCCI_TRY(const store::Address launcher_object,
           object_at(store::Kind::launcher, program.parent_path().parent_path()));
  object.needs.push_back(launcher_object);
  result.entrypoint.path = (store.path(result.planned.address) / "root" / name).native();
  return result;
}

}  // namespace ccci::host
