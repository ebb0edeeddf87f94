// SPDX-License-Identifier: GPL-3.0-or-later
#include "doctor/unit_command.hpp"

#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "host/unit_text.hpp"

namespace ccci::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_variables = 1U << 20U;

using Variables = std::map<std::string, std::string>;

std::string last(const ObservedUnit& unit, std::string_view key) {
  const auto values = host::settings(unit.texts(), "Service", key);
  return values.empty() ? std::string() : values.back();
}

std::string value_of(const Variables& variables, const std::string& name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

// systemd replaces "${NAME}" in a word, and a word "$NAME" by the words of the value. "$$" is "$".
void add_expanded(const std::string& word, const Variables& variables,
                  std::vector<std::string>& words) {
  if (word.size() > 1 && word[0] == '$' && word[1] != '{' && word[1] != '$') {
    for (const std::string_view part : base::split(value_of(variables, word.substr(1)), ' '))
      if (!part.empty()) words.emplace_back(part);
    return;
  }
  std::string result;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::size_t end = word.find('}', i);
    if (word.compare(i, 2, "${") == 0 && end != std::string::npos) {
      result += value_of(variables, word.substr(i + 2, end - i - 2));
      i = end;
    } else {
      if (word.compare(i, 2, "$$") == 0) ++i;
      result += word[i];
    }
  }
  words.push_back(std::move(result));
}

base::Result<void> take_account(const std::string& name, UnitCommand& command) {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return base::unexpected(base::fail("doctor.unit-user").with("user", name));
  command.uid = entry.pw_uid;
  command.gid = entry.pw_gid;
  int count = 64;
  command.groups.resize(static_cast<std::size_t>(count));
  if (getgrouplist(name.c_str(), entry.pw_gid, command.groups.data(), &count) < 0) {
    command.groups.resize(static_cast<std::size_t>(count));
    getgrouplist(name.c_str(), entry.pw_gid, command.groups.data(), &count);
  }
  command.groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  command.variables.insert(
      {{"HOME", entry.pw_dir}, {"USER", name}, {"LOGNAME", name}, {"SHELL", entry.pw_shell}});
  return {};
}

void take_variables(const ObservedUnit& unit, const fs::path& host, Variables& variables) {
  for (const std::string& line : host::settings(unit.texts(), "Service", "Environment")) {
    const auto words = host::unit_words(line);
    if (!words) continue;
    for (const std::string& word : *words) {
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos)
        variables.insert_or_assign(word.substr(0, equals), word.substr(equals + 1));
    }
  }
  for (const std::string& path : environment_files(unit, host)) {
    if (!path.starts_with('/')) continue;
    const auto text = base::read_file(host / path.substr(1), largest_variables);
    if (!text) continue;
    for (auto& [name, value] : file_variables(*text)) variables.insert_or_assign(name, value);
  }
}

}  // namespace

std::vector<std::string> UnitCommand::environment() const {
  std::vector<std::string> all;
  for (const auto& [name, value] : variables) {
    std::string line = name;
    line += '=';
    all.push_back(line + value);
  }
  return all;
}

base::Result<UnitCommand> unit_command(const ObservedUnit& unit, const fs::path& host) {
  if (unit.load != "loaded")
    return base::unexpected(base::fail("doctor.unit-missing", base::Condition::not_found)
                                .with("unit", unit.name)
                                .with("found", unit.load.empty() ? "no answer" : unit.load));
  const auto wrong = [&](const std::string& why) {
    return base::unexpected(
        base::fail("doctor.unit-command").with("unit", unit.name).with("why", why));
  };
  const auto starts = host::settings(unit.texts(), "Service", "ExecStart");
  if (starts.size() != 1)
    return wrong("expected one ExecStart=, found " + std::to_string(starts.size()));
  const std::string line = starts.front().substr(
      std::min(starts.front().find_first_not_of("@-:+!|"), starts.front().size()));
  const auto words = host::unit_words(line);
  if (!words || words->empty())
    return wrong("the words of its ExecStart= are known only to systemd: " + line);
  UnitCommand command;
  command.user = last(unit, "User");
  command.variables["PATH"] = base::standard_path;
  if (!command.user.empty()) CCCI_CHECK(take_account(command.user, command));
  take_variables(unit, host, command.variables);
  command.directory = last(unit, "WorkingDirectory");
  if (command.directory.starts_with('-')) command.directory.erase(0, 1);
  if (command.directory == "~") command.directory = value_of(command.variables, "HOME");
  if (!command.directory.starts_with('/')) command.directory = "/";
  for (const std::string& word : *words) add_expanded(word, command.variables, command.words);
  if (command.words.empty()) return wrong("its ExecStart= is empty");
  return command;
}

}  // namespace ccci::doctor
