// SPDX-License-Identifier: GPL-3.0-or-later
#include "activate/drift.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <set>

#include "activate/observe.hpp"
#include "activate/system_object.hpp"
#include "base/directory.hpp"
#include "base/hash.hpp"
#include "base/shell.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"
#include "store/upkeep.hpp"

namespace ccci::activate {

namespace fs = std::filesystem;

namespace {

constexpr const char* switch_again = "cc-ci switch";

std::string named(std::uint64_t number) {
  return number == 0 ? "none" : "generation " + std::to_string(number);
}

// Files that may set a login shell's PATH, besides those in /etc/profile.d.
constexpr std::array login_files{"/etc/profile",      "/etc/environment", "/etc/bash.bashrc",
                                 "/etc/zsh/zprofile", "/etc/zsh/zshenv",  "/root/.bash_profile",
                                 "/root/.bash_login", "/root/.profile",   "/root/.bashrc",
                                 "/root/.zshenv",     "/root/.zprofile"};
constexpr std::uint64_t largest_login_file = 1U << 20U;

bool puts_on_path(const fs::path& file, std::string_view directory) {
  const auto text = base::read_file(file, largest_login_file);
  if (!text) return false;
  const auto lines = base::split(*text, '\n');
  return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) {
    return !base::trim(line).starts_with('#') && line.find("PATH") != std::string_view::npos &&
           line.find(directory) != std::string_view::npos;
  });
}

// The remedy for a directory that must not come before ours, or for all directories that are not
// ours ("").
std::string off_the_path(const Layout& layout, std::string_view directory) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(layout.at("/etc/profile.d"), error)) {
    files.push_back("/etc/profile.d/" + entry.path().filename().native());
  }
  std::sort(files.begin(), files.end());
  files.insert(files.end(), login_files.begin(), login_files.end());
  for (const std::string& file : files) {
    if (directory.empty() || file == profile_file || !puts_on_path(layout.at(file), directory)) {
      continue;
    }
    return "take " + std::string(directory) + " out of " + file;
  }
  return "grep -rs PATH= /etc/profile /etc/profile.d /etc/environment /root/.[bpz]*";
}

}  // namespace

std::string path_in(const std::vector<std::string>& variables) {
  std::string path;
  for (const std::string& variable : variables) {
    if (variable.starts_with("PATH=")) path = variable.substr(5);
  }
  return path;
}

std::vector<std::string> variables_set_by(const std::string& text) {
  std::vector<std::string> variables;
  for (const std::string& setting : host::settings({text}, "Service", "Environment")) {
    const auto words = host::unit_words(setting);
    if (words) variables.insert(variables.end(), words->begin(), words->end());
  }
  return variables;
}

std::string path_set_by(const std::string& text) { return path_in(variables_set_by(text)); }

Drifts lost_generation(const Generations& generations) {
  const auto current = generations.current();
  if (!current) {
    return {{"path " + std::string(home_directory) + "/current", "a link to a generation",
             std::string(current.error().field("target")), switch_again}};
  }
  if (generations.read(*current)) return {};
  return {{named(*current), "a record of what it is", "one that cannot be read", switch_again}};
}

Drifts missing_directories(const Generations& generations, const Generation& generation) {
  Drifts drifts;
  for (const std::string& service : services_of(generation)) {
    const auto text = generations.unit_text(generation, service);
    const std::string path = text ? working_directory(generation, *text) : std::string();
    std::error_code error;
    if (path.empty() || fs::is_directory(generations.layout().at(path), error)) continue;
    const bool project = path == generation.project;
    drifts.push_back({"directory of " + service, path, "no directory",
                      project ? switch_again : "mkdir -p " + base::shell_quoted(path)});
  }
  return drifts;
}

Drifts covered_objects(const fs::path& store, std::string_view mountinfo) {
  Drifts drifts;
  const std::string below = store.native() + "/";
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    const std::vector<std::string_view> fields = base::split(line, ' ');
    if (fields.size() < 5 || !fields[4].starts_with(below)) continue;
    const std::string path(fields[4]);
    drifts.push_back({"path " + path, "as it was built", "something is mounted over it",
                      "umount " + base::shell_quoted(path)});
  }
  return drifts;
}

