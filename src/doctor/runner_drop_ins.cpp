// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_drop_ins.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "doctor/drop_in_text.hpp"
#include "host/attachment.hpp"
#include "host/unit_mounts.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

using State = Symptom::State;

bool is_ours(const UnitSource& source) {
  return fs::path(source.path).filename() == host::drop_in_name;
}

// systemd applies drop-ins in the order of their file names, independent of their directory.
bool after_ours(const UnitSource& source) {
  return source.path.ends_with(".conf") &&
         fs::path(source.path).filename() > fs::path(host::drop_in_name);
}

// systemd would make a missing target in the published root. What a later drop-in clears is no
// mount: it was not looked for.
void check_mounts(RunnerCase& about, const UnitSource& source) {
  for (const std::string& target : host::mount_targets({source.text})) {
    const auto there = about.observed().places.find(target);
    if (there == about.observed().places.end() || there->second || about.environment() == nullptr)
      continue;
    const auto covers = [&target](const std::string& place) {
      return target.starts_with("/" + place + "/");
    };
    if (!covers("etc") && std::none_of(about.environment()->places.begin(),
                                       about.environment()->places.end(), covers))
      continue;
    about.bad(source.path + " mounts onto " + target + ", which the environment does not have",
              "mount it below /opt or /srv, or declare it: host_files = [\"" + target + "\"]");
  }
}

void check_drop_in(RunnerCase& about, const UnitSource& source) {
  const std::string remedy = "remove it from " + source.path;
  for (const std::string& name : names_set(source.text)) {
    if (!about.decides(name) || about.is_unset(name)) continue;
    if (about.is_declared(name, value_set(source.text, name))) continue;
    about.bad(source.path + " sets " + name + " again, after cc-ci's drop-in", remedy);
  }
  if (clears(source.text, "UnsetEnvironment")) {
    about.bad(source.path + " clears UnsetEnvironment=, cc-ci's with it", remedy);
  }
  if (clears(source.text, "Environment")) {
    about.bad(source.path + " clears Environment=, cc-ci's with it", remedy);
  }
  for (const std::string& value : host::settings({source.text}, "Service", "UnsetEnvironment")) {
    for (const std::string_view name : base::split(value, ' ')) {
      if (about.decides(std::string(name)))
        about.bad(source.path + " unsets " + std::string(name), remedy);
    }
  }
  for (const char* mounts : {"BindPaths", "BindReadOnlyPaths"}) {
    if (clears(source.text, mounts)) {
      about.bad(source.path + " clears " + mounts + "=, cc-ci's with it", remedy);
    } else if (mounts_on_usr(host::settings({source.text}, "Service", mounts))) {
      about.bad(source.path + " mounts onto /usr with " + mounts + "=, after cc-ci's drop-in",
                remedy);
    }
  }
}

// The last text counts, and RootDirectory=/ is the host's own root.
void check_root(RunnerCase& about) {
  for (const char* root : {"RootDirectory", "RootImage"}) {
    std::string value;
    std::string path;
    for (const UnitSource& source : about.observed().unit.sources) {
      const auto values = host::settings({source.text}, "Service", root);
      if (values.empty() && !clears(source.text, root)) continue;
      value = values.empty() ? "" : values.back();
      path = source.path;
    }
    if (value.empty() || value == "/") continue;
    about.bad(path + " sets " + root + "=: the service sees another root",
              "remove " + std::string(root) + "= from " + path);
  }
}

// Reports a list of paths that has no effect any more, because it would mislead a reader.
void check_losing(RunnerCase& about) {
  if (about.kind().path_variable.empty()) return;
  const std::string name(about.kind().path_variable);
  for (const UnitSource& source : about.observed().unit.sources) {
    if (is_ours(source) || after_ours(source) || !names_set(source.text).contains(name)) continue;
    about.add(State::good, name + " in " + source.path + " loses against cc-ci's",
              "remove it from " + source.path);
  }
}

}  // namespace

void check_drop_ins(RunnerCase& about) {
  const auto bound = host::shared_settings(about.observed().unit.texts(), "Service",
                                           {"BindPaths", "BindReadOnlyPaths"});
  for (const UnitSource& source : about.observed().unit.sources) {
    if (is_ours(source)) continue;
    check_mounts(about, source);
    for (const std::string& name : names_set(source.text)) {
      if (about.is_unset(name)) about.without_effect(source.path, name);
    }
    if (after_ours(source)) {
      check_drop_in(about, source);
      continue;
    }
    // Our drop-in adds to these mounts, and systemd would create their mount points in a published
    // root.
    for (const char* mounts : {"BindPaths", "BindReadOnlyPaths"}) {
      auto own = host::settings({source.text}, "Service", mounts);
      std::erase_if(own, [&](const std::string& value) {
        return std::find(bound.begin(), bound.end(), host::Setting{mounts, value}) == bound.end();
      });
      if (!mounts_on_usr(own)) continue;
      about.bad(source.path + " mounts onto /usr with " + mounts + "=",
                "remove it, or declare the file: " + about.key("program"));
    }
  }
  check_root(about);
  check_losing(about);
}

}  // namespace ccci::doctor
