// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/runner_observation.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "activate/unit_names.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "declare/runner_kind.hpp"
#include "doctor/drop_in_text.hpp"
#include "doctor/engine_configuration.hpp"
#include "doctor/host_paths.hpp"
#include "doctor/unusable_paths.hpp"
#include "doctor/view_checkup.hpp"
#include "enter/entrypoint.hpp"
#include "host/unit_mounts.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_file = 1U << 20U;

void read(const fs::path& host, const std::string& path, std::map<std::string, std::string>& to) {
  if (!path.starts_with('/')) return;
  // A FIFO or device could block doctor, or have side effects when it is opened.
  std::error_code error;
  if (!fs::is_regular_file(on(host, path), error)) return;
  if (auto text = base::read_file(on(host, path), largest_file)) to[path] = *std::move(text);
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_inside(const std::string& root, const std::string& path) {
  const auto directory = base::open_path(root, O_RDONLY | O_DIRECTORY);
  if (!directory) return false;
  // An empty file is only a mount point.
  const auto file = base::open_in_root(directory->get(), path.substr(1), O_PATH);
  if (!file) return false;
  struct stat status = {};
  return fstat(file->get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
}

// The path in "--config=/etc/x" or "/etc/x", if it is below /etc.
std::string path_in_etc(std::string_view argument) {
  const std::size_t at = argument.starts_with('-') ? argument.find('=') + 1 : 0;
  const std::string_view path = argument.substr(std::min(at, argument.size()));
  return path.starts_with("/etc/") ? std::string(path) : std::string();
}

// The program of a command; empty if it is not known here, or runs outside of the unit's mounts
// ('+') or may fail ('-').
std::string program_in_view(std::string_view command) {
  const std::size_t first = std::min(command.find_first_not_of("@-:+!|"), command.size());
  const std::string_view prefixes = command.substr(0, first);
  if (prefixes.find_first_of("+-") != std::string_view::npos) return {};
  command.remove_prefix(first);
  const auto words = host::unit_words(command.substr(0, command.find_first_of(" \t")));
  if (!words || words->empty() || !words->front().starts_with('/')) return {};
  return words->front();
}

void observe_surroundings(const std::string& root, const fs::path& host,
                          const std::vector<std::string>& words, ObservedRunner& observed) {
  const std::vector<std::string> texts = observed.unit.texts();
  for (const char* setting : {"ExecCondition", "ExecStartPre", "ExecStartPost"}) {
    for (const std::string& command : host::settings(texts, "Service", setting)) {
      const std::string program = program_in_view(command);
      if (program.empty()) continue;
      observed.helpers.emplace_back(setting, program);
      observed.on_host[program] = is_file(on(host, program));
      if (!root.empty()) observed.inside[program] = is_inside(root, program);
    }
  }
  const auto directories = host::settings(texts, "Service", "WorkingDirectory");
  if (!directories.empty() && directories.back().starts_with('/') &&
      directories.back().find('%') == std::string::npos) {
    observed.directory = directories.back();
  }
  if (root.empty()) return;
  if (!observed.directory.empty())
    observed.places[observed.directory] = is_there(root, observed.directory);
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string path = path_in_etc(words[i]);
    std::error_code error;
    if (path.empty() || !fs::exists(on(host, path), error)) continue;
    observed.arguments.push_back(path);
    observed.places[path] = is_there(root, path);
  }
  for (const std::string& target : host::mount_targets(texts))
    observed.places[target] = is_there(root, target);
}

// The words of the first command. The value of a specifier in it is known only when it runs.
std::vector<std::string> command_words(const ObservedUnit& unit) {
  const std::vector<std::string> commands = host::settings(unit.texts(), "Service", "ExecStart");
  if (commands.empty()) return {};
  std::string_view line = commands.front();
  line.remove_prefix(std::min(line.find_first_not_of("@-:+!|"), line.size()));
  auto words = host::unit_words(line);
  if (words) return *std::move(words);
  // The first word is the program, even if the rest of the line cannot be parsed.
  const auto first = host::unit_words(line.substr(0, line.find_first_of(" \t")));
  return first ? *first : std::vector<std::string>{};
}

// The command line of gitlab-runner contains the user that jobs run as.
std::string user_argument(const std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.starts_with("--user=")) return word.substr(7);
    if ((word == "--user" || word == "-u") && i + 1 < words.size()) return words[i + 1];
  }
  return {};
}

struct Account {
  bool exists = false;
  std::string home;
};

Account account(const std::string& name) {
  std::array<char, 16384> buffer{};
  struct passwd entry = {};
  struct passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0)
    return {true, ""};
  // systemd also accepts a number as the user.
  const bool number = name.find_first_not_of("0123456789") == std::string::npos;
  if (found == nullptr) return {number, ""};
  return {true, found->pw_dir};
}