Drifts unfinished(const Observed& observed, const Generation& generation) {
  if (!observed.pending && observed.confirmed == generation.number) return {};
  const std::string found =
      observed.confirmed == generation.number
          ? "a switch that did not end"
          : "not confirmed; the last one that was healthy: " + named(observed.confirmed);
  return {{named(generation.number), "switched to and healthy", found, switch_again}};
}

Drifts changed_files(const Generations& generations, const Generation& generation,
                     const Observed& observed) {
  Drifts drifts;
  bool units_intact = true;
  for (const auto& [path, digest] : generation.units) {
    const auto text = generations.unit_text(generation, path);
    if (text && base::sha256(*text).hex() == digest) continue;
    units_intact = false;
    drifts.push_back({"unit " + path, "text " + digest.substr(0, 12),
                      text ? "changed by hand: " + base::sha256(*text).short_hex() : "no such file",
                      switch_again});
  }
  if (units_intact && !generations.intact(generation)) {
    drifts.push_back({named(generation.number), "its links and profile.sh as they were made",
                      "changed by hand", switch_again});
  }
  for (const auto& [path, target] : wanted_links(generation)) {
    if (observed.settled.contains(path)) continue;
    if (observed.foreign.contains(path)) {
      drifts.push_back({"path " + path, "a link to " + target,
                        "something that cc-ci did not put there",
                        "mv " + path + " " + path + ".before-cc-ci && cc-ci switch"});
      continue;
    }
    const auto there = observed.links.find(path);
    if (there == observed.links.end()) {
      drifts.push_back({"path " + path, "a link to " + target, "nothing", switch_again});
    } else if (there->second != target) {
      drifts.push_back({"path " + path, "a link to " + target, there->second, switch_again});
    }
  }
  const auto wanted = wanted_links(generation);
  for (const auto& [path, target] : observed.links) {
    if (wanted.contains(path)) continue;
    drifts.push_back({"path " + path, "nothing", "a link to " + target, switch_again});
  }
  return drifts;
}

Drifts damaged_objects(const store::Store& store, const Generation& generation) {
  const auto system = store::read_directory(store::Kind::system, generation.system);
  if (!system || !store.has(*system)) {
    return {{"system " + generation.system, "an object of the store", "none", switch_again}};
  }
  Drifts drifts;
  auto objects = closure(store, *system);
  if (!objects) {
    return {{"system " + generation.system, "all that it needs",
             "an object that is missing or cannot be read", "cc-ci store repair"}};
  }
  for (const store::Address& object : *objects) {
    if (store.has(object)) continue;
    drifts.push_back({store::reference(object), "an object of the store", "none", switch_again});
  }
  std::erase_if(*objects, [&](const store::Address& object) {
    return object.kind == store::Kind::environment || !store.has(object);
  });
  const auto verification = store::verify(store, *objects, base::silent());
  if (!verification) {
    drifts.push_back({"objects of system " + generation.system, "as they were built",
                      "they cannot be read: " + base::describe_errno(verification.error().number),
                      "cc-ci store verify"});
    return drifts;
  }
  for (const store::Finding& finding : verification->findings) {
    drifts.push_back({store::reference(finding.object) + " " + finding.path, "as it was built",
                      "changed by hand", "cc-ci store repair"});
  }
  return drifts;
}

namespace {

Drift unread(const base::Error& error) {
  const std::string path(error.field("path"));
  return {"path " + path, "readable", base::describe_errno(error.number), "ls -la " + path};
}

}  // namespace

Drifts leftovers(const Layout& layout) {
  Drifts drifts;
  std::error_code error;
  const auto directories = base::entries_of(layout.at("/run/systemd/system"));
  if (!directories) return {unread(directories.error())};
  for (const fs::directory_entry& directory : *directories) {
    if (!directory.is_directory(error)) continue;
    const auto entries = base::entries_of(directory.path());
    if (!entries) {
      drifts.push_back(unread(entries.error()));
      continue;
    }
    for (const fs::directory_entry& entry : *entries) {
      const std::string name = entry.path().filename().native();
      if (name.find("cc-ci-witness") == std::string::npos) continue;
      const std::string path =
          "/run/systemd/system/" + directory.path().filename().native() + "/" + name;
      const std::string unit = directory.path().stem().native();
      // The killed witness had changed the timer. Only a restart of the timer gives it its next
      // time again.
      const std::string restart =
          unit.ends_with(".timer") ? " && systemctl restart " + unit : std::string();
      drifts.push_back({"path " + path, "nothing", "left by a witness that was killed",
                        "rm " + path + " && systemctl daemon-reload" + restart});
    }
  }
  return drifts;
}

