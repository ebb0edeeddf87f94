// SPDX-License-Identifier: GPL-3.0-or-later
// A host below a prefix, a store with systems for it, and a program that stands for systemctl: it
// loads, starts and restarts, and remembers with which text. If there is a directory asks/, its
// caller is a process of the worker. The journal is a file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activate/layout.hpp"
#include "base/files.hpp"
#include "host/small_object.hpp"
#include "tests/support/store_fixture.hpp"

namespace ccci::test {

inline constexpr const char* worker_drop_in = "worker.service.d/50-cc-ci.conf";

class ActivationTest : public StoreTest {
 protected:
  ActivationTest() {
    namespace fs = std::filesystem;
    fs::create_directories(prefix() / "run/systemd/system");
    fs::create_directories(machine() / "bin");
    fs::create_directories(machine() / "runs");
    write_text(machine() / "runs/worker.service", "1 none\n");
    const fs::path program = machine() / "bin/systemctl";
    write_text(program, systemctl());
    fs::permissions(program, fs::perms::owner_all);
    const fs::path journal = machine() / "bin/journalctl";
    write_text(journal, "#!/bin/sh\ncat \"$MACHINE/journal\" 2>/dev/null\n");
    fs::permissions(journal, fs::perms::owner_all);
  }

  std::filesystem::path prefix() const { return scratch() / "host"; }
  std::filesystem::path machine() const { return scratch() / "machine"; }
  std::filesystem::path home() const { return prefix() / "usr/local/lib/cc-ci"; }
  activate::Layout layout() const { return activate::Layout(prefix()); }

  // A system whose every unit's text is `text` and its own path.
  store::Address system(store::Store& store, const std::string& text,
                        const std::vector<std::string>& units) {
    host::SmallObject object;
    base::Json json{{"schema", 1},
                    {"host", "ci-1"},
                    {"environment", std::string(32, 'e')},
                    {"units", base::Json::object()},
                    {"health",
                     {{"units", std::vector<std::string>{}},
                      {"commands", std::vector<std::vector<std::string>>{}},
                      {"deadline", 2}}}};
    for (const std::string& unit : units) {
      const std::string content = text + " " + unit + "\n";
      object.files.push_back({"systemd/" + unit, content, false});
      json["units"][unit] = base::sha256(content).hex();
    }
    object.files.push_back({"bin/tool", "#!/bin/sh\n", true});
    object.files.push_back({"system.json", json.dump(), false});
    const store::Address address = store::address(store::Kind::system, "ci-1", json.dump());
    const auto published = host::publish_small(store, address, object);
    if (!published) throw std::runtime_error(describe(published.error()));
    return address;
  }

  // The variables that have cc-ci work on this host.
  std::vector<std::string> variables() const {
    return {"PATH=" + (machine() / "bin").native() + ":/usr/bin:/bin",
            "CC_CI_PREFIX=" + prefix().native(), "MACHINE=" + machine().native(), "HOME=/"};
  }

  // What each timer does, what systemd has read, and the text that the worker runs on, against
  // `current`; empty where all of it agrees.
  std::string disagreement() const {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::path current = home() / "current";
    std::string wrong;
    const bool installed = fs::exists(fs::symlink_status(current, error));
    const std::string target = installed ? fs::read_symlink(current).native() : "nothing";
    if (read_text(machine() / "loaded") != target + "\n") wrong += "loaded is not current; ";
    std::vector<std::string> wanted;
    for (const auto& entry : fs::directory_iterator(current / "systemd", error)) {
      const std::string name = entry.path().filename().native();
      if (name.ends_with(".timer")) wanted.push_back(name);
    }
    std::sort(wanted.begin(), wanted.end());
    for (const std::string& timer : wanted) {
      if (!fs::exists(machine() / "active" / timer)) wrong += timer + " is not active; ";
    }
    for (const auto& entry : fs::directory_iterator(machine() / "active", error)) {
      const std::string name = entry.path().filename().native();
      if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wrong += name + " is; ";
    }
    const fs::path text = current / "systemd" / worker_drop_in;
    const std::string runs = read_text(machine() / "runs/worker.service");
    const std::string own = fs::exists(text) ? read_text(text) : "none\n";
    if (!runs.ends_with(" " + own)) wrong += "the worker runs on " + runs;
    for (const auto& entry : fs::directory_iterator(prefix() / "run/cc-ci/switch", error)) {
      if (entry.path().filename() != "lock") wrong += entry.path().filename().native() + " stays; ";
    }
    return wrong;
  }

 private:
  static std::string systemctl() {
    return R"(#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    --property) shift ;;
    --) shift; break ;;
    -*) ;;
    *) verb=${verb:-$1} ;;
  esac
  shift
done
current=$CC_CI_PREFIX/usr/local/lib/cc-ci/current
mkdir -p "$MACHINE/active"
case $verb in
  show)
    for unit; do
      [ -z "$between" ] || echo
      between=1
      active=inactive load=not-found
      [ ! -f "$current/systemd/$unit" ] || load=loaded
      [ ! -e "$MACHINE/active/$unit" ] || active=active
      if [ "$unit" = worker.service ]; then
        active=active load=loaded
        read -r piece text <"$MACHINE/runs/$unit"
        echo "InvocationID=$piece"
        [ ! -e "$MACHINE/broken" ] || [ "$text" = none ] || active=failed
        if [ -d "$MACHINE/asks" ]; then
          echo "$PPID" >"$MACHINE/asks/cgroup.procs"
          echo "ControlGroup=/../../..$MACHINE/asks"
        fi
      fi
      printf '%s\n' "LoadState=$load" "ActiveState=$active" "SubState=running" Type=simple
    done ;;
  daemon-reload) readlink "$current" >"$MACHINE/loaded" || echo nothing >"$MACHINE/loaded" ;;
  stop) for unit; do rm -f "$MACHINE/active/$unit"; done ;;
  start) for unit; do [ -e "$MACHINE/stuck" ] || : >"$MACHINE/active/$unit"; done ;;
  restart)
    for unit; do
      read -r piece text <"$MACHINE/runs/$unit"
      text=$(cat "$current/systemd/$unit.d/50-cc-ci.conf" 2>/dev/null || echo none)
      echo "$((piece + 1)) $text" >"$MACHINE/runs/$unit.new"
      mv "$MACHINE/runs/$unit.new" "$MACHINE/runs/$unit"
    done ;;
esac
)";
  }
};

}  // namespace ccci::test