// The interpreter in a line like "#!/usr/bin/env node": here /usr/bin/env. The program that env
// then searches for is not known here.
std::string interpreter(const fs::path& program) {
  const auto file = base::open_path(program, O_RDONLY | O_NONBLOCK);
  if (!file) return {};
  std::array<char, 256> start{};
  const auto size = ::read(file->get(), start.data(), start.size());
  std::string_view line(start.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
  if (!line.starts_with("#!")) return {};
  line = base::trim(line.substr(2, line.find('\n') - 2));
  const std::string path(line.substr(0, line.find_first_of(" \t")));
  return path.starts_with('/') ? path : std::string();
}

// The programs below /usr that the .env beside a GitHub runner's program names as hooks of jobs.
std::vector<std::string> hooks_of(const ObservedRunner& observed, const std::string& program) {
  std::vector<std::string> hooks;
  const auto env = observed.files.find((fs::path(program).parent_path() / ".env").native());
  if (env == observed.files.end()) return hooks;
  for (const auto& [name, value] : file_variables(env->second)) {
    if (name.starts_with("ACTIONS_RUNNER_HOOK_") && value.starts_with("/usr/"))
      hooks.push_back(value);
  }
  return hooks;
}

}  // namespace

std::vector<std::string> ObservedUnit::texts() const {
  std::vector<std::string> all;
  for (const UnitSource& source : sources) all.push_back(source.text);
  return all;
}

ObservedUnit observe_unit(const std::string& name, const std::string& load,
                          const std::string& fragment, const std::string& drop_ins,
                          const fs::path& host) {
  ObservedUnit unit{name, load, {}};
  std::map<std::string, std::string> texts;
  const auto add = [&](const std::string& path) {
    read(host, path, texts);
    if (texts.contains(path)) unit.sources.push_back({path, texts[path]});
  };
  add(fragment);
  for (const std::string_view path : base::split(drop_ins, ' ')) add(std::string(path));
  return unit;
}

std::vector<std::string> environment_files(const ObservedUnit& unit, const fs::path& host) {
  std::vector<std::string> paths;
  for (const std::string& value : host::settings(unit.texts(), "Service", "EnvironmentFile")) {
    // The rest of the line is the path: systemd removes no quotes there.
    const std::string path = host::plain_line(value.starts_with('-') ? value.substr(1) : value);
    if (path.empty()) continue;
    if (!path.starts_with('/') || path.find_first_of("*?[") == std::string::npos) {
      paths.push_back(path);
    } else {
      add_matches(host, path, paths);
    }
  }
  return paths;
}

std::map<std::string, std::string> file_variables(const std::string& text) {
  std::map<std::string, std::string> all;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = base::trim(raw);
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || line.starts_with(';') || equals == std::string_view::npos)
      continue;
    std::string_view value = base::trim(line.substr(equals + 1));
    const bool quoted = value.size() > 1 && (value.front() == '"' || value.front() == '\'') &&
                        value.back() == value.front();
    if (quoted) value = value.substr(1, value.size() - 2);
    all.insert_or_assign(std::string(base::trim(line.substr(0, equals))), std::string(value));
  }
  return all;
}

ObservedRunner observe_runner(const declare::Runner& runner, ObservedUnit unit,
                              const std::string& root, const fs::path& host) {
  ObservedRunner observed;
  observed.unit = std::move(unit);
  if (observed.unit.load == "not-found")
    observed.user_unit = activate::user_unit_file(activate::Layout(host), observed.unit.name);
  const std::vector<std::string> words = command_words(observed.unit);
  if (!words.empty() && words.front().starts_with('/')) observed.program = words.front();
  const std::vector<std::string> users = host::settings(observed.unit.texts(), "Service", "User");
  observed.user = users.empty() ? "root" : users.back();
  const declare::RunnerKind& kind = declare::runner_kind(runner.kind);
  if (kind.overlaid == declare::Overlaid::profile) {
    if (const std::string user = user_argument(words); !user.empty()) observed.user = user;
  }
  // systemd makes the user of DynamicUser=.
  const bool known =
      observed.user.find('%') == std::string::npos && !has_dynamic_user(observed.unit.texts());
  const Account who = known ? account(observed.user) : Account{true, ""};
  observed.user_exists = who.exists;

  observed.variable_files = environment_files(observed.unit, host);
  for (const std::string& path : observed.variable_files) read(host, path, observed.files);
  const std::string program = runner.program.empty() ? observed.program : runner.program;
  if (kind.overlaid == declare::Overlaid::path_file && !program.empty()) {
    const fs::path installation = fs::path(program).parent_path();
    read(host, (installation / ".path").native(), observed.files);
    read(host, (installation / ".env").native(), observed.files);
  }
  observed.configuration = configuration_file(kind, words);
  read(host, observed.configuration, observed.files);
  if (const auto text = observed.files.find(observed.configuration); text != observed.files.end()) {
    const std::vector<std::string> more = engine_variables(kind, text->second).files;
    for (const std::string& path : more) read(host, path, observed.files);
  }
  if (kind.overlaid == declare::Overlaid::profile && !who.home.empty()) {
    for (const char* name : {".bash_profile", ".bash_login", ".profile", ".bash_logout"}) {
      read(host, (fs::path(who.home) / name).native(), observed.files);
    }
  }
  std::vector<std::string> programs{observed.program, runner.program};
  const std::vector<std::string> hooks = hooks_of(observed, program);
  for (const std::string& hook : hooks) {
    if (!root.empty()) observed.places[hook] = is_there(root, hook);
  }
  if (!program.empty()) programs.push_back(interpreter(on(host, program)));
  for (const std::string& path : programs) {
    if (path.empty()) continue;
    observed.on_host[path] = is_file(on(host, path));
    if (!root.empty()) observed.inside[path] = is_inside(root, path);
  }
  observe_surroundings(root, host, words, observed);
  observed.unusable = unusable_paths(observed.unit, root, host);
  return observed;
}

}  // namespace ccci::doctor