Drifts shadowed(const Layout& layout, const std::vector<std::string>& commands,
                std::string_view path) {
  Drifts drifts;
  const std::string own = std::string(home_directory) + "/current/bin";
  for (const std::string_view directory : base::split(path, ':')) {
    if (directory == own) return drifts;
    if (!directory.starts_with('/')) continue;
    std::vector<std::string> hidden;
    for (const std::string& command : commands) {
      std::error_code error;
      if (fs::exists(layout.at(directory) / command, error)) hidden.push_back(command);
    }
    if (hidden.empty()) continue;
    std::string found = std::string(directory) + "/" + hidden.front() + " comes before it";
    if (hidden.size() > 1) found += ", and " + std::to_string(hidden.size() - 1) + " more like it";
    drifts.push_back({"PATH of a login shell", own + "/" + hidden.front(), std::move(found),
                      off_the_path(layout, directory)});
  }
  return {{"PATH of a login shell", own + " on it", std::string(path), off_the_path(layout, "")}};
}

std::string login_path(base::ProcessRunner& processes) {
  const passwd* root = getpwnam("root");
  const std::string own = root == nullptr ? "/bin/sh" : root->pw_shell;
  // If root's shell is not a shell or does not know these options, ask /bin/sh.
  for (const std::string& shell : {own, std::string("/bin/sh")}) {
    base::Command command;
    command.argv = {shell, "-l", "-c", "printf '\\n%s' \"$PATH\""};
    command.environment = {{"HOME=/root", "USER=root", "LOGNAME=root", "SHELL=" + shell,
                            "TERM=dumb", std::string("PATH=") + base::standard_path}};
    command.directory = "/";
    command.time_limit = std::chrono::seconds(10);
    command.output_limit = 1U << 16U;
    const auto outcome = processes.run(command);
    if (!outcome || outcome->status != 0 || outcome->timed_out) continue;
    // Login profiles may print text before it.
    return outcome->out.substr(outcome->out.rfind('\n') + 1);
  }
  return {};
}

base::Result<Drifts> find_drift(const Generations& generations, const store::Store& store,
                                Systemd& systemd, base::ProcessRunner& processes,
                                const Generation& generation) {
  CCCI_TRY(const Observed observed, observe(generations, systemd, generation, generation));
  Drifts drifts = lost_generation(generations);
  const auto add = [&](Drifts more) {
    for (Drift& drift : more) drifts.push_back(std::move(drift));
  };
  if (!observed.lost) add(unfinished(observed, generation));
  add(changed_files(generations, generation, observed));
  add(changed_units(generations, generation, observed));
  if (generation.number == 0) return drifts;
  // systemd's times are those of this clock.
  add(overdue_runs(generations, generation, observed, processes,
                   std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())));
  add(missing_directories(generations, generation));
  if (generations.layout().real()) {
    CCCI_TRY(const std::string mounts, base::read_file("/proc/self/mountinfo", largest_mountinfo));
    add(covered_objects(store.state() / "store", mounts));
  }
  add(damaged_objects(store, generation));
  std::vector<std::string> known;
  if (const auto system = store::read_directory(store::Kind::system, generation.system)) {
    const auto objects = closure(store, *system).value_or(std::vector<store::Address>{});
    for (const store::Address& object : objects) {
      if (object.kind == store::Kind::environment) known.push_back(object.hash);
    }
  }
  add(stray_processes(generation, observed, known));
  add(strange_variables(generations, generation, observed));
  add(left_mounts(generations.layout(), generation, observed));
  add(leftovers(generations.layout()));
  const std::string path = generations.layout().real() ? login_path(processes) : std::string();
  if (!path.empty()) {
    std::vector<std::string> commands;
    const auto entries = base::entries_of(fs::path(generation.system_path) / "bin");
    // A damaged system is told above.
    if (!entries && !entries.error().is(std::errc::not_a_directory)) add({unread(entries.error())});
    if (entries) {
      for (const fs::directory_entry& entry : *entries)
        commands.push_back(entry.path().filename().native());
    }
    add(shadowed(generations.layout(), commands, path));
  }
  return drifts;
}

}  // namespace ccci::activate
